"""Journalled frames → SIP messages: link layers, fragments, TCP order, and scapy for what those do not know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from recordings.pipeline.capture.fragments import Reassembler
from recordings.pipeline.capture.frames import Datagram, Decoded, DecodeError, Fragment, Frame, Segment
from recordings.pipeline.capture.link import decode, is_known_link
from recordings.pipeline.signalling.sip import SipError, SipMessage, looks_like_sip, parse
from recordings.pipeline.signalling.tcp import Connections

Dissect = Callable[[Frame], Decoded | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A SIP message on the wire. `number` is the record that completed it, `first` the first that it needs,
    `index` its place among the messages of that record."""

    number: int
    first: int
    index: int
    time_ns: int
    source: str
    destination: str
    transport: str
    raw: bytes
    message: SipMessage


class Wire:
    """Feed it the frames in order. `dissect` reads frames of link types that `capture.link` does not know."""

    def __init__(self, dissect: Dissect | None = None) -> None:
        self.dissect = dissect
        self.fragments = Reassembler()
        self.connections = Connections()
        self.run_start = 0  # first record of the last unbroken run of fragments: those of one message stand together
        self.run_end = -1
        self.malformed = 0
        self.messages = 0

    def feed(self, number: int, frame: Frame) -> list[Seen]:
        """The SIP messages that this frame completes; malformed frames and messages are counted."""
        first = number
        try:
            decoded = decode(frame) if is_known_link(frame.link) or not self.dissect else self.dissect(frame)
            if isinstance(decoded, Fragment):
                first = self._run(number)
                whole = self.fragments.add(frame, decoded)
                decoded = whole.decoded if whole else None
        except DecodeError:
            self.malformed += 1
            return []
        return list(self._messages(number, first, decoded))

    def _run(self, number: int) -> int:
        if self.run_end != number - 1:
            self.run_start = number
        self.run_end = number
        return self.run_start

    def _messages(self, number: int, first: int, decoded: Decoded | None) -> Iterator[Seen]:
        if isinstance(decoded, Datagram):
            if looks_like_sip(decoded.payload):
                yield from self._parsed(number, [(first, decoded.payload)], decoded, "udp")
        elif isinstance(decoded, Segment):
            found = self.connections.feed(decoded, number)
            yield from self._parsed(number, found, decoded, self.connections.transport(decoded))

    def _parsed(
        self, number: int, found: list[tuple[int, bytes]], origin: Datagram | Segment, transport: str
    ) -> Iterator[Seen]:
        for index, (first, raw) in enumerate(found):
            try:
                message = parse(raw)
            except SipError:
                self.malformed += 1
                continue
            self.messages += 1
            place = (origin.time_ns, origin.source, origin.destination, transport)
            yield Seen(number, min(first, number), index, *place, raw, message)

    def flush(self, number: int, time_ns: int) -> list[Seen]:
        """At the end of a capture: messages over TCP that lack a part of their body."""
        found = []
        for index, ((source, destination), first, raw) in enumerate(self.connections.flush()):
            try:
                found.append(Seen(number, first, index, time_ns, source, destination, "tcp", raw, parse(raw)))
            except SipError:
                self.malformed += 1
        return found

    def pending(self, now_ns: int) -> int | None:
        """The first record that an unfinished message still needs."""
        fragments = self.run_start if len(self.fragments) else None
        needed = [number for number in (fragments, self.connections.pending(now_ns)) if number is not None]
        return min(needed) if needed else None

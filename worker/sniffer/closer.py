"""Frames that the classifier leaves: decoded one by one, into RTP packets and frames for the journal."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture import flowkey, link
from recordings.pipeline.capture.batch import Batch, Int64s
from recordings.pipeline.capture.beginnings import SIP_START
from recordings.pipeline.capture.classify import RTCP_TYPES, Interest, classify
from recordings.pipeline.capture.fragments import Reassembled, Reassembler
from recordings.pipeline.capture.frames import Datagram, DecodeError, Fragment, Frame, Segment, parse_endpoint
from recordings.pipeline.capture.merged import pieces
from recordings.pipeline.capture.packets import Packets
from recordings.pipeline.capture.turn import COOKIE, relay, relayed
from recordings.pipeline.spool.journal import LARGEST, Kind, frame_payload
from recordings.pipeline.spool.policy import Policy
from recordings.pipeline.spool.streams import CUT
from worker.sniffer.flows import Wrappings
from worker.sniffer.lifetime import Event
from worker.sniffer.shared import Control, Word

_MAX_CONNECTIONS = 8192
_MAX_WRAPPINGS = 4096
_UNKNOWN_PER_SECOND = 200
_SYN_FIN_RST = 0x07


@dataclass(slots=True)
class _Found:
    """RTP packets that were found one by one, to be stored all at once."""

    payloads: list[bytes] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)

    def packets(self) -> Packets:
        lengths = np.array([len(payload) for payload in self.payloads], np.int64)
        order = np.argsort(self.rows, kind="stable")
        keys: NDArray[np.uint64] = np.frombuffer(b"".join(self.keys), np.uint64).reshape(-1, flowkey.WORDS)
        return Packets(
            np.frombuffer(b"".join(self.payloads), np.uint8),
            np.array(self.rows, np.int64)[order],
            (np.cumsum(lengths) - lengths)[order],
            lengths[order],
            np.array(self.times, np.int64)[order],
            keys[order],
            np.array(self.flags, np.uint8)[order],
        )


def rtp_or_rtcp(payload: bytes) -> str:
    """ "rtp", "rtcp" or "": what a datagram's payload looks like (RFC 3550, RFC 5761 section 4)."""
    if len(payload) < 8 or payload[0] >> 6 != 2:
        return ""
    if payload[1] in RTCP_TYPES:
        return "rtcp"
    return "rtp" if len(payload) >= 12 + 4 * (payload[0] & 15) else ""


class CloserLook:
    """Knows the TCP connections that carry SIP, and puts fragments together."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.interest = Interest(Policy().sip_ports, np.zeros(0, np.uint64))
        self.reassembler = Reassembler()
        self.wrappings: Wrappings = {}
        self._connections: OrderedDict[int, None] = OrderedDict()
        self._unknown: dict[int, int] = {}
        self._grown = False

    def obey(self, policy: Policy) -> None:
        self.interest.sip_ports = policy.sip_ports

    def learn(self, wrappings: Wrappings) -> None:
        """Note what path words mean; it is needed only until the flow has its slot."""
        if len(self.wrappings) > _MAX_WRAPPINGS:
            self.wrappings.clear()
        self.wrappings.update(wrappings)

    def look(self, batch: Batch, rows: Int64s) -> tuple[Packets, list[Event]]:
        """RTP packets, and frames for the journal, among these rows."""
        found = _Found()
        events: list[Event] = []
        self._each(batch, rows, found, events)
        if self._grown:  # what the same connections said in this batch was sorted out before they were known
            self._note_connections()
            again = np.setdiff1d(classify(batch, self.interest).slow, rows)
            self.control.add(Word.OTHER, -len(again))
            self._each(batch, again, found, events)
            self._note_connections()
        return found.packets(), events

    def _each(self, batch: Batch, rows: Int64s, found: _Found, events: list[Event]) -> None:
        for row in rows.tolist():
            try:
                self._one(row, batch.frame(row), found, events)
            except DecodeError:
                self.control.add(Word.MALFORMED, 1)

    def _note_connections(self) -> None:
        if self._grown:
            self._grown = False
            self.interest.connections = np.array(list(self._connections), np.uint64)

    def _one(self, row: int, frame: Frame, found: _Found, events: list[Event]) -> None:
        decoded = link.decode(frame)
        frames: tuple[Frame, ...] = (frame,)
        if isinstance(decoded, Fragment):
            whole = self._piece(frame, decoded)
            if whole is None:
                return
            decoded, frames = whole.decoded, whole.frames
        if isinstance(decoded, Datagram):
            wanted = self._datagram(row, decoded, found)
        elif isinstance(decoded, Segment):
            wanted = self._segment(row, decoded, found)
        else:
            wanted = self._unknown_wrapping(frame)
        if wanted:
            self._keep(row, frames, events)
        elif not isinstance(decoded, Datagram):
            self.control.add(Word.OTHER, 1)

    def _piece(self, frame: Frame, fragment: Fragment) -> Reassembled | None:
        given_up = self.reassembler.dropped
        whole = self.reassembler.add(frame, fragment)
        self.control.add(Word.FRAGMENTS, 1)
        self.control.add(Word.FRAGMENTS_LOST, self.reassembler.dropped - given_up)
        return whole

    def _datagram(self, row: int, datagram: Datagram, found: _Found) -> bool:
        """Whether it belongs in the journal."""
        payload = datagram.payload
        kind = rtp_or_rtcp(payload)
        if not kind and (found_inside := relayed(payload)):
            for inner in found_inside:
                self._datagram(row, relay(datagram, inner), found)
            return False
        if kind == "rtp":
            key = self._key(datagram)
            for piece in [payload] if datagram.missing else pieces(payload):
                found.payloads.append(piece)
                found.rows.append(row)
                found.times.append(datagram.time_ns)
                found.keys.append(key)
                found.flags.append(CUT if datagram.missing else 0)
            return False
        if kind == "rtcp":
            self.control.add(Word.RTCP, 1)
            return False
        if SIP_START.match(payload):
            return True
        if len(payload.strip(b"\r\n\0")) >= 4 and self._on_sip_port(datagram) and payload[4:8] != COOKIE:
            return True  # whatever is said on a SIP port, but keep-alives and STUN (RFC 5626)
        self.control.add(Word.OTHER, 1)
        return False

    def _key(self, datagram: Datagram) -> bytes:
        word = flowkey.path(datagram.encapsulation, datagram.vlan)
        if word & flowkey.WRAPPED:
            self.learn({word: (datagram.encapsulation, datagram.vlan)})
        return flowkey.pack(datagram.source, datagram.destination, datagram.encapsulation, datagram.vlan)

    def _segment(self, row: int, segment: Segment, found: _Found) -> bool:
        if not segment.payload and not segment.flags & _SYN_FIN_RST:
            return False
        for inner in relayed(segment.payload):
            self._datagram(row, relay(segment, inner), found)
        if self._on_sip_port(segment):
            return True
        key = _connection(segment)
        if key in self._connections:
            self._connections.move_to_end(key)
            return True
        if not self.interest.begins(segment.payload):
            return False
        self._connections[key] = None
        while len(self._connections) > _MAX_CONNECTIONS:
            self._connections.popitem(last=False)
        self._grown = True
        return True

    def _on_sip_port(self, packet: Datagram | Segment) -> bool:
        ports = self.interest.sip_ports
        return parse_endpoint(packet.source)[1] in ports or parse_endpoint(packet.destination)[1] in ports

    def _unknown_wrapping(self, frame: Frame) -> bool:
        """SIP in a frame that we cannot decode; signalling has another look at it. Bounded per second."""
        if b"SIP/2.0" not in frame.data:
            return False
        second = frame.time_ns // 10**9
        count = self._unknown.get(second, 0) + 1
        self._unknown = {second: count}
        self.control.add(Word.UNKNOWN, 1)
        return count <= _UNKNOWN_PER_SECOND

    def _keep(self, row: int, frames: tuple[Frame, ...], events: list[Event]) -> None:
        for frame in frames:
            payload = frame_payload(frame)
            if len(payload) <= LARGEST:
                events.append(Event(row, Kind.FRAME, frame.time_ns, payload))


def _connection(segment: Segment) -> int:
    key = flowkey.pack(segment.source, segment.destination, "", ())
    return int(flowkey.connection_keys(np.frombuffer(key, np.uint64).reshape(1, flowkey.WORDS))[0])

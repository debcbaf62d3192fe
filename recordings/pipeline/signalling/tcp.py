"""SIP over TCP: segments into order (RFC 9293), order into messages by Content-Length (RFC 3261 section 18.3)."""

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from recordings.pipeline.capture.beginnings import HANDSHAKE, begins_websocket
from recordings.pipeline.capture.frames import Segment
from recordings.pipeline.signalling.sip import content_length
from recordings.pipeline.signalling.websocket import WebSocket

MOST_CONNECTIONS = 10_000
MOST_BYTES = 256 << 10  # of one direction: what waits for a missing segment, and what waits for the rest of a message
MOST_WAITING = 256
MOST_TOGETHER = 128 << 20  # of all directions
STALE_NS = 30 * 10**9
HOLE_NS = 2 * 10**9  # a segment that is this late was not captured
FIN, SYN, RST = 1, 2, 4
_START = re.compile(
    rb"(?:^|(?<=\n))(?:SIP/2\.0 [1-6][0-9]{2}|[A-Z]{3,20} [^\r\n]{1,4000} SIP/2\.0(?=\r?\n))", re.MULTILINE
)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:([^\r\n]{0,20})", re.IGNORECASE)


@dataclass(slots=True)
class Framer:
    """Cuts a byte stream into SIP messages; what is no SIP is skipped up to the next start line."""

    transport = "tcp"
    buffer: bytearray = field(default_factory=bytearray)
    first: int = 0  # number of the record that brought the first byte of the buffer
    since_ns: int = 0
    searched: int = 0  # of the buffer, for the end of the head: segments may be one byte each

    @property
    def held(self) -> int:
        return len(self.buffer)

    def feed(self, data: bytes, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        """(first record, message) for each message that is now whole."""
        if not self.buffer:
            self.first, self.since_ns, self.searched = number, time_ns, 0
        self.buffer += data
        found = []
        while (message := self._next()) is not None:
            found.append((self.first, message))
            self.first, self.since_ns = number, time_ns
        return found

    def flush(self) -> list[tuple[int, bytes]]:
        """The message that lacks a part of its body, where the stream ends or has a hole."""
        data, self.buffer = bytes(self.buffer), bytearray()
        return [(self.first, data)] if _START.match(data) and _HEAD_END.search(data) else []

    def _next(self) -> bytes | None:
        self._resynchronise()
        end = _HEAD_END.search(self.buffer, max(0, min(self.searched, len(self.buffer)) - 4))
        if not end:
            self.searched = len(self.buffer)
            if len(self.buffer) > MOST_BYTES:
                self.buffer.clear()
            return None
        found = _LENGTH.search(self.buffer, 0, end.start() + 1)
        length = (content_length(found.group(1).decode("latin-1")) if found else None) or 0
        if end.end() + length > MOST_BYTES:  # nobody sends that; the head is worth keeping, the body is not
            length = 0
        if len(self.buffer) < end.end() + length:
            return None
        message = bytes(self.buffer[: end.end() + length])
        del self.buffer[: end.end() + length]
        self.searched = 0
        return message

    def _resynchronise(self) -> None:
        if _START.match(self.buffer) or not self.buffer:
            return
        found = _START.search(self.buffer)
        self.searched = 0
        if found:
            del self.buffer[: found.start()]
            return
        line = self.buffer.rfind(b"\n") + 1  # a start line may have begun
        if line == len(self.buffer) or len(self.buffer) - line > 8192:
            self.buffer.clear()
        else:
            del self.buffer[:line]


@dataclass(slots=True)
class Half:
    """One direction of a connection."""

    framer: Framer | WebSocket = field(default_factory=Framer)
    next: int | None = None
    waiting: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    since: int = 0
    since_ns: int = 0

    def feed(self, segment: Segment, number: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        if segment.flags & SYN:
            found += self._restart((segment.sequence + 1) & 0xFFFFFFFF)
        elif segment.payload:
            found += self._data(segment, number)
        if segment.flags & (FIN | RST):
            found += self._skip_holes(number, segment.time_ns) + self.framer.flush()
        return found

    def _restart(self, sequence: int) -> list[tuple[int, bytes]]:
        """A repeated SYN changes nothing; another one is another connection."""
        if sequence == self.next:
            return []
        self.next = sequence
        self.waiting.clear()
        self.size = 0
        found, self.framer = self.framer.flush(), Framer()
        return found

    def _data(self, segment: Segment, number: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        ahead = 0 if self.next is None else _distance(self.next, segment.sequence)
        if self.next is None or abs(ahead) > 1 << 24:  # seen from the middle, or ports used again
            found += self._restart(segment.sequence)
            ahead = 0
        if ahead <= 0:
            found += self._append(segment.payload[-ahead:], number, segment.time_ns)
            if segment.missing:  # cut off by the snapshot length: the rest of the message is gone
                found += self.framer.flush()
                self.next = ((self.next or 0) + segment.missing) & 0xFFFFFFFF
            return found + self._drain(number, segment.time_ns)
        if not self.waiting:
            self.since, self.since_ns = number, segment.time_ns
        if len(segment.payload) > len(self.waiting.get(segment.sequence, b"")):
            self.size += len(segment.payload) - len(self.waiting.get(segment.sequence, b""))
            self.waiting[segment.sequence] = segment.payload
        late = segment.time_ns - self.since_ns > HOLE_NS
        if late or self.size > MOST_BYTES or len(self.waiting) > MOST_WAITING:
            found += self._skip_holes(number, segment.time_ns)
        return found

    def _append(self, data: bytes, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        self.next = ((self.next or 0) + len(data)) & 0xFFFFFFFF
        cut = HANDSHAKE.match(data) and b"\r\n\r\n" not in data  # a handshake whose rest is still to come
        if cut or begins_websocket(data):  # also where what came before was cut off by a hole
            found = self.framer.flush()
            self.framer = self.framer if isinstance(self.framer, WebSocket) else WebSocket()
            return found + self.framer.feed(data, number, time_ns)
        return self.framer.feed(data, number, time_ns) if data else []

    def _drain(self, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        while self.waiting:
            nearest = min(self.waiting, key=lambda sequence: _distance(self.next or 0, sequence))
            ahead = _distance(self.next or 0, nearest)
            if ahead > 0:
                break
            data = self.waiting.pop(nearest)
            self.size -= len(data)
            found += self._append(data[-ahead:] if ahead else data, number, time_ns)
        return found

    def _skip_holes(self, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        while self.waiting:
            found += self.framer.flush()
            self.next = min(self.waiting, key=lambda sequence: _distance(self.next or 0, sequence))
            found += self._drain(number, time_ns)
        return found

    @property
    def held(self) -> int:
        return self.size + self.framer.held

    def pending(self, now_ns: int) -> int | None:
        """The first record that an unfinished message needs; what is too old is given up."""
        if self.waiting and now_ns - self.since_ns > STALE_NS:
            self.waiting.clear()
            self.size = 0
            self.next = None
        if self.framer.held and now_ns - self.framer.since_ns > STALE_NS:
            self.framer.flush()
        needed = [self.since] * bool(self.waiting) + [self.framer.first] * bool(self.framer.held)
        return min(needed) if needed else None


def _distance(start: int, end: int) -> int:
    """Signed, modulo 2³²: how far `end` is after `start`."""
    return ((end - start + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


class Connections:
    """All TCP directions seen, the least recently used forgotten first."""

    def __init__(self) -> None:
        self.halves: OrderedDict[tuple[str, str], Half] = OrderedDict()
        self.held = 0

    def feed(self, segment: Segment, number: int) -> list[tuple[int, bytes]]:
        """(first record, bytes) of each SIP message that this segment completes."""
        key = (segment.source, segment.destination)
        half = self.halves.get(key)
        if half is None:
            half = self.halves[key] = Half()
        self.halves.move_to_end(key)
        before = half.held
        found = half.feed(segment, number)
        self.held += half.held - before
        while len(self.halves) > MOST_CONNECTIONS or self.held > MOST_TOGETHER:
            self.held -= self.halves.popitem(last=False)[1].held
        return found

    def transport(self, segment: Segment) -> str:
        """What carries the messages of this direction: "tcp" or "ws"."""
        half = self.halves.get((segment.source, segment.destination))
        return half.framer.transport if half else "tcp"

    @property
    def compressed(self) -> int:
        """WebSocket messages on the present connections that cannot be read."""
        return sum(half.framer.compressed for half in self.halves.values() if isinstance(half.framer, WebSocket))

    def flush(self) -> list[tuple[tuple[str, str], int, bytes]]:
        """What is incomplete when the capture ends."""
        found = [(key, first, data) for key, half in self.halves.items() for first, data in half.framer.flush()]
        self.held = sum(half.held for half in self.halves.values())
        return found

    def pending(self, now_ns: int) -> int | None:
        """The first record that an unfinished message still needs."""
        needed = [number for half in self.halves.values() if (number := half.pending(now_ns)) is not None]
        self.held = sum(half.held for half in self.halves.values())
        return min(needed) if needed else None

"""SIP over TCP: segments into order (RFC 9293), order into messages by Content-Length (RFC 3261 section 18.3)."""

from collections import OrderedDict
from dataclasses import dataclass, field

from recordings.pipeline.capture.beginnings import CLIENT_HELLO, begins_tls
from recordings.pipeline.capture.frames import Segment
from recordings.pipeline.signalling.framer import MOST_BYTES, Framer, Reader, TlsReader, follow
from recordings.pipeline.signalling.keylog import KeyLog
from recordings.pipeline.signalling.tls import Session, Side

MOST_CONNECTIONS = 10_000
MOST_WAITING = 256
MOST_TOGETHER = 128 << 20  # of all directions
STALE_NS = 30 * 10**9
HOLE_NS = 2 * 10**9  # a segment that is this late was not captured
FIN, SYN, RST = 1, 2, 4


@dataclass(slots=True)
class Half:
    """One direction of a connection."""

    log: KeyLog | None = None
    opposite: "Half | None" = field(default=None, repr=False)
    framer: Reader = field(default_factory=Framer)
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
        if not data:
            return []
        self.framer, found = self._follow(data)
        return found + self.framer.feed(data, number, time_ns)

    def _follow(self, data: bytes) -> tuple[Reader, list[tuple[int, bytes]]]:
        """The reader for what begins here, and what the one so far still held."""
        if self.log is None or isinstance(self.framer, TlsReader) or not begins_tls(data):
            return follow(self.framer, data)
        peer = self.opposite.framer if self.opposite else None
        client = data[5] == CLIENT_HELLO
        session = peer.side.session if isinstance(peer, TlsReader) and not client else Session(self.log)
        return TlsReader(Side(session, client)), self.framer.flush()

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

    def __init__(self, log: KeyLog | None = None) -> None:
        self.log = log
        self.halves: OrderedDict[tuple[str, str], Half] = OrderedDict()
        self.held = 0

    def feed(self, segment: Segment, number: int) -> list[tuple[int, bytes]]:
        """(first record, bytes) of each SIP message that this segment completes."""
        key = (segment.source, segment.destination)
        half = self.halves.get(key)
        if half is None:
            half = self.halves[key] = Half(self.log)
            half.opposite = self.halves.get((segment.destination, segment.source))
            if half.opposite:
                half.opposite.opposite = half
        self.halves.move_to_end(key)
        before = half.held
        found = half.feed(segment, number)
        self.held += half.held - before
        while len(self.halves) > MOST_CONNECTIONS or self.held > MOST_TOGETHER:
            self.held -= self.halves.popitem(last=False)[1].held
        return found

    def transport(self, segment: Segment) -> str:
        """What carries the messages of this direction: "tcp", "tls", "ws" or "wss"."""
        half = self.halves.get((segment.source, segment.destination))
        return half.framer.transport if half else "tcp"

    @property
    def compressed(self) -> int:
        """WebSocket messages on the present connections that cannot be read."""
        return sum(half.framer.compressed for half in self.halves.values())

    @property
    def unreadable(self) -> list[str]:
        """Why TLS connections with a ClientHello cannot be read, each reason once."""
        sides = [half.framer.side for half in self.halves.values() if isinstance(half.framer, TlsReader)]
        return sorted({side.dead for side in sides if side.dead})

    def flush(self) -> list[tuple[tuple[str, str], str, int, bytes]]:
        """What is incomplete when the capture ends: ends, transport, first record and bytes."""
        found = [
            (key, half.framer.transport, first, data)
            for key, half in self.halves.items()
            for first, data in half.framer.flush()
        ]
        self.held = sum(half.held for half in self.halves.values())
        return found

    def pending(self, now_ns: int) -> int | None:
        """The first record that an unfinished message still needs."""
        needed = [number for half in self.halves.values() if (number := half.pending(now_ns)) is not None]
        self.held = sum(half.held for half in self.halves.values())
        return min(needed) if needed else None

"""IP fragments → what was fragmented, and the frames that brought it; bounded in number, bytes and time."""

from collections import OrderedDict
from dataclasses import dataclass, field

from recordings.pipeline.capture.frames import Decoded, Fragment, Frame
from recordings.pipeline.capture.link import decode_whole
from recordings.pipeline.capture.walk import MAX_TUNNELS

MAX_PACKETS = 4096
MAX_BYTES = 32 << 20
SECONDS = 30  # RFC 791 says 15, RFC 8200 says 60
_DUPLICATE_SECONDS = 1
_DUPLICATE_PIECES = 64  # 64 KiB in fragments of a thousand bytes
_FRAME_COST = 256  # what Python keeps beside a frame's bytes
_UNIT = 8
_Key = tuple[bytes, bytes, int, int, tuple[int, ...], str]


@dataclass(frozen=True, slots=True)
class Reassembled:
    """`decoded`: what the packet carries (None where no call can); `frames`: all that brought it, as they came."""

    decoded: Decoded | None
    frames: tuple[Frame, ...]


@dataclass(slots=True)
class _Packet:
    """A packet with holes. The bytes that came first stay, unit of 8 bytes by unit."""

    time_ns: int
    data: bytearray = field(default_factory=bytearray)
    filled: bytearray = field(default_factory=bytearray)  # 1 per unit that is there
    have: int = 0
    total: int | None = None
    protocol: int = 0
    frames: list[Frame] = field(default_factory=list)
    pieces: set[int] = field(default_factory=set)
    _kept: int = 0

    @property
    def cost(self) -> int:
        """Bytes of memory, about."""
        return self._kept + 2 * len(self.data) + _FRAME_COST

    def add(self, fragment: Fragment, frames: tuple[Frame, ...]) -> None:
        """Put in what is new of a fragment, and note the frames if anything was."""
        end = fragment.offset + len(fragment.payload)
        if self.total is not None and (end > self.total or (not fragment.more and end != self.total)):
            return
        if not fragment.more and end < len(self.data):
            return
        if not self._fill(fragment.offset, fragment.payload):
            return
        if not fragment.more:
            self.total = end
        if fragment.offset == 0:
            self.protocol = fragment.protocol
        self.frames.extend(frames)
        self.pieces.add(_piece(fragment))
        self._kept += sum(len(frame.data) + _FRAME_COST for frame in frames)

    def _fill(self, offset: int, payload: bytes) -> bool:
        start, stop = offset // _UNIT, -(-(offset + len(payload)) // _UNIT)
        if len(self.filled) < stop:
            self.filled.extend(bytes(stop - len(self.filled)))
            self.data.extend(bytes(offset + len(payload) - len(self.data)))
        if self.filled.find(1, start, stop) < 0:
            self.data[offset : offset + len(payload)] = payload
            free = stop - start
        else:
            free = self._fill_holes(offset, payload, start, stop)
        self.filled[start:stop] = b"\1" * (stop - start)
        self.have += free
        return free > 0

    def _fill_holes(self, offset: int, payload: bytes, start: int, stop: int) -> int:
        holes = [unit * _UNIT for unit in range(start, stop) if not self.filled[unit]]
        for place in holes:
            piece = payload[place - offset : place - offset + _UNIT]
            self.data[place : place + len(piece)] = piece
        return len(holes)

    def is_whole(self) -> bool:
        return self.total is not None and self.have * _UNIT >= self.total


class Reassembler:
    """Takes fragments as they come, gives each packet once, when it is whole."""

    def __init__(self, *, max_packets: int = MAX_PACKETS, max_bytes: int = MAX_BYTES) -> None:
        self.dropped = 0  # packets given up: too old, or pushed out by newer ones
        self.bytes = 0
        self._max_packets = max_packets
        self._max_bytes = max_bytes
        self._open: OrderedDict[_Key, _Packet] = OrderedDict()
        self._done: OrderedDict[_Key, tuple[int, set[int]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, frame: Frame, fragment: Fragment) -> Reassembled | None:
        """The packet that this fragment made whole, if it did. DecodeError where what it carries is malformed."""
        frames: tuple[Frame, ...] = (frame,)
        for _ in range(MAX_TUNNELS):  # a tunnel may have been fragmented that holds a fragment
            whole = self._add(frames, fragment)
            if whole is None:
                return None
            frames = tuple(whole.frames)
            decoded = decode_whole(fragment, whole.protocol, bytes(whole.data))
            if not isinstance(decoded, Fragment):
                return Reassembled(decoded, frames)
            fragment = decoded
        return None

    def _add(self, frames: tuple[Frame, ...], fragment: Fragment) -> _Packet | None:
        self._forget(fragment.time_ns)
        key = _key(fragment)
        if key in self._done and _piece(fragment) in self._done[key][1]:
            return None  # mirrored twice: it must not begin a packet that a later one with this number would go on with
        packet = self._open.get(key)
        if packet is None:
            packet = self._open[key] = _Packet(fragment.time_ns)
            self.bytes += packet.cost
        before = packet.cost
        packet.add(fragment, frames)
        self.bytes += packet.cost - before
        if not packet.is_whole():
            self._shrink()
            return None
        self._close(key)
        if len(packet.pieces) <= _DUPLICATE_PIECES:
            self._done[key] = (fragment.time_ns, packet.pieces)
            self._done.move_to_end(key)
        return packet

    def _close(self, key: _Key) -> None:
        self.bytes -= self._open.pop(key).cost

    def _forget(self, now_ns: int) -> None:
        while self._open:
            key, packet = next(iter(self._open.items()))
            if abs(now_ns - packet.time_ns) <= SECONDS * 10**9:
                break
            self._close(key)
            self.dropped += 1
        while self._done:
            key, (time_ns, _) = next(iter(self._done.items()))
            if abs(now_ns - time_ns) <= _DUPLICATE_SECONDS * 10**9 and len(self._done) <= self._max_packets:
                break
            del self._done[key]

    def _shrink(self) -> None:
        while len(self._open) > self._max_packets or self.bytes > self._max_bytes:
            self._close(next(iter(self._open)))
            self.dropped += 1


def _key(fragment: Fragment) -> _Key:
    """RFC 791: addresses, protocol, identification; RFC 8200: without the protocol."""
    protocol = fragment.protocol if len(fragment.source) == 4 else -1
    return (
        fragment.source,
        fragment.destination,
        protocol,
        fragment.identification,
        fragment.vlan,
        fragment.encapsulation,
    )


def _piece(fragment: Fragment) -> int:
    return hash((fragment.offset, fragment.payload))

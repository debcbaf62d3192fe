"""pcapng files: sections of either byte order, interfaces with their clocks, enhanced, simple and obsolete packets."""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

import numpy as np

from recordings.pipeline.capture.blocks import BLOCK_FRAMES, Block, nanoseconds
from recordings.pipeline.capture.classic import MAX_CAPTURED
from recordings.pipeline.capture.frames import CaptureError
from recordings.pipeline.capture.source import Source

MAGIC = b"\x0a\x0d\x0d\x0a"
_SECTION, _INTERFACE, _OBSOLETE, _SIMPLE, _ENHANCED, _SECRETS = 0x0A0D0D0A, 1, 2, 3, 6, 10
_MAX_BLOCK = 16 << 20
_MAX_INTERFACES = 4096
_MAX_OPTIONS = 256
_MAX_SECRETS = 256
_TLS_KEY_LOG = 0x544C534B
_TSRESOL, _TSOFFSET = 9, 14
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}


@dataclass(frozen=True, slots=True)
class _Interface:
    link: int
    snaplen: int
    per_second: int
    offset_seconds: int


def read(source: Source, secrets: list[bytes]) -> Iterator[Block]:
    """The blocks of a pcapng file, `source` standing at its first section; its TLS key logs are put into `secrets`."""
    reader = _Reader(source, secrets)
    failure: CaptureError | None = None
    while failure is None and source.fill(1):
        try:
            reader.whole()
            reader.scan()
        except CaptureError as error:
            error.packets = reader.done + len(reader.packets)
            failure = error
        if reader.packets:
            yield reader.flush()
    if failure is not None:
        raise failure


class _Reader:
    """One section's byte order and interfaces, and the packets found since the last flush, all of one link type."""

    def __init__(self, source: Source, secrets: list[bytes]) -> None:
        self.secrets = secrets
        self.packets: list[tuple[int, int, int, int, int]] = []  # offset, captured, length, ticks, interface
        self.done = 0
        self._source = source
        self._link = 0
        self._open_section("<")

    def _open_section(self, order: str) -> None:
        self._order = order
        self._interfaces: list[_Interface] = []
        self._head = Struct(order + "II")
        self._enhanced = Struct(order + "IIIII")
        self._obsolete = Struct(order + "HHIIII")
        self._number = Struct(order + "I")

    def whole(self) -> None:
        """Bring the next block into the buffer as a whole."""
        if self._source.fill(12):
            _, total = self._next(self._source.position)
            if self._source.fill(total):
                return
        raise CaptureError(f"the file ends in the middle of packet {self.done + 1}", truncated=True)

    def scan(self) -> None:
        """Go through the whole blocks in the buffer; stop at BLOCK_FRAMES packets, another link type or section."""
        data, end = self._source.data, len(self._source.data)
        while len(self.packets) < BLOCK_FRAMES and end - self._source.position >= 12:
            position = self._source.position
            kind, total = self._next(position)
            if position + total > end or (kind == _SECTION and self.packets):
                return
            if kind == _SECTION:
                self._open_section(_ORDERS[data[position + 8 : position + 12]])
            elif kind == _INTERFACE:
                self._add_interface(data[position + 8 : position + total - 4])
            elif kind == _SECRETS:
                self._add_secrets(data[position + 8 : position + total - 4])
            elif not self._take(kind, position, total):
                return
            self._source.position = position + total

    def _next(self, position: int) -> tuple[int, int]:
        """Kind and size of the block at `position`, of which 12 bytes are there."""
        data = self._source.data
        kind, total = self._head.unpack_from(data, position)
        if kind == _SECTION:
            order = _ORDERS.get(data[position + 8 : position + 12])
            if order is None:
                raise CaptureError(f"the section after packet {self.done + len(self.packets)} has no byte order")
            (total,) = Struct(order + "I").unpack_from(data, position + 4)
        if not 12 <= total <= _MAX_BLOCK or total % 4:
            raise CaptureError(
                f"the block after packet {self.done + len(self.packets)} says it has {total} bytes, which cannot be"
            )
        return kind, total

    def _take(self, kind: int, position: int, total: int) -> bool:
        """Note the packet of a block, if it has one; False where its link type needs a flush first."""
        data = self._source.data
        if kind in {_ENHANCED, _OBSOLETE} and total >= 32:
            if kind == _ENHANCED:
                index, high, low, captured, length = self._enhanced.unpack_from(data, position + 8)
            else:
                index, _drops, high, low, captured, length = self._obsolete.unpack_from(data, position + 8)
            packet = (position + 28, captured, length, high << 32 | low, index)
            room = total - 32
        elif kind == _SIMPLE and total >= 16:
            (length,) = self._number.unpack_from(data, position + 8)
            snaplen = self._interfaces[0].snaplen if self._interfaces else 0
            room = total - 16
            packet = (position + 12, min(length, room, snaplen or length), length, 0, 0)  # it carries no time
        else:
            return True
        return self._note(packet, room)

    def _note(self, packet: tuple[int, int, int, int, int], room: int) -> bool:
        number = self.done + len(self.packets) + 1
        if packet[1] > min(room, MAX_CAPTURED):
            raise CaptureError(f"packet {number} says it has {packet[1]} bytes, which cannot be")
        if packet[4] >= len(self._interfaces):
            raise CaptureError(f"packet {number} names interface {packet[4]}, which the file does not describe")
        link = self._interfaces[packet[4]].link
        if self.packets and link != self._link:
            return False
        self._link = link
        self.packets.append(packet)
        return True

    def _add_interface(self, body: bytes) -> None:
        if len(body) < 8 or len(self._interfaces) >= _MAX_INTERFACES:
            raise CaptureError("an interface of the capture is not described as pcapng demands")
        link, _, snaplen = Struct(self._order + "HHI").unpack_from(body)
        options = _options(body[8:], self._order)
        resolution = options.get(_TSRESOL, b"\6")[:1] or b"\6"
        exponent = resolution[0] & 127
        offset = options.get(_TSOFFSET, b"")
        (seconds,) = Struct(self._order + "q").unpack(offset) if len(offset) == 8 else (0,)
        self._interfaces.append(
            _Interface(link, snaplen, 2**exponent if resolution[0] & 128 else 10**exponent, seconds)
        )

    def _add_secrets(self, body: bytes) -> None:
        """A decryption secrets block, as `editcap --inject-secrets tls,FILE` writes it."""
        if len(body) >= 8 and len(self.secrets) < _MAX_SECRETS:
            kind, size = Struct(self._order + "II").unpack_from(body)
            if kind == _TLS_KEY_LOG:
                self.secrets.append(body[8 : 8 + size])

    def flush(self) -> Block:
        """The packets found, as a block."""
        columns = np.array(self.packets, np.uint64).T
        offsets, caplens, lengths, interfaces = (columns[row].astype(np.int64) for row in (0, 1, 2, 4))
        times = np.zeros(len(offsets), np.int64)
        for index in np.unique(interfaces).tolist():
            mine, clock = interfaces == index, self._interfaces[index]
            times[mine] = nanoseconds(columns[3][mine], clock.per_second, clock.offset_seconds)
        self.done += len(self.packets)
        self.packets = []
        return Block(
            data=self._source.data,
            link=self._link,
            offsets=offsets,
            caplens=caplens,
            lengths=np.maximum(caplens, lengths),
            time_ns=times,
            interfaces=interfaces,
        )


def _options(data: bytes, order: str) -> dict[int, bytes]:
    """The options of a block by code, the first of each; what does not fit is left out."""
    head = Struct(order + "HH")
    options: dict[int, bytes] = {}
    position = 0
    for _ in range(_MAX_OPTIONS):
        if position + 4 > len(data):
            break
        code, length = head.unpack_from(data, position)
        if code == 0:
            break
        options.setdefault(code, data[position + 4 : position + 4 + length])
        position += 4 + (length + 3 & ~3)
    return options

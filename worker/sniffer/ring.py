"""The reader's side of a packet ring: full blocks of the kernel's → batches, without copying."""

import mmap
import select
import socket
from dataclasses import dataclass
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture.batch import Batch, Int64s
from worker.sniffer.interfaces import BLOCK_BYTES

_STATUS_AT, _SEQUENCE_AT = 8, 24
_BLOCK_HEAD = Struct("=IIII")  # status, packets, offset of the first, bytes used
_U32, _U64 = Struct("=I"), Struct("=Q")
_HEAD_BYTES = 48  # struct tpacket3_hdr
_LEAST_SIGNED = 32
_TAG_VALID, _TPID_VALID, _VLAN = 1 << 4, 1 << 6, 0x8100


@dataclass(frozen=True, slots=True)
class RingSource:
    """A ring as the holder hands it on: `number` is its place in the control page."""

    handle: int
    number: int
    blocks: int
    link: int


class BrokenBlock(ValueError):
    """A block whose chain of frames leads nowhere."""


class Ring:
    """Blocks in order. A reader that takes over begins with the oldest that was not released."""

    def __init__(self, source: RingSource) -> None:
        self.source = source
        self.socket = socket.socket(fileno=source.handle)
        self._memory = mmap.mmap(source.handle, BLOCK_BYTES * source.blocks)
        self._bytes: NDArray[np.uint8] = np.frombuffer(self._memory, np.uint8)
        self._at = self._first()
        self.last_ns = 0

    def __enter__(self) -> "Ring":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def _first(self) -> int:
        """The oldest full block, or the youngest of all, which the kernel fills now. The youngest is found first: the
        kernel may fill it up, and more, while the others are looked at.
        """
        blocks = range(self.source.blocks)
        youngest = max((self.sequence(block), -block) for block in blocks)
        full = [(self.sequence(block), -block) for block in blocks if self._is_full(block)]
        return -min([*full, youngest])[1]

    def _is_full(self, block: int) -> bool:
        status: int = _U32.unpack_from(self._memory, block * BLOCK_BYTES + _STATUS_AT)[0]
        return bool(status & 1)

    def sequence(self, block: int | None = None) -> int:
        """The kernel's number of a block, by default of the one at hand."""
        block = self._at if block is None else block
        number: int = _U64.unpack_from(self._memory, block * BLOCK_BYTES + _SEQUENCE_AT)[0]
        return number

    def ready(self) -> bool:
        return self._is_full(self._at)

    def waiting(self) -> int:
        return sum(self._is_full(block) for block in range(self.source.blocks))

    def release(self) -> None:
        _U32.pack_into(self._memory, self._at * BLOCK_BYTES + _STATUS_AT, 0)
        self._at = (self._at + 1) % self.source.blocks

    def clear_error(self) -> None:
        """After the link went down the socket reports an error until someone asks for it."""
        self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def batch(self) -> Batch:
        """The frames of the block at hand; valid until `release`. Raises BrokenBlock."""
        base = self._at * BLOCK_BYTES
        _, count, first, used = _BLOCK_HEAD.unpack_from(self._memory, base + _STATUS_AT)
        heads = self._walk(base, first, count, used)
        window: NDArray[np.void] = np.ndarray(
            (len(self._bytes) - _HEAD_BYTES + 1,), f"V{_HEAD_BYTES}", self._bytes, strides=(1,)
        )
        head = window[heads].view(np.uint32).reshape(-1, _HEAD_BYTES // 4)
        status, kind = head[:, 5], head[:, 9] & 0xFFFF
        tag_type = np.where(status & _TPID_VALID, kind, _VLAN)
        tags = np.where(status & _TAG_VALID, tag_type << 16 | head[:, 8] & 0xFFFF, 0).astype(np.uint32)
        times = head[:, 1].astype(np.int64) * 10**9 + head[:, 2]
        if count:
            self.last_ns = int(times[-1])
        return Batch(
            self._bytes,
            self.source.link,
            heads + (head[:, 6] & 0xFFFF),
            head[:, 3].astype(np.int64),
            head[:, 4].astype(np.int64),
            times,
            np.full(count, self.source.number, np.int64),
            tags,
        )

    def _walk(self, base: int, first: int, count: int, used: int) -> Int64s:
        """Where the frames' heads are. They stand on multiples of 8 and begin with next offset | seconds << 32: words
        with fitting seconds are candidates, then their chain is proven; a packet's content can only cause the slow way.
        """
        if count >= _LEAST_SIGNED:
            words = self._bytes[base : base + (min(used, BLOCK_BYTES) & ~7)].view(np.uint64)
            low, high = (_U32.unpack_from(self._memory, base + at)[0] for at in (32, 40))  # seconds of first and last
            seconds = words >> np.uint64(32)
            found = np.flatnonzero((seconds >= low) & (seconds <= high))
            found = found[found >= first // 8]
            if len(found) == count and found[0] * 8 == first:
                following = (words[found] & np.uint64(0xFFFFFFFF)).astype(np.int64)
                heads: Int64s = found * 8
                if (heads[:-1] + following[:-1] == heads[1:]).all():
                    return heads + base
        return self._walk_slowly(base, first, count)

    def _walk_slowly(self, base: int, first: int, count: int) -> Int64s:
        heads: list[int] = []
        at = first
        for _ in range(count):
            if at + _HEAD_BYTES > BLOCK_BYTES:
                raise BrokenBlock("a block of the packet ring is damaged")
            heads.append(base + at)
            at += _U32.unpack_from(self._memory, base + at)[0]
        return np.array(heads, np.int64)


class Rings:
    """Waits for any of several rings."""

    def __init__(self, rings: list[Ring]) -> None:
        self.rings = rings
        self._by_handle = {ring.source.handle: ring for ring in rings}
        self._poll = select.poll()
        for ring in rings:
            self._poll.register(ring.source.handle, select.POLLIN | select.POLLERR)

    def watch(self, handle: int) -> None:
        """Wake for this open file, too."""
        self._poll.register(handle, select.POLLIN)

    def forget(self, handle: int) -> None:
        self._poll.unregister(handle)

    def wait(self, milliseconds: int) -> None:
        for handle, events in self._poll.poll(milliseconds):
            if events & select.POLLERR and handle in self._by_handle:
                self._by_handle[handle].clear_error()

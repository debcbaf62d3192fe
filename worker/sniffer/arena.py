"""Slots and slabs as NumPy arrays, over shared memory (live) or memory of our own (files)."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture import flowkey
from worker.sniffer.shared import CONTROL_BYTES, SLAB_BYTES, SLOT_BYTES, Control, total_bytes

FREE, PROBATION, OPEN = 0, 1, 2
FILL_BITS = 24  # the low bits of `mark`: bytes in the slab; above: bytes in the stream's file
FILL_MASK = (1 << FILL_BITS) - 1
_FIELDS: list[Any] = [
    ("key", np.uint64, (flowkey.WORDS,)),
    ("mark", np.uint64),
    ("number", np.uint64),
    ("packets", np.uint64),
    ("base_ns", np.int64),
    ("first_ns", np.int64),
    ("last_ns", np.int64),
    ("lost_from", np.int64),
    ("lost_to", np.int64),
    ("lost", np.uint32),
    ("ssrc", np.uint32),
    ("generation", np.uint32),
    ("sequence", np.uint16),
    ("run", np.uint16),
    ("seen", np.uint32),
    ("first_ssrc", np.uint32),
    ("state", np.uint8),
    ("kind", np.uint8),
    ("quiet", np.uint8),
    ("encapsulation", "S56"),
    ("vlan", "S40"),
]
_PACKED = np.dtype(_FIELDS, align=True)
SLOT = np.dtype(
    {
        "names": list(_PACKED.names or ()),
        "formats": [_PACKED.fields[name][0] for name in _PACKED.names or ()] if _PACKED.fields else [],
        "offsets": [_PACKED.fields[name][1] for name in _PACKED.names or ()] if _PACKED.fields else [],
        "itemsize": SLOT_BYTES,
    }
)


class Arena:
    """`mark` holds both sizes of a stream in one word, so that a sniffer that is killed leaves them consistent."""

    def __init__(self, memory: mmap.mmap | bytearray, slots: int) -> None:
        self.control = Control(memory)
        self.count = slots
        found: NDArray[Any] = np.frombuffer(memory, SLOT, slots, CONTROL_BYTES)
        self.slots = found
        begin = CONTROL_BYTES + slots * SLOT_BYTES
        self.slabs: NDArray[np.uint8] = np.frombuffer(memory, np.uint8, slots * SLAB_BYTES, begin)
        self._slabs = memoryview(memory)[begin:]
        self.key: NDArray[np.uint64] = found["key"]
        self.mark: NDArray[np.uint64] = found["mark"]
        self.number: NDArray[np.uint64] = found["number"]
        self.packets: NDArray[np.uint64] = found["packets"]
        self.base_ns: NDArray[np.int64] = found["base_ns"]
        self.first_ns: NDArray[np.int64] = found["first_ns"]
        self.last_ns: NDArray[np.int64] = found["last_ns"]
        self.ssrc: NDArray[np.uint32] = found["ssrc"]
        self.state: NDArray[np.uint8] = found["state"]
        self.kind: NDArray[np.uint8] = found["kind"]
        self.quiet: NDArray[np.uint8] = found["quiet"]

    def sizes(self, slot: int) -> tuple[int, int]:
        """(bytes in the file, bytes in the slab) of a stream."""
        mark = int(self.mark[slot])
        return mark >> FILL_BITS, mark & FILL_MASK

    def set_sizes(self, slot: int, size: int, fill: int) -> None:
        self.mark[slot] = size << FILL_BITS | fill

    def slab(self, slot: int, fill: int) -> memoryview:
        return self._slabs[slot * SLAB_BYTES : slot * SLAB_BYTES + fill]

    def used(self, state: int) -> list[int]:
        """The slots in a state."""
        return [int(slot) for slot in np.flatnonzero(self.state == state)]


def private(slots: int) -> Arena:
    """An arena in memory of our own; what is not used costs nothing."""
    return Arena(mmap.mmap(-1, total_bytes(slots)), slots)


def shared(handle: int, slots: int) -> Arena:
    return Arena(mmap.mmap(handle, total_bytes(slots)), slots)

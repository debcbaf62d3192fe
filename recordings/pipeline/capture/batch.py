"""Frames as the classifier takes them: from a file's block or from a block of the live ring."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture.blocks import Block
from recordings.pipeline.capture.frames import Frame

Bytes = NDArray[np.uint8]
Int64s = NDArray[np.int64]
UInt32s = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Frames of one link type in arrival order, as arrays over one buffer (see blocks.Block).

    `tags`: the outer VLAN tag that the kernel took out of each frame (tag protocol << 16 | control), 0 for none.
    """

    data: Bytes
    link: int
    offsets: Int64s
    caplens: Int64s
    lengths: Int64s
    time_ns: Int64s
    interfaces: Int64s
    tags: UInt32s

    def __len__(self) -> int:
        return len(self.offsets)

    def frame(self, row: int) -> Frame:
        """One frame as it was on the wire, its outer tag put back."""
        start, size = int(self.offsets[row]), int(self.caplens[row])
        data = self.data[start : start + size].tobytes()
        length, tag = int(self.lengths[row]), int(self.tags[row])
        if tag:
            data = data[:12] + tag.to_bytes(4) + data[12:]
            length += 4
        return Frame(int(self.time_ns[row]), self.link, data, length, int(self.interfaces[row]))

    def part(self, begin: int, end: int) -> "Batch":
        """Rows begin to end."""
        cut = slice(begin, end)
        return Batch(
            self.data,
            self.link,
            self.offsets[cut],
            self.caplens[cut],
            self.lengths[cut],
            self.time_ns[cut],
            self.interfaces[cut],
            self.tags[cut],
        )


def from_block(block: Block) -> Batch:
    """The frames of a capture file's block."""
    return Batch(
        np.frombuffer(block.data, np.uint8),
        block.link,
        block.offsets,
        block.caplens,
        block.lengths,
        block.time_ns,
        block.interfaces,
        np.zeros(len(block), np.uint32),
    )


def from_frames(frames: list[Frame]) -> Batch:
    """Frames of one link type, at least one."""
    lengths = np.array([len(frame.data) for frame in frames], np.int64)
    return Batch(
        np.frombuffer(b"".join(frame.data for frame in frames), np.uint8),
        frames[0].link,
        np.cumsum(lengths) - lengths,
        lengths,
        np.array([frame.length for frame in frames], np.int64),
        np.array([frame.time_ns for frame in frames], np.int64),
        np.array([frame.interface for frame in frames], np.int64),
        np.zeros(len(frames), np.uint32),
    )

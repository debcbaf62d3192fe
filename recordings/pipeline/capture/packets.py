"""RTP packets that were found in a batch of frames, as arrays over the frames' own bytes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture import flowkey
from recordings.pipeline.capture.batch import Bytes, Int64s


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """RTP packets inside `data`: packet i is `length[i]` bytes from `start[i]`, came as row `row[i]` of its batch.

    `key` is (n, 5) words of flowkey; `flags` as in the records of stream files.
    """

    data: Bytes
    row: Int64s
    start: Int64s
    length: Int64s
    time_ns: Int64s
    key: NDArray[np.uint64]
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.row)


def gather(data: Bytes, at: Int64s, size: int) -> Bytes:
    """(n, size) bytes from each place; the caller has made sure that they are there."""
    window: NDArray[np.void] = np.ndarray((len(data) - size + 1,), f"V{size}", data, strides=(1,))
    return window[at].view(np.uint8).reshape(-1, size)


def big16(head: Bytes, column: int) -> Int64s:
    """The 16-bit numbers in network byte order that stand at a column."""
    result: Int64s = head[:, column].astype(np.int64) << 8 | head[:, column + 1]
    return result


def join(data: Bytes, found: list[Packets]) -> Packets:
    """Those of several views of a batch as one, in order of their rows; none of `data` where there are none."""
    filled = [part for part in found if len(part)]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        none = np.zeros(0, np.int64)
        return Packets(data, none, none, none, none, np.zeros((0, flowkey.WORDS), np.uint64), np.zeros(0, np.uint8))
    order = np.argsort(np.concatenate([part.row for part in filled]), kind="stable")
    return Packets(
        data,
        np.concatenate([part.row for part in filled])[order],
        np.concatenate([part.start for part in filled])[order],
        np.concatenate([part.length for part in filled])[order],
        np.concatenate([part.time_ns for part in filled])[order],
        np.concatenate([part.key for part in filled])[order],
        np.concatenate([part.flags for part in filled])[order],
    )

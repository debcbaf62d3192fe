"""Many frames as one buffer and a few NumPy arrays: what the vectorised classifier works on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture.frames import Frame

BLOCK_FRAMES = 4096
MAX_TIME_NS = 2**63 - 1
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Up to BLOCK_FRAMES frames of one link type in arrival order.

    Frame i is `data[offsets[i] : offsets[i] + caplens[i]]`, was `lengths[i]` bytes long on the wire, came on interface
    `interfaces[i]` at `time_ns[i]`, nanoseconds since 1970. `data` holds other bytes between the frames.
    """

    data: bytes
    link: int
    offsets: Int64s
    caplens: Int64s
    lengths: Int64s
    time_ns: Int64s
    interfaces: Int64s

    def __len__(self) -> int:
        return len(self.offsets)

    def frames(self) -> Iterator[Frame]:
        """The same frames one by one."""
        data, link = self.data, self.link
        for offset, caplen, length, time_ns, interface in zip(
            self.offsets.tolist(),
            self.caplens.tolist(),
            self.lengths.tolist(),
            self.time_ns.tolist(),
            self.interfaces.tolist(),
            strict=True,
        ):
            yield Frame(time_ns, link, data[offset : offset + caplen], length, interface)


def nanoseconds(ticks: NDArray[np.uint64], per_second: int, offset_seconds: int = 0) -> Int64s:
    """Times in a clock of `per_second` ticks → nanoseconds, kept between 1970 and what 63 bits hold (2262)."""
    billion = 1_000_000_000
    if billion % per_second == 0:
        factor = billion // per_second
        times = np.minimum(ticks, np.uint64(MAX_TIME_NS // factor)) * np.uint64(factor)
    elif per_second % billion == 0 and per_second // billion < 2**63:
        times = np.minimum(ticks // np.uint64(per_second // billion), np.uint64(MAX_TIME_NS))
    else:
        times = np.array([min(tick * billion // per_second, MAX_TIME_NS) for tick in ticks.tolist()], np.uint64)
    if not offset_seconds:
        return times.astype(np.int64)
    moved = [min(max(time + offset_seconds * billion, 0), MAX_TIME_NS) for time in times.tolist()]
    return np.array(moved, np.int64)

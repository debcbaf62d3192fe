"""RTP packets that the network card or the kernel merged into one datagram (GRO) before capture saw it.

All pieces of such a datagram have one size, and one SSRC counts on through them: no single RTP packet looks like that.
"""

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture.batch import Bytes, Int64s
from recordings.pipeline.capture.packets import gather

LEAST = 320  # bytes; below, packets are not looked at: two of the smallest that are common would be more
MOST_PIECES = 16
_HEAD = 12


def look_merged(data: Bytes, start: Int64s, size: Int64s) -> NDArray[np.bool_]:
    """Which of these RTP packets are several: told by the beginning of the second."""
    result = np.zeros(len(start), np.bool_)
    for count in range(2, MOST_PIECES + 1):
        rows = np.flatnonzero((size % count == 0) & (size >= LEAST))
        if len(rows):
            first = gather(data, start[rows], _HEAD)
            second = gather(data, start[rows] + size[rows] // count, _HEAD)
            step = (second[:, 3].astype(np.int64) - first[:, 3]) & 0xFF
            same = (second[:, 0] >> 6 == 2) & (step == 1) & (second[:, 8:12] == first[:, 8:12]).all(axis=1)
            result[rows[same]] = True
    return result


def pieces(payload: bytes) -> list[bytes]:
    """The RTP packets that a datagram holds: mostly one, itself."""
    length = len(payload)
    for count in range(2, MOST_PIECES + 1):
        if length < LEAST or length % count:
            continue
        size = length // count
        found = [payload[at : at + size] for at in range(0, length, size)]
        numbers = [(int.from_bytes(piece[2:4]) - int.from_bytes(payload[2:4])) & 0xFFFF for piece in found]
        if numbers == list(range(count)) and all(_of(payload, piece) for piece in found):
            return found
    return [payload]


def _of(payload: bytes, piece: bytes) -> bool:
    return piece[0] >> 6 == 2 and piece[8:12] == payload[8:12]

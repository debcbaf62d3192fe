"""A call's waveform, coarse enough to be sent: a long call has millions of points, a screen has thousands."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.render.peaks import PER_SECOND, parse_peaks

MOST_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Waveform:
    """peaks: for each channel the least and greatest sample in turn, from -1 to 1; per_second counts such pairs."""

    per_second: float
    peaks: list[list[float]]


def read_waveform(path: Path, most: int = MOST_POINTS) -> Waveform:
    """Raises OSError, and PeaksError for a file that is no waveform."""
    points = parse_peaks(path.read_bytes())
    step = -(-len(points) // most) or 1
    return Waveform(PER_SECOND / step, _floats(_grouped(points, step)))


def _grouped(points: NDArray[np.int8], step: int) -> NDArray[np.int8]:
    """Least of the least and greatest of the greatest of each `step` points."""
    if step == 1 or not len(points):
        return points
    starts = np.arange(0, len(points), step)
    least = np.minimum.reduceat(points[:, :, 0], starts, axis=0)
    greatest = np.maximum.reduceat(points[:, :, 1], starts, axis=0)
    return np.stack([least, greatest], axis=2)


def _floats(points: NDArray[np.int8]) -> list[list[float]]:
    scaled = points / 128.0
    return [[round(value, 3) for value in scaled[:, channel].ravel().tolist()] for channel in range(points.shape[1])]

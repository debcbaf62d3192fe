"""The waveform in small: 50 times a second the least and the greatest sample of each channel."""

import struct

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.media.codecs.base import Samples

PER_SECOND = 50
HEAD = struct.Struct("<4sBBHI")  # magic, version, channels, points per second, points
MAGIC = b"APKS"
MOST_POINTS = 1 << 24


class PeaksError(ValueError):
    """The bytes are no peaks file."""


class PeakMeter:
    """Collects samples [n, channels] ; `pack` gives the file: HEAD, then per point and channel int8 min, max."""

    def __init__(self, rate: int, channels: int = 2) -> None:
        self.step = max(1, rate // PER_SECOND)
        self.channels = channels
        self.rest: Samples = np.zeros((0, channels), np.int16)
        self.points: list[NDArray[np.int8]] = []

    def add(self, samples: Samples) -> None:
        samples = np.concatenate([self.rest, samples])
        whole = len(samples) // self.step * self.step
        self.rest = samples[whole:].copy()
        if whole:
            self._measure(samples[:whole], self.step)

    def _measure(self, samples: Samples, step: int) -> None:
        groups = np.ascontiguousarray(samples.T).reshape(self.channels, -1, step)  # contiguous: four times faster
        extremes = np.stack([groups.min(axis=2).T, groups.max(axis=2).T], axis=2)
        self.points.append((extremes >> 8).astype(np.int8))

    def pack(self) -> bytes:
        if len(self.rest):
            self._measure(self.rest, len(self.rest))
            self.rest = self.rest[:0]
        body = b"".join(part.tobytes() for part in self.points)
        return HEAD.pack(MAGIC, 1, self.channels, PER_SECOND, len(body) // (2 * self.channels)) + body


def parse_peaks(data: bytes) -> NDArray[np.int8]:
    """Shape [points, channels, 2]: least and greatest sample in 256ths of full scale; raises PeaksError."""
    if len(data) < HEAD.size:
        raise PeaksError("the peaks file is cut")
    magic, version, channels, rate, points = HEAD.unpack_from(data)
    if magic != MAGIC or version != 1 or channels not in {1, 2} or rate != PER_SECOND or points > MOST_POINTS:
        raise PeaksError("this is no peaks file of version 1")
    if len(data) != HEAD.size + points * channels * 2:
        raise PeaksError("the peaks file has not the length that it announces")
    return np.frombuffer(data, np.int8, offset=HEAD.size).reshape(points, channels, 2)


def peaks_json(data: bytes) -> list[list[float]]:
    """Per channel the least and greatest values in turn, -1 to 1, as waveform players take them."""
    scaled = parse_peaks(data) / 128.0
    return [[round(value, 3) for value in scaled[:, channel].ravel().tolist()] for channel in range(scaled.shape[1])]

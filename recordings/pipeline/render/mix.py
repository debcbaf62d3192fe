"""Voices on one clock: the caller left, the callee right, at one sample rate."""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from recordings.pipeline.media.codecs.base import Samples, silence
from recordings.pipeline.render.voice import Voice

RATES = (8000, 16000, 48000)
WINDOW_S = 10
LONGEST_S = 13 * 3600  # dialogs end after 12 h


def common_rate(rates: list[int]) -> int:
    """The highest of the voices' rates among 8000, 16000, 48000; 8000 without voices.

    Opus counts as 16000: it always decodes to 48 kHz, but telephones fill no more than wideband.
    """
    highest = max((16000 if rate == 48000 else rate for rate in rates), default=8000)
    return next((rate for rate in RATES if rate >= highest), RATES[-1])


class _Channel:
    """One voice's samples at the common rate, from `start` on; reads give exactly what is asked, silent at the end."""

    def __init__(self, voice: Voice, rate: int, zero_ns: int) -> None:
        self.start = round((voice.origin_ns - zero_ns) * rate / 1e9)
        self.ended = False
        self.blocks = voice.blocks() if voice.rate == rate else resampled(voice.blocks(), voice.rate, rate)
        self.rest = silence(0)

    def read(self, count: int) -> Samples:
        """The next samples, fewer than count only at the end."""
        parts, have = [self.rest], len(self.rest)
        while have < count:
            block = next(self.blocks, None)
            if block is None:
                self.ended = True
                break
            parts.append(block)
            have += len(block)
        samples = np.concatenate(parts)
        self.rest = samples[count:]
        self.ended = self.ended and not len(self.rest)
        return samples[:count]


def resampled(blocks: Iterator[Samples], rate: int, wanted: int) -> Iterator[Samples]:
    """The same sound at another rate."""
    resampler: Any = av.AudioResampler(format="s16", layout="mono", rate=wanted)
    for block in blocks:
        if len(block):
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = rate
            yield from (item.to_ndarray()[0] for item in resampler.resample(frame))
    yield from (item.to_ndarray()[0] for item in resampler.resample(None))


def mixed(left: list[Voice], right: list[Voice], rate: int, zero_ns: int) -> Iterator[Samples]:
    """Stereo samples [n, 2] in windows of 10 s from zero_ns on; several voices of one side are added."""
    sides = [[_Channel(voice, rate, zero_ns) for voice in side] for side in (left, right)]
    at, width = 0, WINDOW_S * rate
    while any(sides) and at < LONGEST_S * rate:
        window = np.zeros((width, 2), np.int32)
        reached = 0
        for column, side in enumerate(sides):
            for channel in [item for item in side if item.start < at + width]:
                offset = max(0, channel.start - at)
                samples = channel.read(width - offset)
                window[offset : offset + len(samples), column] += samples
                reached = max(reached, offset + len(samples))
                if channel.ended:
                    side.remove(channel)
        whole = width if any(sides) else reached
        yield np.clip(window[:whole], -32768, 32767).astype(np.int16)
        at += width

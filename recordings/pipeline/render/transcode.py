"""A stored recording in another format or with fewer channels, for downloads."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from recordings.pipeline.media.codecs.base import Samples
from recordings.pipeline.render.encode import audio_format, encoding
from recordings.pipeline.render.errors import RenderError

CHANNELS = ("both", "left", "right", "mix")


def transcode(source: Path, target: Path, form: str, channel: str = "both") -> None:
    """Write source as target; channel is both (stereo), left, right or mix (both in one).

    target appears only when whole. Raises RenderError with a sentence; OSError as it comes.
    """
    allowed = audio_format(form)
    if channel not in CHANNELS:
        raise RenderError(f"channel {channel!r} is unknown; choose one of {', '.join(CHANNELS)}")
    rate, blocks = read_audio(source)
    if allowed.rates and rate not in allowed.rates:
        raise RenderError(f"{form} cannot hold audio of {rate} Hz")
    part = target.with_name(f".{target.name}.part")
    with encoding(part, form, rate, 2 if channel == "both" else 1) as write:
        for block in blocks:
            write(_chosen(block, channel))
    os.replace(part, target)


def _chosen(samples: Samples, channel: str) -> Samples:
    if channel == "left":
        return samples[:, :1]
    if channel == "right":
        return samples[:, -1:]
    if channel == "mix":
        added: Samples = np.clip(samples.sum(axis=1, keepdims=True, dtype=np.int32), -32768, 32767).astype(np.int16)
        return added
    return np.repeat(samples, 2, axis=1) if samples.shape[1] == 1 else samples


def read_audio(path: Path) -> tuple[int, Iterator[Samples]]:
    """(sample rate, blocks of shape [n, channels]) of an audio file of one or two channels; raises RenderError."""
    try:
        container: Any = av.open(str(path))
        stream = container.streams.audio[0]
        rate, channels = int(stream.codec_context.sample_rate), int(stream.codec_context.channels)
    except (av.error.FFmpegError, ValueError, IndexError) as error:
        raise RenderError(f"the recording cannot be read: {error}") from error
    if channels not in {1, 2}:
        raise RenderError(f"the recording has {channels} channels, not one or two")
    return rate, _blocks(container, channels)


def _blocks(container: Any, channels: int) -> Iterator[Samples]:
    layout = "stereo" if channels == 2 else "mono"
    resampler: Any = av.AudioResampler(format="s16", layout=layout)
    with container:
        try:
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    yield part.to_ndarray().reshape(-1, channels)
        except (av.error.FFmpegError, ValueError) as error:
            raise RenderError(f"the recording cannot be read: {error}") from error

"""Decoders of FFmpeg through PyAV, fed frame by frame."""

from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.media.codecs.base import CodecError, Samples, silence
from recordings.pipeline.media.codecs.framing import Framing, whole

av.logging.set_level(None)


class AvDecoder:
    """One FFmpeg decoder with its state; split cuts payloads into its frames."""

    def __init__(self, name: str, rate: int, split: Framing = whole, **options: int) -> None:
        try:
            self.context: Any = av.CodecContext.create(name, "r")
            self.context.options = {key: str(value) for key, value in options.items()}
            self.context.sample_rate = rate
            self.context.layout = "mono"
            self.context.thread_count = 1
            self.context.open()
        except (av.error.FFmpegError, ValueError) as error:
            raise CodecError(f"the decoder {name} cannot be started: {error}") from error
        self.name = name
        self.split = split

    def decode(self, payload: bytes) -> Samples:
        frames = self.split(payload)
        parts = [silence(frame) if isinstance(frame, int) else self._frame(frame) for frame in frames]
        return parts[0] if len(parts) == 1 else np.concatenate([silence(0), *parts])

    def _frame(self, frame: bytes) -> Samples:
        if not frame:  # FFmpeg takes an empty packet for the end of the stream
            raise CodecError("the payload is empty")
        try:
            decoded = [mono(item) for item in self.context.decode(av.Packet(frame))]
        except (av.error.FFmpegError, ValueError, EOFError) as error:
            raise CodecError(f"{self.name}: {error}") from error
        return decoded[0] if len(decoded) == 1 else np.concatenate([silence(0), *decoded])


def mono(frame: Any) -> Samples:
    """A decoded frame of any sample format as 16-bit mono; several channels become their mean."""
    samples: NDArray[Any] = frame.to_ndarray()
    channels = len(frame.layout.channels)
    planes = samples if frame.format.is_planar else samples.reshape(-1, channels).T
    if planes.dtype == np.int16 and channels == 1:
        plain: Samples = planes[0].astype(np.int16)
        return plain
    scale = 1.0 if planes.dtype == np.int16 else 32768.0
    mixed: Samples = np.clip(np.rint(planes.mean(axis=0) * scale), -32768, 32767).astype(np.int16)
    return mixed

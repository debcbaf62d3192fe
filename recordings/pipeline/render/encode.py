"""Samples to an audio file, streamed: FLAC, WAV, µ-law WAV, Opus, MP3."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import av
import av.error
import numpy as np

from recordings.pipeline.media.codecs.base import Samples
from recordings.pipeline.media.codecs.g711 import encode_ulaw
from recordings.pipeline.render.errors import RenderError

UNKNOWN_SIZE = 0xFFFFFFFF  # what readers take for "to the end of the file"


class Encoder(Protocol):
    """Takes samples of shape [n, channels], any n."""

    def write(self, samples: Samples) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class AudioFormat:
    name: str
    suffix: str
    content_type: str
    rates: tuple[int, ...]  # those that the encoder takes; empty means all


FORMATS = {
    form.name: form
    for form in (
        AudioFormat("flac", ".flac", "audio/flac", ()),
        AudioFormat("wav", ".wav", "audio/wav", ()),
        AudioFormat("ulaw", ".wav", "audio/wav", ()),
        AudioFormat("opus", ".opus", "audio/ogg", (8000, 12000, 16000, 24000, 48000)),
        AudioFormat("mp3", ".mp3", "audio/mpeg", (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)),
    )
}


def audio_format(name: str) -> AudioFormat:
    """Raises RenderError with the names that exist."""
    if name not in FORMATS:
        raise RenderError(f"audio format {name!r} is unknown; choose one of {', '.join(FORMATS)}")
    return FORMATS[name]


class WavEncoder:
    """RIFF WAVE with 16-bit (format 1) or µ-law (format 7) samples; above 4 GiB the size fields say "unknown"."""

    def __init__(self, file: BinaryIO, rate: int, channels: int, ulaw: bool) -> None:
        self.file, self.rate, self.channels, self.ulaw = file, rate, channels, ulaw
        self.octets = 0
        self.file.write(self._header())

    def _header(self) -> bytes:
        width = 1 if self.ulaw else 2
        block = self.channels * width
        form = struct.pack(
            "<HHIIHH", 7 if self.ulaw else 1, self.channels, self.rate, self.rate * block, block, 8 * width
        )
        if self.ulaw:  # formats other than 1 carry an extension size and a fact chunk (samples per channel)
            form += struct.pack("<H", 0)
        fact = struct.pack("<4sII", b"fact", 4, min(self.octets // block, UNKNOWN_SIZE)) if self.ulaw else b""
        chunks = struct.pack("<4sI", b"fmt ", len(form)) + form + fact
        size, riff = (min(self.octets, UNKNOWN_SIZE), min(self.octets + len(chunks) + 12, UNKNOWN_SIZE))
        return struct.pack("<4sI4s", b"RIFF", riff, b"WAVE") + chunks + struct.pack("<4sI", b"data", size)

    def write(self, samples: Samples) -> None:
        octets = encode_ulaw(samples) if self.ulaw else samples.astype("<i2").tobytes()
        self.file.write(octets)
        self.octets += len(octets)

    def finish(self) -> None:
        if self.octets % 2:
            self.file.write(b"\0")
        self.file.seek(0)
        self.file.write(self._header())


class AvEncoder:
    """An encoder and container of FFmpeg."""

    def __init__(self, file: BinaryIO, rate: int, channels: int, kind: str) -> None:
        container, codec, bit_rate, options = _AV[kind]
        try:
            self.container: Any = av.open(file, "w", format=container)
            self.stream: Any = self.container.add_stream(codec, rate=rate, layout="stereo" if channels == 2 else "mono")
            self.stream.codec_context.options = options
            if bit_rate:
                self.stream.bit_rate = bit_rate * channels // 2
        except (av.error.FFmpegError, ValueError) as error:
            raise RenderError(f"the {kind} encoder cannot be started: {error}") from error
        self.rate, self.layout, self.written = rate, "stereo" if channels == 2 else "mono", 0

    def write(self, samples: Samples) -> None:
        if not len(samples):
            return
        flat = np.ascontiguousarray(samples, np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(flat, format="s16", layout=self.layout)
        frame.sample_rate = self.rate
        frame.pts = self.written
        self.written += len(samples)
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        try:
            self.container.mux(self.stream.encode(frame))
        except (av.error.FFmpegError, ValueError) as error:
            raise RenderError(f"encoding failed: {error}") from error

    def finish(self) -> None:
        self._mux(None)
        self.container.close()


_AV: dict[str, tuple[str, str, int, dict[str, str]]] = {  # container, encoder, bit/s in stereo, options
    "flac": ("flac", "flac", 0, {"compression_level": "5"}),
    "opus": ("ogg", "libopus", 24_000, {"compression_level": "1", "application": "voip"}),
    "mp3": ("mp3", "libmp3lame", 32_000, {}),
}


def _encoder(file: BinaryIO, kind: str, rate: int, channels: int) -> Encoder:
    if kind in {"wav", "ulaw"}:
        return WavEncoder(file, rate, channels, kind == "ulaw")
    return AvEncoder(file, rate, channels, kind)


@contextmanager
def encoding(path: Path, kind: str, rate: int, channels: int = 2) -> Iterator[Callable[[Samples], None]]:
    """Gives a function that writes samples [n, channels]; the file is whole when the block ends without exception.

    Raises RenderError for an unknown format, a rate that it cannot hold, or an encoder's fault; OSError as it comes.
    """
    form = audio_format(kind)
    if form.rates and rate not in form.rates:
        raise RenderError(f"{kind} cannot hold audio of {rate} Hz")
    with path.open("wb") as file:
        encoder = _encoder(file, kind, rate, channels)
        yield encoder.write
        encoder.finish()

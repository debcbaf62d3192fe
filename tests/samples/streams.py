"""RTP packets and stream files for tests of media and render."""

import os
import struct
from pathlib import Path

import numpy as np

from recordings.pipeline.media.codecs.base import Samples
from recordings.pipeline.media.rtp import Packets, parse
from recordings.pipeline.render.request import Source
from recordings.pipeline.spool.calls import Binding, Codec
from recordings.pipeline.spool.streams import StreamHeader, create_stream, pack_chunk, pack_records

ALICE, BOB = "192.0.2.1:4000", "192.0.2.2:4002"
START = 1_750_000_000_000_000_000
MS = 1_000_000
Timed = tuple[int, bytes]  # arrival, RTP packet


def rtp(
    sequence: int, timestamp: int, payload: bytes, ssrc: int = 0xA11CE, kind: int = 0, *, marker: bool = False
) -> bytes:
    return (
        struct.pack(
            ">BBHII",
            0x80,
            kind | marker << 7,
            sequence & 0xFFFF,
            timestamp & 0xFFFFFFFF,
            ssrc,
        )
        + payload
    )


def speech(seconds: float, seed: int = 1, rate: int = 8000) -> Samples:
    """Noise with the envelope and the spectrum of a voice, more or less."""
    random = np.random.default_rng(seed)
    count = int(seconds * rate)
    noise = np.convolve(random.normal(size=count + 31), np.hanning(32), "valid")[:count]
    envelope = 0.3 + np.abs(np.sin(np.arange(count) * (2.1 * np.pi / rate)))
    loud: Samples = (noise / np.abs(noise).max() * envelope * 9000).astype(np.int16)
    return loud


def talk(
    payloads: list[bytes], *, ssrc: int = 0xA11CE, kind: int = 0, sequence: int = 100, stamp: int = 5000,
    ticks: int = 160, start: int = START, every: int = 20 * MS
) -> list[Timed]:  # fmt: skip
    """Packets as a sender without fault sends them."""
    return [
        (start + every * at, rtp(sequence + at, stamp + ticks * at, payload, ssrc, kind))
        for at, payload in enumerate(payloads)
    ]


def cut(octets: bytes, size: int = 160) -> list[bytes]:
    return [octets[at : at + size] for at in range(0, len(octets), size)]


def parsed(timed: list[Timed]) -> Packets:
    sizes = np.array([len(packet) for _, packet in timed], np.int64)
    times = np.array([time for time, _ in timed], np.int64)
    return parse(b"".join(packet for _, packet in timed), np.cumsum(sizes) - sizes, sizes, times)


def write_stream(folder: Path, name: str, timed: list[Timed], source: str = ALICE, destination: str = BOB) -> Path:
    path = folder / f"{name}.stream"
    handle = create_stream(path, StreamHeader(name, "node", "boot", source, destination))
    for number, begin in enumerate(range(0, len(timed), 500)):
        chunk = [(time, packet, 0) for time, packet in timed[begin : begin + 500]]
        base = min(time for time, _, _ in chunk)
        os.writev(handle, pack_chunk(pack_records(chunk, base), base_ns=base, child=1, number=number, policy=1))
    os.close(handle)
    return path


def source(
    folder: Path, name: str, timed: list[Timed], side: str = "caller", *, codecs: dict[int, Codec] | None = None,
    encrypted: bool = False, addresses: tuple[str, str] | None = None, media: str = "audio",
) -> Source:  # fmt: skip
    """A stream file on disk, bound to a call as its caller or callee."""
    ends = addresses or ((ALICE, BOB) if side != "callee" else (BOB, ALICE))
    path = write_stream(folder, name, timed, *ends)
    binding = Binding(name, *ends, 0, START * 2, side, codecs or {}, encrypted=encrypted, media=media)
    return Source(str(path), binding)

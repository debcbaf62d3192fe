"""What sealing costs: a recording of an hour written sealed, read whole, and asked for the bytes of one range."""

import os
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from apresa.shared.sealing.chunks import CHUNK
from apresa.shared.sealing.datakey import new_call_half, new_header, open_header
from apresa.shared.sealing.header import Purpose
from apresa.shared.sealing.reader import SealedReader
from apresa.shared.sealing.writer import SealedWriter
from tests.bench.measure import Result, measure

BYTES_A_SECOND = 16_000  # 8 kHz, 16 bits, one channel


def results(folder: Path, *, seconds: int, ranges: int) -> Iterator[Result]:
    """Over WAV of so many seconds; `ranges` is how often a range is asked for, the file opened anew each time."""
    length = seconds * BYTES_A_SECOND
    path, piece = folder / "recording.sealed", os.urandom(CHUNK)
    private, half = X25519PrivateKey.generate(), new_call_half()

    @contextmanager
    def opened() -> Iterator[SealedReader]:
        with path.open("rb") as file:
            yield SealedReader(file.fileno(), lambda header: open_header(header, private, half))

    def seal() -> float:
        header, key = new_header(uuid.uuid4(), Purpose.AUDIO, private.public_key(), half)
        with path.open("wb") as file, SealedWriter(file, header, key) as writer:
            for at in range(0, length, CHUNK):
                writer.write(piece[: length - at])
        return length / 1e6

    def read() -> float:
        with opened() as reader:
            return sum(len(part) for part in reader.pieces()) / 1e6

    def begin() -> float:
        chance = random.Random(1)
        for _ in range(ranges):
            with opened() as reader:
                next(reader.pieces(chance.randrange(length)))
        return float(ranges)

    yield measure("seal a recording", "MB", seal)
    yield measure("open a sealed recording", "MB", read)
    yield measure("first bytes of a sealed range", "ranges", begin)

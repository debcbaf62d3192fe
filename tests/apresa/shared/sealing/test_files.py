"""Sealed files: what comes out is what went in, or nothing."""

import asyncio
import os
import random
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from apresa.shared.sealing.chunks import CHUNK, STEP, TAG, extent_of
from apresa.shared.sealing.datakey import new_call_half, new_header, open_header
from apresa.shared.sealing.errors import Damaged, UnknownKey
from apresa.shared.sealing.header import HEADER, Header, Purpose, parse_header
from apresa.shared.sealing.reader import SealedReader, read_header
from apresa.shared.sealing.writer import SealedWriter

CALL = uuid.UUID(int=7)
PRIVATE = X25519PrivateKey.generate()
HALF = new_call_half()


def key_of(header: Header) -> bytes:
    return open_header(header, PRIVATE, HALF)


def write(path: Path, content: bytes, purpose: Purpose = Purpose.AUDIO, call: uuid.UUID = CALL) -> Path:
    header, key = new_header(call, purpose, PRIVATE.public_key(), HALF)
    with path.open("wb") as file, SealedWriter(file, header, key) as writer:
        writer.write(content)
    return path


@contextmanager
def opened(path: Path, key: Callable[[Header], bytes] = key_of) -> Iterator[SealedReader]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield SealedReader(handle, key)
    finally:
        os.close(handle)


def content_of(path: Path) -> bytes:
    with opened(path) as reader:
        return b"".join(reader.pieces())


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])
def test_a_sealed_file_gives_back_its_content(tmp_path: Path, length: int) -> None:
    content = random.Random(length).randbytes(length)
    path = write(tmp_path / "sealed", content)
    assert content_of(path) == content
    assert path.stat().st_size == HEADER + length + TAG * max(1, -(-length // CHUNK))


def test_a_file_written_in_small_parts_equals_one_written_at_once(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(3 * CHUNK)
    header, key = new_header(CALL, Purpose.AUDIO, PRIVATE.public_key(), HALF)
    for name, size in (("small", 1000), ("whole", len(content))):
        with (tmp_path / name).open("wb") as file, SealedWriter(file, header, key) as writer:
            for at in range(0, len(content), size):
                writer.write(content[at : at + size])
    assert (tmp_path / "small").read_bytes() == (tmp_path / "whole").read_bytes()


@given(st.integers(0, 3 * CHUNK + 9), st.integers(0, 3 * CHUNK + 9))
def test_a_range_equals_the_same_range_of_the_content(
    tmp_path_factory: pytest.TempPathFactory, start: int, stop: int
) -> None:
    content = random.Random(2).randbytes(3 * CHUNK + 5)
    path = tmp_path_factory.getbasetemp() / f"ranges-{os.getpid()}"
    if not path.exists():
        write(path, content)
    with opened(path) as reader:
        assert b"".join(reader.pieces(start, stop)) == content[start:stop]


def test_a_stream_equals_the_pieces(tmp_path: Path) -> None:
    content = random.Random(3).randbytes(2 * CHUNK + 5)

    async def streamed(reader: SealedReader) -> bytes:
        return b"".join([piece async for piece in reader.stream(CHUNK - 3, CHUNK + 9)])

    with opened(write(tmp_path / "sealed", content)) as reader:
        assert asyncio.run(streamed(reader)) == content[CHUNK - 3 : CHUNK + 9]


def test_reading_holds_a_few_chunks_however_long_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "sealed", bytes(200 * CHUNK))
    with opened(path) as reader:
        tracemalloc.start()
        try:
            total = sum(len(piece) for piece in reader.pieces())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert total == 200 * CHUNK
    assert peak < 8 * CHUNK


def test_a_file_holds_nothing_of_its_content_in_clear(tmp_path: Path) -> None:
    content = b"spoken words " * 20_000
    assert b"spoken" not in write(tmp_path / "sealed", content).read_bytes()


def test_the_header_is_written_before_the_first_sealed_byte(tmp_path: Path) -> None:
    header, key = new_header(CALL, Purpose.AUDIO, PRIVATE.public_key(), HALF)
    path = tmp_path / "sealed"
    with path.open("wb") as file:
        SealedWriter(file, header, key)
        assert path.read_bytes() == header.pack()


def test_a_file_whose_writing_broke_off_reads_as_cut_off(tmp_path: Path) -> None:
    header, key = new_header(CALL, Purpose.AUDIO, PRIVATE.public_key(), HALF)
    path = tmp_path / "sealed"

    def break_off() -> None:
        with path.open("wb") as file, SealedWriter(file, header, key) as writer:
            writer.write(bytes(3 * CHUNK))
            writer.sync()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert path.stat().st_size == HEADER + 2 * STEP
    with pytest.raises(Damaged):
        content_of(path)


def test_a_finished_file_takes_no_more(tmp_path: Path) -> None:
    header, key = new_header(CALL, Purpose.AUDIO, PRIVATE.public_key(), HALF)
    with (tmp_path / "sealed").open("wb") as file, SealedWriter(file, header, key) as writer:
        writer.finish()
        with pytest.raises(ValueError, match="finished"):
            writer.write(b"more")


def test_another_key_pair_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "sealed", b"words")
    with (
        pytest.raises(UnknownKey, match="another key pair"),
        opened(path, lambda header: open_header(header, X25519PrivateKey.generate(), HALF)),
    ):
        pass


def test_a_file_whose_half_was_erased_never_opens_again(tmp_path: Path) -> None:
    path = write(tmp_path / "sealed", b"words")
    with pytest.raises(Damaged), opened(path, lambda header: open_header(header, PRIVATE, new_call_half())):
        pass


@pytest.mark.parametrize(("offset", "bits"), [(0, 1), (8, 3), (9, 3), (9, 0xFE), (12, 1), (44, 1), (60, 1)])
def test_a_changed_header_is_refused(tmp_path: Path, offset: int, bits: int) -> None:
    path = write(tmp_path / "sealed", b"words")
    data = bytearray(path.read_bytes())
    data[offset] ^= bits
    path.write_bytes(data)
    with pytest.raises(Damaged):
        content_of(path)


@given(st.binary(max_size=2 * HEADER))
def test_any_bytes_as_header_are_read_or_refused(data: bytes) -> None:
    try:
        header = parse_header(data)
    except Damaged:
        return
    assert header.pack() == data[:HEADER]


@given(st.integers(0, 10 * CHUNK))
def test_each_size_is_that_of_one_content_or_refused(size: int) -> None:
    try:
        extent = extent_of(size)
    except Damaged:
        return
    offset, last = extent.place(extent.chunks - 1)
    assert offset + last == size
    assert extent.chunks == max(1, -(-extent.length // CHUNK))


Damage = Callable[[random.Random, list[bytes], list[bytes]], list[bytes]]


def flip(chance: random.Random, parts: list[bytes], _: list[bytes]) -> list[bytes]:
    number = chance.randrange(len(parts))
    changed = bytearray(parts[number])
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return [*parts[:number], bytes(changed), *parts[number + 1 :]]


def drop(chance: random.Random, parts: list[bytes], _: list[bytes]) -> list[bytes]:
    number = chance.randrange(len(parts))
    return parts[:number] + parts[number + 1 :]


def repeat(chance: random.Random, parts: list[bytes], _: list[bytes]) -> list[bytes]:
    number = chance.randrange(len(parts))
    return parts[: number + 1] + parts[number:]


def reorder(chance: random.Random, parts: list[bytes], _: list[bytes]) -> list[bytes]:
    one, other = sorted(chance.sample(range(len(parts)), 2))
    swapped = list(parts)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


def truncate(chance: random.Random, parts: list[bytes], _: list[bytes]) -> list[bytes]:
    whole = b"".join(parts)
    return [whole[: chance.randrange(len(whole))]]


def splice(chance: random.Random, parts: list[bytes], others: list[bytes]) -> list[bytes]:
    number = chance.randrange(len(parts))
    return [*parts[:number], others[number], *parts[number + 1 :]]


def parts_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [data[:HEADER], *(data[at : at + STEP] for at in range(HEADER, len(data), STEP))]


@pytest.mark.parametrize("damage", [flip, drop, repeat, reorder, truncate, splice])
def test_damage_in_ten_thousand_random_ways_is_always_detected(tmp_path: Path, damage: Damage) -> None:
    chance = random.Random(20)
    content = chance.randbytes(3 * CHUNK + 40)
    parts = parts_of(write(tmp_path / "one", content))
    others = parts_of(write(tmp_path / "other", content))
    with opened(tmp_path / "one") as reader:
        header, key = read_header_and_key(reader)
    target = os.memfd_create("damaged")
    try:
        for _ in range(10_000 // 6 + 1):
            damaged = b"".join(damage(chance, parts, others))
            os.ftruncate(target, 0)
            os.pwrite(target, damaged, 0)
            assert detected(target, content, lambda found: key if found == header else key_of(found))
    finally:
        os.close(target)


def read_header_and_key(reader: SealedReader) -> tuple[Header, bytes]:
    return reader.header, key_of(reader.header)


def detected(handle: int, content: bytes, key: Callable[[Header], bytes]) -> bool:
    """Whether reading ends with a refusal; what was given before must be the beginning of the content."""
    given_out = 0
    try:
        for piece in SealedReader(handle, key).pieces():
            assert piece == content[given_out : given_out + len(piece)]
            given_out += len(piece)
    except (Damaged, UnknownKey):
        return True
    return False


def test_a_header_is_read_without_any_key(tmp_path: Path) -> None:
    path = write(tmp_path / "sealed", b"words", Purpose.LADDER)
    with path.open("rb") as file:
        header = read_header(file.fileno())
    assert (header.call, header.purpose) == (CALL, Purpose.LADDER)

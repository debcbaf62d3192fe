"""Sealed records: what comes out is what went in up to the first change, whatever was done to the file."""

import random
import uuid

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from apresa.shared.sealing.datakey import unwrap_half, wrap_half
from apresa.shared.sealing.errors import Damaged, UnknownKey
from apresa.shared.sealing.header import HEADER, Purpose
from apresa.shared.sealing.records import HEAD, LARGEST, OVERHEAD, Records, file_key, new_head, run_of, seal_whole
from recordings.pipeline.spool.content import unseal

PRIVATE = X25519PrivateKey.generate()
RUN, HALF = wrap_half(uuid.uuid4(), Purpose.SPOOL, PRIVATE.public_key())
contents = st.lists(st.binary(max_size=40), min_size=1, max_size=8)


def records_of(head: bytes, name: str = "a") -> Records:
    return Records(head, file_key(head, HALF, name))


def sealed(parts: list[bytes], *, finished: bool = True, name: str = "a") -> list[bytes]:
    """The pieces of a file: its head, then its records."""
    records = records_of(new_head(RUN), name)
    found, offset = [records.head], HEAD
    for number, part in enumerate(parts, 1):
        found.append(records.seal(offset, part, last=finished and number == len(parts)))
        offset += len(found[-1])
    return found


def opened(data: bytes, name: str = "a") -> tuple[bytes, int, bool]:
    found = unseal(data, records_of(data[:HEAD], name))
    return found.data, found.torn, found.whole


@given(contents)
def test_what_was_sealed_comes_back_and_is_whole(parts: list[bytes]) -> None:
    assert opened(b"".join(sealed(parts))) == (b"".join(parts), 0, True)


@given(contents)
def test_a_file_that_still_grows_is_not_whole(parts: list[bytes]) -> None:
    assert opened(b"".join(sealed(parts, finished=False))) == (b"".join(parts), 0, False)


@given(contents, st.data())
def test_a_cut_anywhere_is_seen_and_gives_the_records_before(parts: list[bytes], data: st.DataObject) -> None:
    pieces = sealed(parts)
    file = b"".join(pieces)
    cut = data.draw(st.integers(HEAD, len(file) - 1))
    content, torn, whole = opened(file[:cut])
    kept = next(count for count in range(len(pieces), 0, -1) if len(b"".join(pieces[:count])) <= cut) - 1
    assert (content, torn, whole) == (b"".join(parts[:kept]), cut - len(b"".join(pieces[: kept + 1])), False)


@settings(max_examples=300)
@given(contents, st.data())
def test_a_flipped_bit_is_seen_and_gives_the_records_before(parts: list[bytes], data: st.DataObject) -> None:
    file = bytearray(b"".join(sealed(parts)))
    bit = data.draw(st.integers(0, 8 * len(file) - 1))
    file[bit // 8] ^= 1 << bit % 8
    try:
        content, torn, whole = opened(bytes(file))
    except Damaged:
        assert bit < 8 * HEADER
        return
    assert not whole
    assert torn > 0
    assert b"".join(parts).startswith(content)


def test_records_that_were_moved_dropped_repeated_or_swapped_in_are_seen() -> None:
    chance = random.Random(6)
    for _ in range(2000):
        parts = [chance.randbytes(chance.randrange(30)) for _ in range(chance.randrange(2, 7))]
        mine, other = sealed(parts), sealed(parts)
        at, to = chance.sample(range(1, len(mine)), 2)
        changed = list(mine)
        match chance.randrange(4):
            case 0:
                changed[at], changed[to] = changed[to], changed[at]
            case 1:
                del changed[at]
            case 2:
                changed.insert(at, changed[to])
            case _:
                changed[at] = other[at]
        content, torn, whole = opened(b"".join(changed))
        assert b"".join(parts).startswith(content)
        assert not whole or torn  # a copy after the last record is left over


def test_a_file_under_another_name_does_not_open() -> None:
    file = b"".join(sealed([b"said"], name="one"))
    assert opened(file, "two") == (b"", len(file) - HEAD, False)


def test_the_same_content_at_the_same_offset_never_looks_alike() -> None:
    """A writer that failed writes again where it was: under a counter as nonce the two would give both away."""
    records = records_of(new_head(RUN))
    assert len({records.seal(HEAD, b"said") for _ in range(100)}) == 100


def test_no_nonce_comes_twice_however_often_a_file_is_opened_and_written_at_one_place() -> None:
    head = new_head(RUN)
    nonces = [records_of(head).seal(HEAD, b"said")[5:17] for _ in range(100)]
    one = records_of(head)
    nonces += [one.seal(HEAD, b"said")[5:17] for _ in range(100)]
    assert len(set(nonces)) == 200


def test_content_larger_than_a_record_is_cut_to_several() -> None:
    content = random.Random(1).randbytes(LARGEST + 5)
    file = seal_whole(records_of(new_head(RUN)), content)
    assert len(file) == HEAD + len(content) + 2 * OVERHEAD
    assert opened(file) == (content, 0, True)


def test_an_empty_file_is_sealed_as_one_record() -> None:
    file = seal_whole(records_of(new_head(RUN)), b"")
    assert (len(file), opened(file)) == (HEAD + OVERHEAD, (b"", 0, True))


def test_the_private_key_opens_a_run_by_its_header() -> None:
    assert unwrap_half(run_of(new_head(RUN)), PRIVATE) == HALF


def test_another_private_key_is_refused_by_name() -> None:
    with pytest.raises(UnknownKey, match=RUN.key_pair.hex()):
        unwrap_half(RUN, X25519PrivateKey.generate())


@given(st.binary(max_size=2 * HEAD))
def test_any_first_bytes_give_damage_or_a_head(data: bytes) -> None:
    with pytest.raises(Damaged):
        run_of(data)


def test_a_file_of_the_library_is_none_of_the_spool() -> None:
    library, _ = wrap_half(uuid.uuid4(), Purpose.AUDIO, PRIVATE.public_key())
    with pytest.raises(Damaged, match="none of the spool"):
        run_of(new_head(library))

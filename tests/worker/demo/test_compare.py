import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.demo.agents import samples
from worker.demo.compare import CompareError, compare, spoken

CALLER, CALLEE = samples()


def stereo(left: tuple[int, ...], right: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(b"".join(struct.pack("<hh", *pair) for pair in zip(left, right, strict=True)))
    return file.getvalue()


def test_speech_as_spoken_is_exact() -> None:
    found = compare(stereo(spoken(CALLER), spoken(CALLEE)), CALLER, CALLEE)
    assert (found.left.exact, found.right.exact, found.swapped, found.good) == (1.0, 1.0, False, True)
    assert found.seconds == len(CALLER) / 8000


def test_speech_that_begins_later_is_found_at_its_place() -> None:
    silence = (0,) * 333
    found = compare(stereo(silence + spoken(CALLER), silence + spoken(CALLEE)), CALLER, CALLEE)
    assert (found.left.offset, found.right.offset, found.good) == (333, 333, True)


def test_swapped_channels_are_seen() -> None:
    found = compare(stereo(spoken(CALLEE), spoken(CALLER)), CALLER, CALLEE)
    assert (found.swapped, found.good) == (True, False)


def test_mixed_channels_are_wrong() -> None:
    mixed = tuple((a + b) // 2 for a, b in zip(spoken(CALLER), spoken(CALLEE), strict=True))
    assert not compare(stereo(mixed, mixed), CALLER, CALLEE).good


def test_one_lost_packet_is_below_the_mark() -> None:
    left = list(spoken(CALLER))
    left[16000:16160] = [0] * 160
    found = compare(stereo(tuple(left), spoken(CALLEE)), CALLER, CALLEE)
    assert found.left.exact == pytest.approx(1 - 160 / len(left), abs=0.0002)
    assert not found.good


def test_the_formula_expands_the_ends_of_the_scale() -> None:
    assert spoken(bytes([0x00, 0x80, 0x7F, 0xFF])) == (-32124, 32124, 0, 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_recording_or_one_error(data: bytes) -> None:
    with pytest.raises(CompareError):
        compare(data, CALLER[:800], CALLEE[:800])

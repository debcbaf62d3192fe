import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.media.codecs.base import CodecError
from recordings.pipeline.media.codecs.g711 import ALAW, ULAW, LinearDecoder, TableDecoder, encode_ulaw


def ulaw(code: int) -> int:
    """ITU-T G.711, worked out for one octet from the definition."""
    code = ~code & 255
    chord, step = code >> 4 & 7, code & 15
    size = (2 * step + 33 << chord) - 33
    return (-size if code & 128 else size) * 4


def alaw(code: int) -> int:
    code ^= 0x55
    chord, step = code >> 4 & 7, code & 15
    size = 2 * step + 1 if chord == 0 else 2 * step + 33 << chord - 1
    return (size if code & 128 else -size) * 8


def test_ulaw_table_is_that_of_the_recommendation() -> None:
    assert ULAW.tolist() == [ulaw(code) for code in range(256)]


def test_alaw_table_is_that_of_the_recommendation() -> None:
    assert ALAW.tolist() == [alaw(code) for code in range(256)]


def test_decoding_maps_octet_by_octet() -> None:
    assert TableDecoder(ULAW).decode(b"\x00\x80\xff").tolist() == [-32124, 32124, 0]


def test_encoding_finds_the_nearest_code() -> None:
    samples = np.arange(-32768, 32768, 7).astype(np.int16)
    again = ULAW[np.frombuffer(encode_ulaw(samples), np.uint8)].astype(np.int32)
    nearest = np.abs(ULAW.astype(np.int32)[None, :] - samples.astype(np.int32)[:, None]).min(axis=1)
    assert np.array_equal(np.abs(again - samples), nearest)


def test_linear_stereo_becomes_its_mean() -> None:
    assert LinearDecoder(2).decode(b"\x00\x10\x00\x20\xff\xff\xff\xfd").tolist() == [24, -2]


@given(st.binary(max_size=9))
def test_linear_takes_whole_samples_only(payload: bytes) -> None:
    if len(payload) % 2:
        with pytest.raises(CodecError):
            LinearDecoder().decode(payload)
    else:
        assert LinearDecoder().decode(payload).astype(">i2").tobytes() == payload

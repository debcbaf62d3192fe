import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.media.codecs import framing
from recordings.pipeline.media.codecs.base import CodecError, Format

ALIGNED = Format("AMR", 8000, 1, "octet-align=1; mode-set=7")
PACKED = Format("AMR")


def bits(text: str) -> bytes:
    padded = text + "0" * (-len(text) % 8)
    return int(padded, 2).to_bytes(len(padded) // 8, "big")


def test_g729_cuts_speech_and_a_noise_frame() -> None:
    assert framing.g729(b"a" * 10 + b"b" * 10 + b"cc") == [b"a" * 10, b"b" * 10, 80]


def test_g723_reads_the_size_from_each_frame() -> None:
    long, short, noise, none = b"\x00" * 24, b"\x01" + bytes(19), b"\x02" + bytes(3), b"\x03"
    assert framing.g723(long + short + noise + none) == [long, short, 240, 240]


def test_amr_octet_aligned_becomes_storage_frames() -> None:
    payload = b"\xf0" + b"\x3c" + b"\x55" * 31
    assert framing.amr(ALIGNED, False)(payload) == [b"\x3c" + b"\x55" * 30 + b"\x50"]


def test_amr_bandwidth_efficient_gives_the_same_frame() -> None:
    speech = ("01010101" * 31)[:244]
    payload = bits("1111" + "0" + "0111" + "1" + speech)
    assert framing.amr(PACKED, False)(payload) == [b"\x3c" + bits(speech)]


def test_amr_with_two_frames_in_one_payload() -> None:
    one, two = "1" * 95, "10" * 47 + "1"
    payload = bits("1111" + "1" + "0000" + "1" + "0" + "0000" + "1" + one + two)
    assert framing.amr(PACKED, False)(payload) == [b"\x04" + bits(one), b"\x04" + bits(two)]


def test_amr_noise_and_damaged_frames_are_silence() -> None:
    noise = bits("1111" + "0" + "1000" + "1" + "0" * 39)
    damaged = bits("1111" + "0" + "0111" + "0" + "0" * 244)
    assert [framing.amr(PACKED, False)(payload) for payload in (noise, damaged)] == [[160], [160]]


def test_amr_with_interleaving_is_refused() -> None:
    with pytest.raises(CodecError):
        framing.amr(Format("AMR", 8000, 1, "octet-align=1; interleaving=30"), False)


@pytest.mark.parametrize(
    ("first", "samples"),
    [(b"\x08", 960), (b"\x78", 960), (b"\x80", 120), (b"\xf8", 960), (b"\xf9", 1920), (b"\xfb\x03", 2880), (b"", 0)],
)
def test_opus_length_is_read_from_the_first_octets(first: bytes, samples: int) -> None:
    assert framing.opus_samples(first) == samples


FRAMINGS = {
    "g729": framing.g729,
    "g723": framing.g723,
    "gsm": framing.fixed(33),
    "amr": framing.amr(PACKED, False),
    "amr aligned": framing.amr(ALIGNED, False),
    "amr-wb": framing.amr(PACKED, True),
}


@settings(deadline=None)
@given(st.sampled_from(sorted(FRAMINGS)), st.binary(max_size=120))
def test_any_payload_is_cut_or_refused(name: str, payload: bytes) -> None:
    try:
        frames = FRAMINGS[name](payload)
    except CodecError:
        return
    assert len(frames) <= len(payload)

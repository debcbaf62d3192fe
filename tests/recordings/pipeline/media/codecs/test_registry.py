"""Each decoder against the sound that FFmpeg's encoder was given, and against payloads of chance."""

from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.media.codecs.base import CodecError, Format, Samples, UnknownCodec
from recordings.pipeline.media.codecs.g711 import ULAW, encode_ulaw
from recordings.pipeline.media.codecs.registry import STATIC, find
from tests.samples.streams import cut, speech

NAMES = ["PCMU", "PCMA", "L16", "G722", "opus", "speex", "iLBC", "G729", "G723", "GSM", "AMR", "AMR-WB"]
NAMES += [f"{packing}G726-{rate}" for packing in ("", "AAL2-") for rate in (16, 24, 32, 40)]


def encoded(encoder: str, samples: Samples, rate: int, size: int, **options: str) -> list[bytes]:
    """The packets of FFmpeg's encoder, `size` samples each."""
    context: Any = av.CodecContext.create(encoder, "w")
    context.sample_rate, context.layout = rate, "mono"
    context.format = context.codec.audio_formats[0].name
    context.options = options
    converter: Any = av.AudioResampler(format=context.format.name, layout="mono", rate=rate)
    packets = []
    for at in range(0, len(samples) - size + 1, size):
        frame: Any = av.AudioFrame.from_ndarray(samples[at : at + size].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, at
        for converted in converter.resample(frame):
            packets += [bytes(packet) for packet in context.encode(converted)]
    return packets + [bytes(packet) for packet in context.encode(None)]


def likeness(heard: Samples, spoken: Samples) -> float:
    """The correlation at the best shift of up to 60 ms."""
    size = 1 << (len(heard) + len(spoken)).bit_length()
    a, b = (np.fft.rfft(item.astype(float), size) for item in (heard, spoken))
    best = np.abs(np.fft.irfft(a * np.conj(b), size)).max()
    return float(best / np.sqrt((heard.astype(float) ** 2).sum() * (spoken.astype(float) ** 2).sum()))


@pytest.mark.parametrize(
    ("name", "encoder", "rate", "size", "options", "least"),
    [
        ("G722", "g722", 16000, 320, {}, 0.99),
        ("G726-16", "g726le", 8000, 160, {"code_size": "2"}, 0.9),
        ("G726-24", "g726le", 8000, 160, {"code_size": "3"}, 0.95),
        ("G726-32", "g726le", 8000, 160, {"code_size": "4"}, 0.98),
        ("G726-40", "g726le", 8000, 160, {"code_size": "5"}, 0.99),
        ("AAL2-G726-24", "g726", 8000, 160, {"code_size": "3"}, 0.95),
        ("AAL2-G726-32", "g726", 8000, 160, {"code_size": "4"}, 0.98),
        ("opus", "libopus", 48000, 960, {}, 0.9),
        ("G723", "g723_1", 8000, 240, {"b": "6300"}, 0.7),
    ],
)
def test_decoded_speech_is_like_the_speech_encoded(
    name: str, encoder: str, rate: int, size: int, options: dict[str, str], least: float
) -> None:
    spoken = speech(2, rate=rate)
    packets = encoded(encoder, spoken, rate, size, **options)
    codec = find(Format(name))
    decoder = codec.make()
    heard = np.concatenate([decoder.decode(packet) for packet in packets])
    assert sum(codec.samples(packet) for packet in packets) == len(heard)
    assert likeness(heard, spoken) > least


def test_decoded_amr_is_like_the_speech_encoded() -> None:
    spoken = speech(2)
    packets = [b"\xf0" + packet for packet in encoded("libopencore_amrnb", spoken, 8000, 160, b="12200")]
    decoder = find(Format("AMR", 8000, 1, "octet-align=1")).make()
    assert likeness(np.concatenate([decoder.decode(packet) for packet in packets]), spoken) > 0.7


def test_joined_payloads_decode_as_single_ones_do() -> None:
    packets = encoded("g722", speech(1, rate=16000), 16000, 320)
    single, joined = find(Format("G722")).make(), find(Format("G722")).make()
    assert np.array_equal(np.concatenate([single.decode(p) for p in packets]), joined.decode(b"".join(packets)))


def test_g711_is_exact() -> None:
    octets = encode_ulaw(speech(1))
    codec = find(STATIC[0])
    assert codec.make().decode(octets).tolist() == ULAW[list(octets)].tolist()
    assert [codec.samples(payload) for payload in cut(octets)] == [160] * 50


@pytest.mark.parametrize("name", ["G.711U", "pcmu", "ULAW"])
def test_names_are_known_in_other_spellings(name: str) -> None:
    assert find(Format(name)).name == "PCMU"


@pytest.mark.parametrize("name", ["EVS", "SILK", "BV32", "", "telephone-event"])
def test_a_codec_without_decoder_is_told(name: str) -> None:
    with pytest.raises(UnknownCodec):
        find(Format(name))


def test_an_ilbc_payload_chooses_its_mode_by_length() -> None:
    decoder = find(Format("iLBC")).make()
    assert [len(decoder.decode(bytes(size))) for size in (38, 50, 100)] == [160, 240, 480]


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(NAMES), st.lists(st.binary(max_size=170), max_size=4))
def test_any_payloads_decode_or_raise_the_one_error(name: str, payloads: list[bytes]) -> None:
    codec = find(Format(name, 16000 if name == "AMR-WB" else 8000))
    decoder = codec.make()
    for payload in payloads:
        assert codec.samples(payload) >= 0
        try:
            assert decoder.decode(payload).dtype == np.int16
        except CodecError:
            continue

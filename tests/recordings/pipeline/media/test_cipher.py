import random

from recordings.pipeline.media.cipher import looks_encrypted, scattered_first_octet
from recordings.pipeline.media.codecs.g711 import encode_ulaw
from tests.samples.streams import cut, parsed, speech, talk


def test_evenly_spread_octets_look_encrypted() -> None:
    chance = random.Random(1)
    assert looks_encrypted(parsed(talk([chance.randbytes(170) for _ in range(100)])))


def test_speech_does_not_look_encrypted() -> None:
    assert not looks_encrypted(parsed(talk(cut(encode_ulaw(speech(10))))))


def test_silence_does_not_look_encrypted() -> None:
    assert not looks_encrypted(parsed(talk([b"\xff" * 160] * 100)))


def test_too_few_octets_do_not_decide() -> None:
    chance = random.Random(1)
    assert not looks_encrypted(parsed(talk([chance.randbytes(170) for _ in range(20)])))


def test_opus_whose_first_octets_scatter_looks_encrypted() -> None:
    chance = random.Random(1)
    assert scattered_first_octet(parsed(talk([chance.randbytes(60) for _ in range(100)])))


def test_opus_that_changes_its_mode_now_and_then_does_not_look_encrypted() -> None:
    modes = [bytes([chance]) + bytes(40) for chance in [0x78] * 60 + [0x08] * 30 + [0x48] * 10]
    assert not scattered_first_octet(parsed(talk(modes)))

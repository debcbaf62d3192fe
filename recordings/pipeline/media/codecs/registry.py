"""Which decoder a payload type needs: the static types of RFC 3551 and the names of SDP."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from recordings.pipeline.media.codecs import framing
from recordings.pipeline.media.codecs.base import CodecError, Decoder, Format, Samples, UnknownCodec
from recordings.pipeline.media.codecs.g711 import ALAW, ULAW, LinearDecoder, TableDecoder
from recordings.pipeline.media.codecs.pyav import AvDecoder
from recordings.pipeline.media.quality import Impairment

STATIC = {
    0: Format("PCMU"),
    2: Format("G726-32"),
    3: Format("GSM"),
    4: Format("G723"),
    5: Format("DVI4"),
    6: Format("DVI4", 16000),
    7: Format("LPC"),
    8: Format("PCMA"),
    9: Format("G722"),
    10: Format("L16", 44100, 2),
    11: Format("L16", 44100),
    12: Format("QCELP"),
    13: Format("CN"),
    15: Format("G728"),
    18: Format("G729"),
    26: Format("JPEG", 90000),
    31: Format("H261", 90000),
    34: Format("H263", 90000),
}
EVENT, NOISE = "telephone-event", "CN"
PCM = Impairment(0, 25.1)


@dataclass(frozen=True, slots=True)
class Codec:
    """How one payload type becomes samples.

    rate is that of the samples; density the samples per octet where payloads may be joined before decoding, else 0;
    samples tells how many samples a payload stands for, without decoding it (0 when it cannot be told).
    """

    name: str
    rate: int
    make: Callable[[], Decoder]
    density: float = 0.0
    samples: Callable[[bytes], int] = lambda _: 0
    impairment: Impairment = PCM


def find(form: Format) -> Codec:
    """The codec of a format; raises UnknownCodec when nothing here can decode it."""
    key = canonical(form.name)
    maker = _CODECS.get(key)
    if maker is None:
        raise UnknownCodec(f"codec {form.name or 'unknown'} cannot be decoded")
    return maker(form)


def canonical(name: str) -> str:
    """One spelling of the names that devices use."""
    plain = re.sub(r"[^A-Z0-9]", "", name.upper())
    return _ALIASES.get(plain, plain)


def _table(name: str) -> Callable[[Format], Codec]:
    table = ULAW if name == "PCMU" else ALAW
    return lambda _: Codec(name, 8000, lambda: TableDecoder(table), 1.0, len)


def _linear(form: Format) -> Codec:
    channels = min(max(1, form.channels), 8)
    rate = form.clock if 4000 <= form.clock <= 192_000 else 8000
    octets = 2 * channels
    return Codec("L16", rate, lambda: LinearDecoder(channels), 1 / octets, lambda payload: len(payload) // octets)


def _g722(_: Format) -> Codec:
    """The RTP clock is 8000 by mistake of history (RFC 3551 4.5.2); the audio has 16 kHz."""
    return Codec("G722", 16000, lambda: AvDecoder("g722", 16000), 2.0, lambda payload: 2 * len(payload))


def _g726(bits: int, name: str, decoder: str) -> Callable[[Format], Codec]:
    """The plain names pack the first sample into the low bits, the AAL2 names into the high ones (RFC 3551 4.5.4)."""
    loss = Impairment({2: 50, 3: 25, 4: 7, 5: 2}[bits], 10)
    return lambda _: Codec(
        name,
        8000,
        lambda: AvDecoder(decoder, 8000, bits_per_coded_sample=bits),
        8 / bits if bits in {2, 4} else 0.0,
        lambda payload: len(payload) * 8 // bits,
        loss,
    )


def _framed(
    name: str, decoder: str, rate: int, split: Callable[[Format], framing.Framing], loss: Impairment, frame: int
) -> Callable[[Format], Codec]:
    """A codec whose payloads hold frames of `frame` samples."""

    def make(form: Format) -> Codec:
        cut = split(form)

        def samples(payload: bytes) -> int:
            try:
                return frame * len(cut(payload))
            except CodecError:
                return 0

        return Codec(name, rate, lambda: AvDecoder(decoder, rate, cut), 0.0, samples, loss)

    return make


class _IlbcDecoder:
    """30 ms frames of 50 octets or 20 ms frames of 38 (RFC 3952). Devices announce one and send the other."""

    def __init__(self) -> None:
        self.decoders: dict[int, AvDecoder] = {}

    @staticmethod
    def size(payload: bytes) -> int:
        return 38 if len(payload) % 50 and len(payload) % 38 == 0 else 50

    def decode(self, payload: bytes) -> Samples:
        size = self.size(payload)
        if size not in self.decoders:
            self.decoders[size] = AvDecoder("ilbc", 8000, framing.fixed(size), block_align=size)
        return self.decoders[size].decode(payload)


def _ilbc(_: Format) -> Codec:
    def samples(payload: bytes) -> int:
        size = _IlbcDecoder.size(payload)
        return (160 if size == 38 else 240) * (len(payload) // size)

    return Codec("iLBC", 8000, _IlbcDecoder, 0.0, samples, Impairment(11, 32))


def _speex(form: Format) -> Codec:
    rate = form.clock if form.clock in {8000, 16000, 32000} else 8000
    frame = rate // 50
    return Codec("speex", rate, lambda: AvDecoder("speex", rate), 0.0, lambda _: frame, Impairment(11, 20))


def _opus(_: Format) -> Codec:
    return Codec("opus", 48000, lambda: AvDecoder("libopus", 48000), 0.0, framing.opus_samples, Impairment(0, 25))


_CODECS: dict[str, Callable[[Format], Codec]] = {
    "PCMU": _table("PCMU"),
    "PCMA": _table("PCMA"),
    "L16": _linear,
    "G722": _g722,
    "OPUS": _opus,
    "SPEEX": _speex,
    "ILBC": _ilbc,
    "G729": _framed("G729", "g729", 8000, lambda _: framing.g729, Impairment(11, 19), 80),
    "G723": _framed("G723", "g723_1", 8000, lambda _: framing.g723, Impairment(15, 16.1), 240),
    "GSM": _framed("GSM", "gsm", 8000, lambda _: framing.fixed(33), Impairment(20, 10), 160),
    "AMR": _framed("AMR", "amrnb", 8000, lambda form: framing.amr(form, False), Impairment(5, 10), 160),
    "AMRWB": _framed("AMR-WB", "amrwb", 16000, lambda form: framing.amr(form, True), Impairment(5, 10), 320),
    **{f"G726{bits * 8}": _g726(bits, f"G726-{bits * 8}", "g726le") for bits in (2, 3, 4, 5)},
    **{f"AAL2G726{bits * 8}": _g726(bits, f"AAL2-G726-{bits * 8}", "g726") for bits in (2, 3, 4, 5)},
}
_ALIASES = {
    "G711U": "PCMU",
    "G711A": "PCMA",
    "ULAW": "PCMU",
    "ALAW": "PCMA",
    "G721": "G72632",
    "G726": "G72632",
    "G729A": "G729",
    "G729B": "G729",
    "G729AB": "G729",
    "G7231": "G723",
    "GSMFR": "GSM",
    "TELEPHONEEVENT": EVENT,
    "AMRNB": "AMR",
}

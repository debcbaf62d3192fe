"""What a decoder is, and the one error that decoders raise."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


class CodecError(ValueError):
    """A payload that its codec cannot decode."""


class UnknownCodec(CodecError):
    """A codec for which there is no decoder here; its packets are kept."""


@dataclass(frozen=True, slots=True)
class Format:
    """A payload type as SDP announces it; clock is the RTP clock in Hz, parameters the text of a=fmtp."""

    name: str
    clock: int = 8000
    channels: int = 1
    parameters: str = ""

    def parameter(self, key: str) -> str:
        """The value of "key=value" in parameters, or ""; a key without value is "1"."""
        for part in self.parameters.replace(",", ";").split(";"):
            name, equals, value = part.strip().partition("=")
            if name.strip().lower() == key.lower():
                return value.strip() if equals else "1"
        return ""


class Decoder(Protocol):
    """Decodes the payloads of one stream in order; it may keep state between them."""

    def decode(self, payload: bytes) -> Samples:
        """16-bit mono samples at the codec's rate; raises CodecError. An empty array stands for "no frame"."""
        ...


def silence(count: int) -> Samples:
    return np.zeros(count, np.int16)

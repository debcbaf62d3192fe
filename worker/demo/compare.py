"""Compares a recording with what was spoken. It knows G.711 by its own formula, and nothing of the product."""

import io
import struct
import wave
from dataclasses import dataclass

RATE = 8000
PIECE = 800  # samples of the speech that are looked for in the recording: 100 ms
ENOUGH = 0.999


class CompareError(ValueError):
    """The download is not a recording that can be compared."""


@dataclass(frozen=True, slots=True)
class Side:
    """One channel: the share of spoken samples found bit by bit, where they begin, the share of the other's speech."""

    exact: float
    offset: int
    crosstalk: float


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Side
    right: Side
    seconds: float

    @property
    def swapped(self) -> bool:
        return self.left.crosstalk > self.left.exact or self.right.crosstalk > self.right.exact

    @property
    def good(self) -> bool:
        return min(self.left.exact, self.right.exact) >= ENOUGH and not self.swapped


def spoken(octets: bytes) -> tuple[int, ...]:
    """G.711 µ-law to 16-bit samples, by the formula of ITU-T G.711 table 2a, not by the product's table."""
    return tuple(_EXPANDED[octet] for octet in octets)


def _expand(octet: int) -> int:
    octet = ~octet & 0xFF
    magnitude = ((((octet & 0x0F) << 3) + 0x84) << ((octet & 0x70) >> 4)) - 0x84
    return -magnitude if octet & 0x80 else magnitude


_EXPANDED = tuple(_expand(octet) for octet in range(256))


def compare(recording: bytes, caller: bytes, callee: bytes) -> Comparison:
    """A stereo WAV against the µ-law octets of both speakers: the caller is left. Raises CompareError."""
    left, right = channels(recording)
    first, second = spoken(caller), spoken(callee)
    return Comparison(_side(left, first, second), _side(right, second, first), len(left) / RATE)


def channels(recording: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The left and the right samples of a WAV file. Raises CompareError."""
    try:
        with wave.open(io.BytesIO(recording)) as file:
            shape = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise CompareError(f"not a WAV file: {error}") from None
    if shape != (2, 2, RATE):
        raise CompareError(
            f"{shape[0]} channels of {8 * shape[1]} bits at {shape[2]} Hz; 2 of 16 at {RATE} were expected"
        )
    samples = struct.unpack(f"<{len(data) // 2}h", data)
    return samples[::2], samples[1::2]


def _side(channel: tuple[int, ...], own: tuple[int, ...], other: tuple[int, ...]) -> Side:
    exact, offset = share(channel, own)
    return Side(exact, offset, share(channel, other)[0])


def share(channel: tuple[int, ...], speech: tuple[int, ...]) -> tuple[float, int]:
    """The share of the speech that stands in the channel sample by sample, at the place that fits best."""
    heard = struct.pack(f"<{len(channel)}h", *channel)
    places: dict[int, int] = {}
    for start in range(0, len(speech) - PIECE + 1, PIECE):
        piece = struct.pack(f"<{PIECE}h", *speech[start : start + PIECE])
        at = heard.find(piece)
        if at >= 0 and at % 2 == 0:
            places[at // 2 - start] = places.get(at // 2 - start, 0) + 1
    if not places:
        return 0.0, 0
    offset = max(places, key=lambda place: places[place])
    pairs = ((sample, index + offset) for index, sample in enumerate(speech))
    same = sum(1 for sample, at in pairs if 0 <= at < len(channel) and channel[at] == sample)
    return same / len(speech), offset

"""One stretch of one speaker: packets with places become samples without holes, at the rate of their codec."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recordings.pipeline.media.codecs.base import CodecError, Decoder, Samples, silence
from recordings.pipeline.media.codecs.registry import Codec
from recordings.pipeline.media.rtp import Ints, Packets

BLOCK = 50  # packets decoded together: one second
CONCEALED_S = 0.1
LARGEST_SILENCE = 480_000
DecoderOf = Callable[[int], Decoder]


@dataclass(slots=True)
class Faults:
    """What could not be decoded."""

    packets: int = 0
    example: str = ""

    def note(self, error: CodecError) -> None:
        self.packets += 1
        self.example = self.example or str(error)


@dataclass(frozen=True, slots=True)
class Voice:
    """Packets in sequence order with one sample rate; `lost` counts the numbers missing before each packet."""

    packets: Packets
    codec: Codec
    origin_ns: int
    position: Ints
    lost: Ints
    decoder: DecoderOf  # payload type -> the decoder that keeps its state through the call
    faults: Faults

    @property
    def rate(self) -> int:
        return self.codec.rate

    def blocks(self) -> Iterator[Samples]:
        """All samples from origin_ns on, in order; lost packets up to 100 ms are concealed, longer gaps are silent."""
        written = 0
        fill = _Filler(int(CONCEALED_S * self.rate))
        for first in range(0, len(self.packets), BLOCK):
            for index, samples in self._decoded(first, min(first + BLOCK, len(self.packets))):
                gap = int(self.position[index]) - written
                for filling in fill.gap(gap, bool(self.lost[index])):
                    written += len(filling)
                    yield filling
                fresh = samples[max(0, -gap) :]
                fill.heard(fresh)
                written += len(fresh)
                yield fresh

    def _decoded(self, first: int, end: int) -> Iterator[tuple[int, Samples]]:
        """(index of the first packet, samples) for runs of packets that follow each other without a seam."""
        packets, density = self.packets, self.codec.density
        if not density:
            yield from self._each(first, end)
            return
        size = (packets.length[first:end] * density).astype(np.int64)
        joined = self.position[first + 1 : end] - self.position[first : end - 1] == size[:-1]
        joined &= packets.payload_type[first + 1 : end] == packets.payload_type[first : end - 1]
        cuts = [first, *(np.flatnonzero(~joined) + first + 1).tolist(), end]
        for begin, stop in pairwise(cuts):
            payload = packets.joined(begin, stop)
            try:
                yield begin, self.decoder(int(packets.payload_type[begin])).decode(payload)
            except CodecError:
                yield from self._each(begin, stop)

    def _each(self, first: int, end: int) -> Iterator[tuple[int, Samples]]:
        for index in range(first, end):
            try:
                decoder = self.decoder(int(self.packets.payload_type[index]))
                yield index, decoder.decode(self.packets.payload(index))
            except CodecError as error:
                self.faults.note(error)


class _Filler:
    """Fills gaps: what was heard last, again and fading, where packets are lost; silence where none were sent."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.tail = silence(0)

    def heard(self, samples: Samples) -> None:
        if len(samples):
            self.tail = samples[-self.most // 5 :]

    def gap(self, count: int, lost: bool) -> Iterator[Samples]:
        if 0 < count <= self.most and lost and len(self.tail):
            repeated = np.resize(self.tail, count)
            yield (repeated * (1 - np.arange(count) / self.most)).astype(np.int16)
            return
        while count > 0:
            yield silence(min(count, LARGEST_SILENCE))
            count -= LARGEST_SILENCE

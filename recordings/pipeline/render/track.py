"""A track: one SSRC between two addresses, and what is known of its payload types."""

from dataclasses import dataclass, field

import numpy as np

from recordings.pipeline.media import rtp
from recordings.pipeline.media.codecs.base import Format
from recordings.pipeline.media.codecs.registry import EVENT, NOISE, Codec, canonical
from recordings.pipeline.spool.calls import Binding
from recordings.pipeline.spool.streams import Hole

CALLER, CALLEE = "caller", "callee"


@dataclass(slots=True, eq=False)
class Track:
    """Packets in arrival order; formats and codecs by payload type, unknown by why not."""

    ssrc: int
    binding: Binding
    side: str
    packets: rtp.Packets
    ordered: rtp.Ordered
    holes: tuple[Hole, ...]
    formats: dict[int, Format]
    codecs: dict[int, Codec] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    clocks: dict[int, int] = field(default_factory=dict)  # where the timestamps follow another clock than announced
    encrypted: bool = False

    @property
    def events(self) -> list[int]:
        return [number for number, form in self.formats.items() if canonical(form.name) == EVENT]

    @property
    def main_type(self) -> int:
        """The payload type with most packets, telephone events only when there is nothing else."""
        types = self.ordered.packets.payload_type
        counts = np.bincount(types, minlength=128)
        minor = [n for n, form in self.formats.items() if canonical(form.name) in {EVENT, NOISE}]
        counts[minor] = np.minimum(counts[minor], 1) if counts.sum() > counts[minor].sum() else counts[minor]
        return int(counts.argmax())

    def codec_name(self) -> str:
        number = self.main_type
        if number in self.codecs:
            return self.codecs[number].name
        form = self.formats.get(number)
        return form.name if form else f"unknown (payload type {number})"

    def clock(self, number: int | None = None) -> int:
        chosen = self.main_type if number is None else number
        form = self.formats.get(chosen)
        return self.clocks.get(chosen, form.clock if form and form.clock > 0 else 8000)

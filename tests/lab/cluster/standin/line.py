"""A copy's line of history, as DRBD's generation identifiers keep it: who is ahead, who follows, who went apart."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 32  # generations that are remembered


class Verdict(StrEnum):
    SAME = "same"
    SOURCE = "source"  # the peer lacks what this side wrote
    TARGET = "target"
    PARTED = "parted"  # split brain: both wrote alone


@dataclass(frozen=True, slots=True)
class Line:
    """`generation` is "" for a copy that never held anything."""

    generation: str = ""
    before: tuple[str, ...] = ()

    def next(self) -> "Line":
        """What a primary begins when it writes without its peer."""
        known = (self.generation, *self.before) if self.generation else self.before
        return Line(uuid.uuid4().hex, known[:LONGEST])


def compare(own: Line, peer: Line, *, own_discards: bool = False, peer_discards: bool = False) -> Verdict:
    if own.generation == peer.generation:
        return Verdict.SAME
    if not peer.generation or peer.generation in own.before:
        return Verdict.SOURCE
    if not own.generation or own.generation in peer.before:
        return Verdict.TARGET
    if own_discards != peer_discards:
        return Verdict.TARGET if own_discards else Verdict.SOURCE
    return Verdict.PARTED

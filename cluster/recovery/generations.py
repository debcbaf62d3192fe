"""DRBD's generation identifiers: which copy of the recordings is the newer one, as DRBD itself decides it. Pure."""

from dataclasses import dataclass

from cluster.recovery.lines import Relation

JUST_CREATED = 4  # DRBD's mark of a device that never was UpToDate


@dataclass(frozen=True, slots=True)
class Generation:
    """The current data generation, the one since which a bitmap is kept, and those before. 0 stands for none."""

    current: int
    bitmap: int
    history: tuple[int, ...]


def generations(one: Generation, two: Generation) -> Relation:
    """How copy `one` stands to copy `two`; the lowest bit only tells who was Primary."""
    mine, theirs = _even(one.current), _even(two.current)
    if JUST_CREATED in (mine, theirs):
        return _with_new_disk(mine, theirs)
    if mine == theirs:
        return Relation.SAME
    if mine in _before(two):
        return Relation.BEHIND
    if theirs in _before(one):
        return Relation.AHEAD
    return Relation.PARTED if _before(one) & _before(two) else Relation.FOREIGN


def _with_new_disk(mine: int, theirs: int) -> Relation:
    if mine == theirs:
        return Relation.UNKNOWN
    return Relation.BEHIND if mine == JUST_CREATED else Relation.AHEAD


def _before(one: Generation) -> set[int]:
    return {_even(value) for value in (one.bitmap, *one.history)} - {0, JUST_CREATED}


def _even(value: int) -> int:
    return value & ~1

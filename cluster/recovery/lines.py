"""Where a database stands in its history, and how two of them stand to each other. Pure.

A promotion begins a new timeline; its history names the timelines before it, each with the position where it was left.
"""

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How one side stands to the other."""

    SAME = "same"
    AHEAD = "ahead"  # it has all that the other has, and more
    BEHIND = "behind"  # the other has all of it, and more
    PARTED = "parted"  # each has what the other lacks
    AT_LEAST = "at-least"  # it has all that the other has, perhaps more
    AT_MOST = "at-most"
    MAYBE_PARTED = "maybe-parted"  # it goes on where the other was left; the other's last bytes are not known
    PERHAPS_MORE = "perhaps-more"  # the other goes on; this one may have a last part of its own
    FOREIGN = "foreign"  # not copies of each other
    UNKNOWN = "unknown"


OPPOSITE = {
    Relation.AHEAD: Relation.BEHIND,
    Relation.BEHIND: Relation.AHEAD,
    Relation.AT_LEAST: Relation.AT_MOST,
    Relation.AT_MOST: Relation.AT_LEAST,
    Relation.MAYBE_PARTED: Relation.PERHAPS_MORE,
    Relation.PERHAPS_MORE: Relation.MAYBE_PARTED,
}


class Server(StrEnum):
    WRITES = "writes"
    FOLLOWS = "follows"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Fork:
    """An earlier timeline of a line, and the position where the line left it."""

    timeline: int
    at: int


@dataclass(frozen=True, slots=True)
class Line:
    """`position` is the last byte that is known; of a server that crashed it may have more (`exact` is false).

    `wrote`: whether these files were a primary's when they were used last. A standby has nothing of its own.
    """

    system: str
    timeline: int
    position: int
    exact: bool
    wrote: bool
    server: Server
    forks: tuple[Fork, ...] | None
    """None: its history cannot be read."""

    def left(self, timeline: int) -> int | None:
        """Where this line left an earlier timeline; None where that is no ancestor."""
        return next((fork.at for fork in self.forks or () if fork.timeline == timeline), None)


def relation(one: Line, two: Line) -> Relation:
    """How `one` stands to `two`."""
    if one.system != two.system:
        return Relation.FOREIGN
    if one.forks is None or two.forks is None:
        return Relation.UNKNOWN
    if one.timeline == two.timeline:
        return _on_one_timeline(one, two) if one.forks == two.forks else Relation.PARTED
    if one.left(two.timeline) is not None:
        return _goes_on(one, two)
    if two.left(one.timeline) is not None:
        found = _goes_on(two, one)
        return OPPOSITE.get(found, found)
    return Relation.PARTED


def lacks(one: Line, two: Line) -> int | None:
    """Bytes of `two`'s log that `one` is known to lack; None where that cannot be told."""
    if one.system != two.system or one.forks is None or two.forks is None:
        return None
    if one.timeline == two.timeline:
        return max(0, two.position - one.position) if one.forks == two.forks else None
    here, there = one.left(two.timeline), two.left(one.timeline)
    if here is not None:
        return max(0, two.position - here)
    return None if there is None else max(0, two.position - min(there, one.position))


def _on_one_timeline(one: Line, two: Line) -> Relation:
    if one.wrote and two.wrote:
        # Two that wrote the same timeline have parted, or one is a copy that nobody has started as a standby yet.
        return Relation.UNKNOWN
    if one.wrote != two.wrote:
        writer, follower = (one, two) if one.wrote else (two, one)
        # A standby gets only what its primary has made durable; the reader's moment comes later than the writer's.
        found = Relation.SAME if writer.exact else Relation.AT_LEAST
        found = Relation.AHEAD if follower.position < writer.position else found
        return found if writer is one else OPPOSITE.get(found, found)
    if not (one.exact and two.exact):
        return Relation.UNKNOWN
    if one.position == two.position:
        return Relation.SAME
    return Relation.AHEAD if one.position > two.position else Relation.BEHIND


def _goes_on(newer: Line, older: Line) -> Relation:
    """How a line stands to one that is on a timeline which it has left."""
    left = newer.left(older.timeline)
    if left is None:
        return Relation.UNKNOWN
    if older.position > left:
        return Relation.PARTED
    return Relation.AHEAD if older.exact else Relation.MAYBE_PARTED

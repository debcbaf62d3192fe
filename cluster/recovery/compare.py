"""Two sides → which case it is, who should survive, and every direction that is refused, with the reasons. Pure.

One survivor for database and recordings (J1). "Unknown" refuses; what cannot lose anything is only told.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cluster.commands import RECOVERING
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication
from cluster.findings import Finding, finding
from cluster.recovery.generations import Generation, generations
from cluster.recovery.lines import Line, Relation, Server, lacks, relation
from cluster.recovery.sides import NOT_ASKED, Side
from cluster.types import NotRunning, Unknown


class Case(StrEnum):
    NOTHING = "nothing-to-do"
    FAILED_NODE = "failed-node"
    SPLIT_BRAIN = "split-brain"
    DATABASES = "databases-only-broken"
    BOTH_OFF = "both-off"
    UNKNOWN = "sides-unknown"


@dataclass(frozen=True, slots=True)
class Direction:
    """One choice. `refused`: why not; `unseen`: what nobody could compare; `costs`: what is carried over or lost."""

    survivor: str
    loser: str
    refused: tuple[Finding, ...]
    unseen: tuple[Finding, ...]
    costs: tuple[Finding, ...]
    carries: bool = False
    """Whether the loser has, or may have, what the survivor lacks: that is made safe before anything goes (J3)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`proposed` is None where nothing can be proposed; `reasons` say why that one."""

    case: Case
    own: Side
    peer: Side | Unknown
    directions: tuple[Direction, ...]
    proposed: Direction | None
    reasons: tuple[Finding, ...]

    def direction(self, survivor: str) -> Direction | None:
        return next((one for one in self.directions if one.survivor == survivor), None)


# Whoever stands so to the other one lacks nothing of it.
NOTHING_OWN = frozenset({Relation.SAME, Relation.AHEAD, Relation.AT_LEAST})
SPLIT = frozenset({Relation.PARTED, Relation.BEHIND, Relation.PERHAPS_MORE})
Rule = Callable[[Side, Side], Iterator[Finding]]


def compare(own: Side, peer: Side | Unknown, other: str) -> Comparison:
    """`other`: the name of the other node, also where nothing is known of it."""
    found = case(own, peer)
    if isinstance(peer, Unknown):
        return Comparison(found, own, peer, (_alone(own, other, peer),), None, ())
    directions = (_direction(own, peer), _direction(peer, own))
    proposed, reasons = (None, ()) if found in {Case.NOTHING, Case.UNKNOWN} else _propose(own, peer, directions)
    return Comparison(found, own, peer, directions, proposed, reasons)


def case(own: Side, peer: Side | Unknown) -> Case:
    """Which of the manual's cases this is, seen from `own`."""
    if isinstance(peer, Unknown):
        return _case_alone(own)
    if isinstance(own.line, Unknown) and isinstance(peer.line, Unknown):
        return Case.UNKNOWN
    if own.writes and peer.writes:
        return Case.SPLIT_BRAIN
    if own.writes or peer.writes:
        active, passive = (own, peer) if own.writes else (peer, own)
        return _case_with_active(active, passive)
    if own.joined is None or own.writes is None:
        return Case.UNKNOWN
    return Case.DATABASES if own.joined or peer.joined else Case.BOTH_OFF


def _case_alone(own: Side) -> Case:
    """The other node does not answer; it may be doing anything. A copy that has parted from this active one can wait
    for it all the same: DRBD never discards what a Primary has."""
    if own.writes and isinstance(own.drbd, Drbd) and own.drbd.connection is DrbdConnection.STANDALONE:
        return Case.SPLIT_BRAIN
    if own.writes is False and own.joined is False:
        return Case.BOTH_OFF
    return Case.DATABASES if own.writes is False and own.joined else Case.UNKNOWN


def _case_with_active(active: Side, passive: Side) -> Case:
    if databases(active, passive) in SPLIT and passive_wrote(passive):
        return Case.SPLIT_BRAIN
    if isinstance(passive.line, Line) and passive.line.server is Server.FOLLOWS and recordings_good(passive, active):
        good = databases(active, passive) in NOTHING_OWN
        quiet = good and passive.joined is not False and not passive.ticket and not _marked(passive)
        return Case.NOTHING if quiet else Case.FAILED_NODE
    return Case.FAILED_NODE


def _marked(side: Side) -> bool:
    """Whether the mark of a recovery that did not end keeps it from becoming active."""
    return isinstance(side.marks, frozenset) and RECOVERING in side.marks


def passive_wrote(side: Side) -> bool:
    return isinstance(side.line, Line) and side.line.wrote


def databases(one: Side, two: Side) -> Relation:
    if isinstance(one.line, Unknown) or isinstance(two.line, Unknown):
        return Relation.UNKNOWN
    return relation(one.line, two.line)


def recordings(one: Side, two: Side) -> Relation:
    """How the copies of the recordings stand to each other: by a connected kernel, else by their generations."""
    denied = any(_denies(side) for side in (one, two))  # the other kernel's picture is then an old one
    for side, turned in ((one, False), (two, True)):
        if not denied and isinstance(side.drbd, Drbd) and side.drbd.connected:
            return _by_kernel(side.drbd, turned=turned)
    if isinstance(one.generation, Generation) and isinstance(two.generation, Generation):
        return generations(one.generation, two.generation)
    return Relation.UNKNOWN


def _denies(side: Side) -> bool:
    return isinstance(side.drbd, NotRunning) or (isinstance(side.drbd, Drbd) and not side.drbd.connected)


def _by_kernel(drbd: Drbd, *, turned: bool) -> Relation:
    pair = (drbd.peer_disk, drbd.disk) if turned else (drbd.disk, drbd.peer_disk)
    if pair == (DrbdDisk.UP_TO_DATE, DrbdDisk.UP_TO_DATE):
        return Relation.SAME
    if pair[0] is DrbdDisk.UP_TO_DATE:
        return Relation.AHEAD
    return Relation.BEHIND if pair[1] is DrbdDisk.UP_TO_DATE else Relation.UNKNOWN


def recordings_good(one: Side, two: Side) -> bool:
    """Connected and UpToDate on both, as one of the kernels sees it, and no kernel that denies it."""
    seen = [side.drbd for side in (one, two) if side.drbd is not NOT_ASKED]
    whole = [
        isinstance(drbd, Drbd)
        and drbd.connected
        and drbd.replication is DrbdReplication.ESTABLISHED
        and drbd.disk is drbd.peer_disk is DrbdDisk.UP_TO_DATE
        for drbd in seen
    ]
    return bool(whole) and all(whole)


def _direction(survivor: Side, loser: Side) -> Direction:
    return Direction(
        survivor.node,
        loser.node,
        tuple(one for rule in RULES for one in rule(survivor, loser)),
        tuple(_unseen(survivor, loser)),
        tuple(_costs(survivor, loser)),
        carries=databases(survivor, loser) not in NOTHING_OWN,
    )


def _alone(own: Side, other: str, peer: Unknown) -> Direction:
    """This side goes on without having asked the other one: only with the words of somebody who knows better."""
    refused = (*_ticket(own, other), *_survivor_disk(own, own))
    if isinstance(own.line, Unknown):
        refused = (*refused, finding("line-unknown", node=own.node, detail=own.line.detail))
    return Direction(own.node, other, refused, (finding("other-unseen", node=other, detail=peer.detail),), ())


def _line_known(survivor: Side, loser: Side) -> Iterator[Finding]:
    for side in (survivor, loser):
        if isinstance(side.line, Unknown):
            yield finding("line-unknown", node=side.node, detail=side.line.detail)
    if isinstance(survivor.line, Line) and isinstance(loser.line, Line):
        found = relation(survivor.line, loser.line)
        if found is Relation.FOREIGN:
            yield finding("strangers", survivor=survivor.node, loser=loser.node)
        elif found is Relation.UNKNOWN:
            yield finding("lines-unknown", survivor=survivor.node, loser=loser.node)


def _older_line(survivor: Side, loser: Side) -> Iterator[Finding]:
    """The newer data are never discarded (law 7). What has become active all the same stays so: then everything that
    only the loser has is handed over before anything of it goes (`carries`)."""
    found = databases(survivor, loser)
    if not survivor.writes and found in {Relation.BEHIND, Relation.AT_MOST, Relation.PERHAPS_MORE}:
        extra = _lacks(survivor, loser)
        yield finding("older-database", survivor=survivor.node, loser=loser.node, bytes="?" if extra is None else extra)


def _older_recordings(survivor: Side, loser: Side) -> Iterator[Finding]:
    """The database of one side with the recordings of the other would have rows without files (J1)."""
    found = recordings(survivor, loser)
    if found is Relation.BEHIND:
        yield finding("older-recordings", survivor=survivor.node, loser=loser.node)
    elif found is Relation.FOREIGN:
        yield finding("foreign-recordings", survivor=survivor.node, loser=loser.node)


def _loser_serves(survivor: Side, loser: Side) -> Iterator[Finding]:
    if (loser.writes or loser.promoted) and not survivor.writes:
        yield finding("loser-serves", survivor=survivor.node, loser=loser.node)


def _survivor_disk(survivor: Side, _loser: Side) -> Iterator[Finding]:
    drbd = survivor.drbd
    good = {DrbdDisk.UP_TO_DATE, DrbdDisk.CONSISTENT, DrbdDisk.OUTDATED}
    if isinstance(drbd, Drbd) and drbd.disk not in good:
        yield finding("survivor-disk", node=survivor.node, disk=str(drbd.disk))


def _ticket(survivor: Side, loser: Side | str) -> Iterator[Finding]:
    """The survivor is chosen once (J1)."""
    tickets = {survivor.ticket, None if isinstance(loser, str) else loser.ticket} - {None, ""}
    for chosen in sorted(one for one in tickets if one and one != survivor.node):
        yield finding("other-survivor", survivor=chosen)


RULES: Sequence[Rule] = (
    _line_known,
    _older_line,
    _older_recordings,
    _loser_serves,
    _survivor_disk,
    _ticket,
)


def _unseen(survivor: Side, loser: Side) -> Iterator[Finding]:
    if recordings(survivor, loser) is Relation.UNKNOWN:
        yield finding("recordings-unseen", survivor=survivor.node, loser=loser.node)
    if any("calls" not in (side.held.only_here or {}) for side in (survivor, loser)):
        yield finding("calls-unseen", survivor=survivor.node, loser=loser.node)


def _costs(survivor: Side, loser: Side) -> Iterator[Finding]:
    """What the loser has and the survivor lacks, in numbers."""
    found = databases(survivor, loser)
    extra = _lacks(survivor, loser)
    if found in {Relation.PARTED, Relation.BEHIND, Relation.AT_MOST, Relation.PERHAPS_MORE}:
        code = "own-history" if extra is not None else "own-history-unknown"
        yield finding(code, loser=loser.node, survivor=survivor.node, bytes=extra or 0)
    elif found is Relation.MAYBE_PARTED:
        yield finding("last-bytes", loser=loser.node, survivor=survivor.node)
    for what, count in sorted((loser.held.only_here or {}).items()):
        if count:
            yield finding(f"only-there-{what}", loser=loser.node, survivor=survivor.node, count=count)
    drbd = loser.drbd
    if isinstance(drbd, Drbd) and drbd.connection is DrbdConnection.STANDALONE:
        yield finding("recordings-discarded", loser=loser.node, survivor=survivor.node)
    elif isinstance(drbd, NotRunning):
        yield finding("recordings-down", loser=loser.node)


def _lacks(survivor: Side, loser: Side) -> int | None:
    if isinstance(survivor.line, Unknown) or isinstance(loser.line, Unknown):
        return None
    return lacks(survivor.line, loser.line)


def _propose(own: Side, peer: Side, directions: Sequence[Direction]) -> tuple[Direction | None, tuple[Finding, ...]]:
    """U4: what holds already; the side that serves alone; people's acts; calls only there; the floating address."""
    allowed = [one for one in directions if not one.refused]
    if len(allowed) < 2:
        return (allowed[0], (finding("only-choice", survivor=allowed[0].survivor),)) if allowed else (None, ())
    sides = {own.node: own, peer.node: peer}
    for code, weight in WEIGHTS:
        first, second = (weight(sides[one.survivor]) for one in allowed)
        if first != second:
            chosen = allowed[0] if first > second else allowed[1]
            return chosen, (finding(code, survivor=chosen.survivor),)
    return allowed[0], (finding("alike", survivor=allowed[0].survivor),)


def _count(side: Side, *names: str) -> int:
    return sum((side.held.only_here or {}).get(name, 0) for name in names)


WEIGHTS: Sequence[tuple[str, Callable[[Side], int]]] = (
    ("serves", lambda side: int(bool(side.writes))),
    ("more-acts", lambda side: _count(side, "acts")),
    ("more-calls", lambda side: _count(side, "calls")),
    ("promoted", lambda side: int(bool(side.promoted))),
    ("newer-line", lambda side: side.line.timeline if isinstance(side.line, Line) else 0),
)

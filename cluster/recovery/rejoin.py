"""May a database that was the active one follow the other node's again, with its files as they are? Pure.

Only where nothing of it can be discarded: it was shut down in order, and its last record ends before the point
where the other node's history left its timeline. Whatever is unknown is no proof (law 7): then it is recovered
by a copy.
"""

from collections.abc import Iterator

from cluster.findings import Finding, finding
from cluster.recovery.compare import recordings
from cluster.recovery.lines import Line, Relation, Server
from cluster.recovery.sides import CLEAN_STATES, PRIMARY_STATES, Side, restored
from cluster.rejoin_types import Proof, Verdict
from cluster.types import ClusterView, ControlData, NodeView, NotRunning, Unknown

LOCK = "PGSQL.lock"
PAGE, SEGMENT = 8192, 16 * 1024 * 1024
CHECKPOINT = 120  # bytes of a shutdown checkpoint's record, with what aligns it
PAGE_HEAD, SEGMENT_HEAD = 24, 40
# Of recordings that are the same, or that the other node's go beyond, DRBD discards nothing.
ONE_HISTORY = frozenset({Relation.SAME, Relation.BEHIND})


def wanted(own: NodeView) -> bool:
    """Whether the question arises: a database that is off, and was the active one or bears its agent's mark."""
    if not isinstance(own.postgres, NotRunning) or not isinstance(own.control, ControlData) or restored(own.marks):
        return False
    locked = isinstance(own.marks, frozenset) and LOCK in own.marks
    return locked or own.control.state in PRIMARY_STATES


def proven(view: ClusterView) -> Proof | None:
    return view.own.rejoin.proof if view.own.rejoin else None


def verdict(own: Side, peer: Side | Unknown, other: str) -> Verdict:
    """`other`: the other node's name, also where nothing is known of it."""
    if isinstance(peer, Unknown):
        return Verdict(None, (finding("other-silent", other=other, detail=peer.detail),))
    against = (*_states(own, peer), *_databases(own, peer), *_recordings(own, peer))
    fork = _fork(own, peer)
    if against or fork is None or isinstance(own.control, Unknown) or own.control.position is None:
        return Verdict(None, against or (finding("no-fork", node=own.node, other=other),))
    control = own.control
    return Verdict(Proof(control.system, control.timeline, own.control.position, fork))


def end_of(position: int, state: str) -> int:
    """Where the last record ends: pg_control only says where a primary's last checkpoint begins."""
    if state != "shut down":
        return position
    end = position + CHECKPOINT
    if position // PAGE == (end - 1) // PAGE:
        return end
    # The record goes on behind the next page's head.
    return end + (SEGMENT_HEAD if (end // PAGE * PAGE) % SEGMENT == 0 else PAGE_HEAD)


def _states(own: Side, peer: Side) -> Iterator[Finding]:
    if own.ticket is None or own.ticket or peer.ticket is None or peer.ticket:
        yield finding("ticket")
    if not peer.writes or peer.promoted is False:
        yield finding("other-passive", other=peer.node)
    if isinstance(own.control, Unknown):
        yield finding("unknown", node=own.node, detail=own.control.detail)
    elif own.control.state not in CLEAN_STATES:
        yield finding("not-in-order", node=own.node, state=own.control.state)
    if isinstance(own.marks, Unknown):
        yield finding("unknown", node=own.node, detail=own.marks.detail)
    elif own.marks - {LOCK, "standby.signal"}:
        yield finding("marks", node=own.node, marks=", ".join(sorted(own.marks - {LOCK, "standby.signal"})))


def _databases(own: Side, peer: Side) -> Iterator[Finding]:
    for side in (own, peer):
        if isinstance(side.line, Unknown):
            yield finding("unknown", node=side.node, detail=side.line.detail)
        elif side.line.forks is None:
            yield finding("unknown", node=side.node, detail="Its timeline's history cannot be read.")
    if isinstance(own.line, Line) and isinstance(peer.line, Line) and isinstance(own.control, ControlData):
        yield from _lines(own, own.line, own.control, peer, peer.line)


def _lines(own: Side, mine: Line, control: ControlData, peer: Side, theirs: Line) -> Iterator[Finding]:
    if mine.server is not Server.STOPPED:
        yield finding("runs", node=own.node)
    if len({mine.system, theirs.system, control.system}) != 1:
        yield finding("strangers", node=own.node, other=peer.node)
        return
    fork = _fork(own, peer)
    if fork is None or mine.timeline != control.timeline or control.position is None:
        yield finding("no-fork", node=own.node, other=peer.node)
        return
    beyond = end_of(control.position, control.state) - fork
    if beyond > 0:
        yield finding("beyond", node=own.node, other=peer.node, bytes=beyond)


def _fork(own: Side, peer: Side) -> int | None:
    """Where the active database left this one's timeline; None where that is none of its ancestors.

    A number is not enough: two nodes that were promoted alone gave the same one to different timelines, so the way to
    it must be the same one, too.
    """
    mine, theirs = own.line, peer.line
    if isinstance(mine, Unknown) or isinstance(theirs, Unknown) or mine.forks is None or theirs.forks is None:
        return None
    if mine.timeline == theirs.timeline:
        # A standby of this very timeline. Two that have both written it can't be told apart.
        return theirs.position if not mine.wrote and mine.forks == theirs.forks else None
    if tuple(one for one in theirs.forks if one.timeline < mine.timeline) != mine.forks:
        return None
    return theirs.left(mine.timeline)


def _recordings(own: Side, peer: Side) -> Iterator[Finding]:
    """They tell two timelines apart that were left at the very same byte, and come from one side with the database."""
    found = recordings(own, peer)
    if found is Relation.UNKNOWN:
        yield finding("recordings-unknown", node=own.node, other=peer.node)
    elif found not in ONE_HISTORY:
        yield finding("recordings-parted", node=own.node, other=peer.node)

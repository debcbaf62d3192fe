"""What a node mends by itself, and how often. Pure: a view and what earlier attempts tell → what is tried now.

Only what can lose nothing: a link that both sides' reports show free of parted histories, a failure that is over or can
be tried again, a recorder that says nothing. Whatever is unknown, or in people's hands, is left alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cluster import orders
from cluster.commands import Command
from cluster.decide import Judgement
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdRole
from cluster.pacemaker_types import Pacemaker, Resource, ResourceKind, ResourceRole
from cluster.picture import resource_of
from cluster.preflight import Act, reasons
from cluster.recovery.orders import DATABASE_PRIMITIVE, rejoin
from cluster.recovery.rejoin import proven
from cluster.rules.facts import Facts, gather
from cluster.types import ClusterView, ControlData, NodeView

MOST_RECONNECTS = 3  # a day
MOST_REJOINS = 3  # of one stop
SETTLED = 60.0  # seconds that a failure must have lasted: Pacemaker's own attempts come first
SILENT = 30.0  # seconds without a word of the recording component, which says one each second
WAITS = (60.0, 300.0, 900.0, 3600.0)  # seconds from one attempt to the next
# While one of these is known, the recordings' volume is for people.
HANDS_OFF = frozenset(
    {
        *("two-active", "two-active-perhaps", "active-moving"),
        "databases-parted",
        "databases-strangers",
        "drbd-differs",
        "drbd-disk",
        "drbd-suspended",
        "drbd-role-disagrees",
        "pictures-differ",
        "no-quorum",
        "node-offline",
        "no-link",
        "maintenance",
    }
)


@dataclass(frozen=True, slots=True)
class Remedy:
    """`name` is a code of `catalogue.remedies.TRIED`; `subject` what it is tried on."""

    name: str
    subject: str
    command: Command
    then: Command | None = None
    """What is still to be done where that went well."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """By the settings."""

    reconnect: bool = True
    cleanups: int = 3
    """A day, for each resource."""
    recorder: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    tried: Mapping[tuple[str, str], tuple[float, ...]]
    """By name and subject: the seconds since each attempt of the last day."""
    lasting: Mapping[str, float]
    """By operation: how long a failure of this node has been known, in seconds."""
    silent: float | None
    """Seconds since the recording component's last word; None where none is to run here."""
    busy: bool
    """Whether people, a set-up or a recovery are at work."""


def remedies(view: ClusterView, judgement: Judgement, known: Known, allowed: Allowed) -> tuple[Remedy, ...]:
    found = tuple(_recorder(view, known)) if allowed.recorder else ()
    if known.busy:
        return found
    return (
        *found,
        *_rejoin(view, judgement, known),
        *(_reconnect(view, judgement, known) if allowed.reconnect else ()),
        *_cleanups(view, judgement, known, allowed.cleanups),
    )


def _recorder(view: ClusterView, known: Known) -> Iterator[Remedy]:
    if known.silent is not None and known.silent > SILENT and _due("recorder", view.own.name, known):
        yield Remedy("recorder", view.own.name, orders.RECORDER)


def _rejoin(view: ClusterView, judgement: Judgement, known: Known) -> Iterator[Remedy]:
    """A primary that handed over in order follows the new one, where the last look proved it of both sides."""
    proof, pacemaker = proven(view), view.own.pacemaker
    if proof is None or not isinstance(pacemaker, Pacemaker) or pacemaker.maintenance or not pacemaker.quorate:
        return
    if judgement.active in {None, view.own.name} or pacemaker.promoted(ResourceKind.DATABASE) != {judgement.active}:
        return
    # Of each stop anew: the files of the next one stand elsewhere.
    subject = f"{view.own.name} {proof.timeline}:{proof.position:X}"
    if len(known.tried.get(("rejoin", subject), ())) < MOST_REJOINS and _due("rejoin", subject, known):
        yield Remedy("rejoin", subject, rejoin(proof), orders.refresh(DATABASE_PRIMITIVE, view.own.name))


def _reconnect(view: ClusterView, judgement: Judgement, known: Known) -> Iterator[Remedy]:
    own, codes = view.own.drbd, {one.code for one in judgement.findings}
    if not isinstance(own, Drbd) or own.connection is not DrbdConnection.STANDALONE or codes & HANDS_OFF:
        return
    attempts = known.tried.get(("reconnect", view.own.name), ())
    if len(attempts) < MOST_RECONNECTS and _one_history(gather(view)) and _due("reconnect", view.own.name, known):
        yield Remedy("reconnect", view.own.name, orders.RECONNECT)


def _one_history(facts: Facts) -> bool:
    """Whether one side has positively written nothing alone, by its own word, so that there is nothing to part.

    DRBD itself compares the generations once more when the two connect, and stays apart where they differ.
    """
    sides = [report.drbd for report in facts.reports if isinstance(report.drbd, Drbd)]
    if not all(isinstance(report.control, ControlData) for report in facts.reports):
        return False  # whether the databases have parted cannot be told
    if len(sides) != 2 or len(facts.acting) != 1 or any(side.connected for side in sides):
        return False
    if any(side.role is DrbdRole.UNKNOWN or side.out_of_sync is None or side.suspended is not False for side in sides):
        return False
    return any(_wrote_nothing(side) for side in sides)


def _wrote_nothing(side: Drbd) -> bool:
    return side.role is DrbdRole.SECONDARY and side.out_of_sync == 0 and side.disk in _KEPT


_KEPT = frozenset({DrbdDisk.UP_TO_DATE, DrbdDisk.OUTDATED, DrbdDisk.CONSISTENT})


def _cleanups(view: ClusterView, judgement: Judgement, known: Known, most: int) -> Iterator[Remedy]:
    """The failures of this node; the other one looks after its own."""
    own, pacemaker = view.own, view.own.pacemaker
    if not isinstance(pacemaker, Pacemaker) or pacemaker.maintenance or not pacemaker.quorate:
        return
    names: dict[str, float] = {}
    for failure in pacemaker.failures:
        if failure.node == own.name and (name := resource_of(failure, pacemaker)):
            lasts = known.lasting.get(failure.operation, 0.0)
            names[name] = min(lasts, names.get(name, lasts))
    for name, lasts in names.items():
        act = Act("cleanup", name, own.name)
        tried = known.tried.get(("cleanup", name), ())
        if lasts < SETTLED or len(tried) >= most or not _due("cleanup", name, known):
            continue
        if _transient(own, name, pacemaker) and not reasons(act, view, judgement):
            yield Remedy("cleanup", name, orders.refresh(name, own.name))


def _transient(own: NodeView, name: str, pacemaker: Pacemaker) -> bool:
    """A service may be tried again anywhere. A database or a volume must be well again already: a new start of one that
    is not may be what must not happen."""
    rows = [one for one in pacemaker.resources if one.name == name]
    if not rows or any(one.blocked or not one.managed for one in rows):
        return False
    if all(one.kind is ResourceKind.SERVICE for one in rows):
        return True
    return any(_well(one) for one in rows if own.name in one.nodes)


def _well(row: Resource) -> bool:
    return not row.failed and row.role in {ResourceRole.PROMOTED, ResourceRole.UNPROMOTED, ResourceRole.STARTED}


def _due(name: str, subject: str, known: Known) -> bool:
    """Each attempt waits longer than the one before."""
    attempts = known.tried.get((name, subject), ())
    return not attempts or min(attempts) >= WAITS[min(len(attempts), len(WAITS)) - 1]

"""The recovery that is open on this machine, and what could be recovered: the choice with its reasons."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db.utils import Error as DatabaseError

from cluster.act import Plan
from cluster.catalogue import acts
from cluster.catalogue import recovery as texts
from cluster.domain import tickets
from cluster.domain.comparing import Compared
from cluster.findings import Finding, fill, finding
from cluster.queries.history import under_way
from cluster.queries.state import State
from cluster.recovery import plan
from cluster.recovery.compare import Case, Comparison
from cluster.recovery.plan import Way, way_of
from cluster.types import ClusterView, Unknown

Translate = Callable[[str], str]


def ticket_open() -> bool | None:
    """Whether a recovery is open here; None: nobody can tell, and that never counts as no."""
    try:
        return tickets.current() is not None
    except DatabaseError:
        return None


# What a look sees that the page of a recovery can do something about.
REPAIRABLE = frozenset(
    {
        *(
            "two-active",
            "two-active-perhaps",
            "nobody-active",
            "not-joined",
            "recovery-not-ended",
            "database-stopped",
            "database-not-streaming",
        ),
        *("databases-parted", "databases-strangers", "drbd-standalone", "drbd-role-disagrees"),
    }
)


def wants_repair(found: State) -> bool:
    """Whether the cluster's page offers to compare both sides: something is wrong, or a recovery is open."""
    if not isinstance(found.view, ClusterView):
        return False
    return ticket_open() is not False or bool(REPAIRABLE & {one.code for one in found.judgement.findings})


@dataclass(frozen=True, slots=True)
class Choice:
    """What this node can do about it. `reasons` speak against it; `unseen` only until somebody accepts it."""

    case: Case
    way: Way | None
    survivor: str
    loser: str
    address: str
    reasons: tuple[Finding, ...]
    unseen: tuple[Finding, ...]
    costs: tuple[Finding, ...]
    why: tuple[Finding, ...]
    comparison: Comparison
    other_writes: bool

    @property
    def must_accept(self) -> bool:
        """Whether only what could not be compared speaks against it."""
        return bool(self.reasons) and all(one.code == "unseen" for one in self.reasons)

    def accepted(self) -> "Choice":
        return replace(self, reasons=tuple(one for one in self.reasons if one.code != "unseen"))

    def sentences(self, translate: Translate = str) -> tuple[str, ...]:
        """Wholly in one language: the sentences and titles within a reason, too."""
        within = {title: translate(title) for title in NAMES.values()}
        within |= {_unseen(one): _unseen(one, translate) for one in self.unseen}
        return tuple(
            fill(
                texts.REASONS[one.code],
                {name: within.get(str(value), value) for name, value in one.parameters.items()},
                translate,
            )
            for one in self.reasons
        )


NAMES = {**acts.TITLES, **texts.TITLES}  # of what may be under way


def _unseen(one: Finding, translate: Translate = str) -> str:
    return fill(texts.UNSEEN[one.code], one.parameters, translate)


def choice(found: Compared, *, way: Way | None = None, named: str = "", busy: bool = True) -> Choice:
    """What follows from a comparison for this node. `way`: what is wanted; `named`: the address that somebody gave."""
    comparison, here = found.comparison, found.view.name
    peer = comparison.peer
    other_writes = not isinstance(peer, Unknown) and bool(peer.writes)
    serving = found.other if other_writes else here
    direction = comparison.proposed or comparison.direction(serving) or next(iter(comparison.directions), None)
    if way in {Way.NODE, Way.CONNECT}:
        direction = comparison.direction(found.other if way is Way.NODE else here) or direction
    survivor = direction.survivor if direction else here
    loser = direction.loser if direction else found.other
    found_way = way_of(comparison.case, survivor_here=survivor == here)
    reasons = [*_named(named, other_writes=other_writes)]
    if not reasons:
        against = direction.refused if direction and comparison.case is not Case.NOTHING else ()
        reasons = [*against, *_no_way(comparison, found_way, loser)]
    unseen = direction.unseen if direction else ()
    if found_way in {Way.DATABASES, Way.FIRST}:
        reasons += [finding("unseen", sentence=_unseen(one)) for one in _blocking(unseen)]
    job = under_way() if busy else None
    if job is not None:
        reasons.append(finding("under-way", what=NAMES.get(str(job.parameters.get("name")), job.kind)))
    return Choice(
        case=comparison.case,
        way=found_way,
        survivor=survivor,
        loser=loser,
        address=found.address,
        reasons=tuple(reasons),
        unseen=unseen,
        costs=direction.costs if direction else (),
        why=comparison.reasons,
        comparison=comparison,
        other_writes=other_writes,
    )


def _blocking(unseen: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(one for one in unseen if one.code == "other-unseen")


def _named(named: str, *, other_writes: bool) -> list[Finding]:
    """recoverdb ADDRESS: the node that still works, and no other."""
    if named and not other_writes:
        return [finding("not-active", address=named)]
    return []


def _no_way(comparison: Comparison, way: Way | None, loser: str) -> list[Finding]:
    if comparison.case is Case.NOTHING:
        return [finding("nothing")]
    if comparison.case is Case.UNKNOWN:
        peer = comparison.peer
        return [finding("sides-unknown", detail=peer.detail if isinstance(peer, Unknown) else "?")]
    if way:
        return []
    if loser == comparison.own.node:
        return [finding("there-first", survivor=comparison.proposed.survivor if comparison.proposed else "?")]
    return [finding("nothing-here", loser=loser)]


def will(found: Choice, translate: Translate = str) -> tuple[str, ...]:
    names = {"survivor": found.survivor, "loser": found.loser}
    return tuple(fill(one, names, translate) for one in texts.WILL[found.way]) if found.way else ()


def commands(found: Choice, compared: Compared) -> tuple[str, ...]:
    """The commands as they will be given, in order; what need not be done is left out at its moment."""
    seen, here = ClusterView(compared.view), compared.view.name
    plans: list[Plan] = []
    if found.way is Way.NODE:
        plans = [
            plan.before(seen, here=here, address=found.address, key="KEY", ticket="TICKET"),
            plan.after(seen, here=here),
            plan.reading(ticket="TICKET"),
            plan.end(here=here),
        ]
    elif found.way is Way.DATABASES:
        plans = [plan.databases(here=here)]
    elif found.way is Way.FIRST:
        plans = [plan.first()]
    elif found.way is Way.CONNECT:
        plans = [plan.connect()]
    return tuple(" ".join(step.command.argv) for one in plans for step in one.steps)

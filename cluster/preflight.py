"""May this be done now? Pure: a view, its judgement and an act → the reasons against it, all of them.

The dangerous direction is refused (law 7), and "unknown" never counts as good.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType

from cluster import fencing, witness
from cluster.catalogue import kind
from cluster.catalogue.rejoin import REJOIN
from cluster.certify import certify
from cluster.decide import Judgement
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdRole
from cluster.findings import Finding, Takeover, fill, finding
from cluster.other_side import to_join, to_start
from cluster.pacemaker_types import Pacemaker, ResourceKind
from cluster.picture import resource_of
from cluster.recovery.sides import PRIMARY_STATES, STANDBY_STATES, restored
from cluster.rejoin_types import Verdict
from cluster.two_active import against_two
from cluster.types import Alone, ClusterView, Configuration, ControlData, NodeView, Postgres, Unknown


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants; `resource` and `node` are for a clean-up, `host` is a witness or, with all that follows, a
    power switch. A password is never part of it."""

    name: str
    resource: str = ""
    node: str = ""
    host: str = ""
    agent: str = ""
    user: str = ""
    plug: str = ""


def reasons(act: Act, view: ClusterView | Alone, judgement: Judgement) -> tuple[Finding, ...]:
    """Everything that speaks against it; their texts stand in `catalogue.acts.REASONS`."""
    if isinstance(view, Alone):
        return (finding("alone"),)
    if act.name in witness.AGAINST:
        return tuple(witness.AGAINST[act.name](act.host, view, frozenset(one.code for one in judgement.findings)))
    if act.name in fencing.AGAINST:
        switch = fencing.Switch(fencing.other(view), act.agent, act.host, act.user, act.plug)
        return tuple(fencing.AGAINST[act.name](switch, view))
    if act.name in OUTSIDE:
        return tuple(OUTSIDE[act.name](view))
    return tuple(_inside(act, view.own, judgement))


def _inside(act: Act, own: NodeView, judgement: Judgement) -> Iterator[Finding]:
    pacemaker = own.pacemaker
    if isinstance(pacemaker, Unknown):
        yield finding("pacemaker-unknown", detail=pacemaker.detail)
    elif not isinstance(pacemaker, Pacemaker):
        yield finding("not-joined", node=own.name)
    else:
        yield from INSIDE[act.name](act, own, pacemaker, judgement)


def _maintenance_on(_act: Act, _own: NodeView, pacemaker: Pacemaker, _judgement: Judgement) -> Iterator[Finding]:
    if pacemaker.maintenance:
        yield finding("already-on")


def _maintenance_off(_act: Act, _own: NodeView, pacemaker: Pacemaker, judgement: Judgement) -> Iterator[Finding]:
    """Pacemaker acts on its picture at once: it must be the right one, or it stops what it should keep."""
    if not pacemaker.maintenance:
        yield finding("already-off")
        return
    codes = {one.code for one in judgement.findings}
    yield from against_two(codes)
    for code, kind_of in (
        ("database-role-disagrees", ResourceKind.DATABASE),
        ("drbd-role-disagrees", ResourceKind.DRBD),
    ):
        if code in codes:
            yield finding("refresh-first", what=next((one.name for one in pacemaker.of_kind(kind_of)), str(kind_of)))


def _cleanup(act: Act, _own: NodeView, pacemaker: Pacemaker, judgement: Judgement) -> Iterator[Finding]:
    if pacemaker.node(act.node) is None:
        yield finding("no-such-node", node=act.node)
        return
    rows = [one for one in pacemaker.resources if one.name == act.resource]
    if not rows:
        yield finding("no-such-resource", resource=act.resource)
        return
    codes = {one.code for one in judgement.findings}
    yield from against_two(codes)
    if any(one.blocked for one in rows):
        yield finding("blocked", resource=act.resource)
    if not (_failed_there(act, pacemaker) or _disagrees(rows[0].kind, codes)):
        yield finding("nothing-failed", resource=act.resource, node=act.node)


def _failed_there(act: Act, pacemaker: Pacemaker) -> bool:
    failed = any(one.node == act.node and resource_of(one, pacemaker) == act.resource for one in pacemaker.failures)
    return failed or any(
        one.name == act.resource and one.failed and act.node in one.nodes for one in pacemaker.resources
    )


def _disagrees(what: ResourceKind, codes: set[str]) -> bool:
    pairs = {ResourceKind.DATABASE: "database-role-disagrees", ResourceKind.DRBD: "drbd-role-disagrees"}
    return pairs.get(what) in codes


def _switchover(_act: Act, own: NodeView, pacemaker: Pacemaker, judgement: Judgement) -> Iterator[Finding]:
    """Nothing may be unknown or on its way: both disks alike, nothing of the database outstanding, the other ready."""
    active, other = judgement.active, judgement.standby
    if active is None or other is None:
        two = list(against_two({one.code for one in judgement.findings}))
        yield from two or [finding("nobody-active")]
        return
    if own.name != active:
        yield finding("not-here", node=active, other=other)
        return
    if pacemaker.maintenance:
        yield finding("maintenance")
    for one in judgement.findings:
        about = kind(one)
        if about.takeover is not Takeover.UNTOUCHED and one.code != "maintenance":
            code = "not-ready" if about.takeover is Takeover.IMPOSSIBLE else "not-certain"
            yield finding(code, other=other, sentence=fill(about.sentence, one.parameters))
    disks = certify(own.drbd, asked_at=1.0, settled_at=0.0)
    if not disks.certified:
        yield finding("not-on-both-disks", detail=disks.reason)
    yield from _behind(own, other)


def _behind(own: NodeView, other: str) -> Iterator[Finding]:
    rows = [row for row in own.standbys if row.name == other] if isinstance(own.standbys, tuple) else []
    if len(rows) != 1 or rows[0].behind is None:
        yield finding("behind-unknown", other=other)
    elif rows[0].behind:
        yield finding("behind", other=other, bytes=rows[0].behind)


def _join(view: ClusterView) -> Iterator[Finding]:
    yield from _may_start(view.own, "was-primary", PRIMARY_STATES)
    yield from to_join(view)


def _start(view: ClusterView) -> Iterator[Finding]:
    yield from _may_start(view.own, "was-standby", STANDBY_STATES)
    yield from to_start(view)


def _may_start(own: NodeView, wrong: str, wrong_states: frozenset[str]) -> Iterator[Finding]:
    """What holds for any node that starts: it is one of the two, connected, quiet, with known and good copies."""
    if isinstance(own.pacemaker, Pacemaker):
        yield finding("joined-already", node=own.name)
        return
    for part, name in (
        (own.pacemaker, "Pacemaker"),
        (own.configuration, "corosync.conf"),
        (own.interfaces, "the network's interfaces"),
        (own.drbd, "DRBD"),
        (own.postgres, "PostgreSQL"),
        (own.control, "PostgreSQL's files"),
    ):
        if isinstance(part, Unknown):
            yield finding("start-unknown", part=name, node=own.name, detail=part.detail)
    yield from _known_here(own)
    if isinstance(own.postgres, Postgres) and not own.postgres.in_recovery:
        yield finding("acts-as-primary", node=own.name, evidence="its database takes writes")
    if isinstance(own.control, ControlData):
        state = own.control.state
        # A copy of the other node's database that has not run yet says what its source was doing.
        proven = wrong == "was-primary" and own.rejoin is not None and own.rejoin.proof is not None
        if (wrong == "was-standby" if restored(own.marks) else state in wrong_states) and not proven:
            yield finding(wrong, node=own.name, state=state, why=_why(own.rejoin))
        elif state not in STANDBY_STATES | PRIMARY_STATES:
            yield finding("server-down", node=own.name, state=state)
    if isinstance(own.drbd, Drbd):
        yield from _recordings(own.name, own.drbd)


def _why(verdict: Verdict | None) -> str:
    """Why it may not follow as it is; the sentences of a reason within a reason."""
    return " ".join(fill(REJOIN[one.code], one.parameters) for one in verdict.against) if verdict else ""


def _known_here(own: NodeView) -> Iterator[Finding]:
    if not isinstance(own.configuration, Configuration):
        return
    ring = own.configuration.node(own.name)
    if ring is None:
        yield finding("name", node=own.name)
    elif isinstance(own.interfaces, tuple):
        carried = {_plain(one) for interface in own.interfaces if interface.carrier for one in interface.addresses}
        for address in ring.addresses:
            # a host's name instead of an address is left to Corosync
            if _plain(address) and _plain(address) not in carried:
                yield finding("link", node=own.name, address=address)


def _plain(address: str) -> str:
    try:
        return str(ip_address(address))
    except ValueError:
        return ""


def _recordings(name: str, drbd: Drbd) -> Iterator[Finding]:
    if drbd.role is not DrbdRole.SECONDARY:
        yield finding("acts-as-primary", node=name, evidence=f"DRBD's role here is {drbd.role}")
    if drbd.connection is DrbdConnection.STANDALONE:
        yield finding("recordings-apart", node=name)
    if drbd.disk not in {DrbdDisk.UP_TO_DATE, DrbdDisk.CONSISTENT, DrbdDisk.OUTDATED, DrbdDisk.INCONSISTENT}:
        yield finding("disk-bad", node=name, disk=str(drbd.disk))


OUTSIDE: Mapping[str, Callable[[ClusterView], Iterator[Finding]]] = MappingProxyType({"join": _join, "start": _start})
INSIDE: Mapping[str, Callable[[Act, NodeView, Pacemaker, Judgement], Iterator[Finding]]] = MappingProxyType(
    {
        "maintenance-on": _maintenance_on,
        "maintenance-off": _maintenance_off,
        "cleanup": _cleanup,
        "switchover": _switchover,
    }
)
ACTS = (*INSIDE, *OUTSIDE, *witness.AGAINST, *fencing.AGAINST)

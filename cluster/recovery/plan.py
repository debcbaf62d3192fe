"""A comparison → the steps, each with its command and what must be seen after it. Pure."""

from enum import StrEnum

from cluster import orders as acts
from cluster.act import Plan, Step, View, joined, maintenance_is, serves_here
from cluster.commands import Command
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdRole
from cluster.pacemaker_types import Pacemaker, ResourceKind, ResourceRole
from cluster.recovery import orders
from cluster.recovery.compare import Case
from cluster.types import ClusterView, NotRunning, Postgres, Receiver

COPIED = 600.0  # seconds that a recovery waits for a copy of the recordings; a longer one is watched by the worker


class Way(StrEnum):
    """What is done on this node; the titles stand in `catalogue.recovery`."""

    NODE = "recover-node"  # this node's database and recordings anew from the other
    DATABASES = "recover-databases"  # this node's database as the active one, where both are down
    FIRST = "recover-first"  # this node first, where both were off
    CONNECT = "recover-connect"  # the survivor lets the other node's recordings connect


def way_of(case: Case, *, survivor_here: bool) -> Way | None:
    """None where this node has nothing to do, or nobody knows."""
    if case in {Case.FAILED_NODE, Case.SPLIT_BRAIN}:
        return Way.CONNECT if survivor_here else Way.NODE
    ways = {Case.DATABASES: Way.DATABASES, Case.BOTH_OFF: Way.FIRST}
    return ways.get(case) if survivor_here else None


def before(view: View, *, here: str, address: str, key: str, ticket: str) -> Plan:
    """The loser's database anew from the survivor's; the old one is kept, and can still be read."""
    steps = []
    if _runs_pacemaker(view):
        # The agent's start and a changing data directory do not go together.
        steps.append(Step("ban", orders.ban(here, promotion=False), _database_off, 120.0))
    steps += [
        _step("stop-database", orders.STOP),
        _step("copy-database", orders.copy(address, key)),
        _step("swap-database", orders.swap(key, ticket)),
        _step("agent-marks", orders.MARKS),
    ]
    return Plan(tuple(steps), lambda _view: False)


def after(view: View, *, here: str) -> Plan:
    """Back into the cluster: a standby that may not be promoted before its copies are whole."""
    steps = []
    if not _runs_pacemaker(view):
        steps.append(Step("join", acts.JOIN, joined, 180.0))
    # The same rule as the full ban, narrowed: the database may start here, and may not be promoted.
    steps += [
        _step("ban-promotion", orders.ban(here, promotion=True)),
        _step("refresh", acts.refresh(orders.DATABASE_PRIMITIVE, here)),
        _step("refresh", acts.refresh(orders.VOLUME, here)),
        Step("follow", acts.refresh(orders.DATABASE_PRIMITIVE, here), follows, 180.0),
    ]
    return Plan(tuple(steps), lambda _view: False)


def reading(*, ticket: str) -> Plan:
    """The old database, open for as long as it is read; what only it knew is handed over (D4)."""
    opened, closed = (_step("export", orders.kept(action, ticket)) for action in ("open", "close"))
    return Plan((opened, closed), lambda _view: False)


def copies(view: View) -> Plan:
    """The recordings: a copy that was down may have come up parted with the join, and gives way now."""
    steps = []
    if parted(view):
        steps += [Step("secondary", orders.SECONDARY, _is_secondary, 60.0), _step("discard", orders.DISCARD)]
    return Plan(tuple(steps), lambda _view: False)


def connecting(*, here: str) -> Plan:
    return Plan((Step("connect", acts.refresh(orders.VOLUME, here), connected, 90.0),), lambda _view: False)


def copied(*, here: str) -> Plan:
    """Wait for the copy of the recordings, as long as a person would."""
    return Plan((Step("copy-recordings", acts.refresh(orders.VOLUME, here), whole, COPIED),), lambda _view: False)


def end(*, here: str) -> Plan:
    """Healthy is what kernel, Pacemaker and PostgreSQL agree on; only then may the node be promoted again (J2)."""
    return Plan(
        (
            _step("refresh", acts.refresh(orders.DATABASE_PRIMITIVE, here)),
            _step("refresh", acts.refresh(orders.VOLUME, here)),
            Step("agree", acts.refresh(orders.VOLUME, here), agrees, 120.0),
            _step("clear-ban", orders.clear(here)),
            _step("promotable", orders.PROMOTABLE),
        ),
        lambda _view: False,
    )


def databases(*, here: str) -> Plan:
    """The manual's seven steps, with what PostgreSQL 15 and Pacemaker 2.1 want instead of recovery.conf and cleanup."""
    return Plan(
        (
            Step("maintenance", acts.maintenance(on=True), lambda view: maintenance_is(view) is True, 20.0),
            _step("stop-database", orders.STOP),
            _step("primary-files", orders.PRIMARY),
            _step("start-database", orders.START),
            Step("adopt", acts.refresh(orders.DATABASE_PRIMITIVE, here), lambda view: _promoted(view, here), 60.0),
            Step("maintenance", acts.maintenance(on=False), lambda view: maintenance_is(view) is False, 20.0),
            Step("serve-here", acts.refresh(orders.DATABASE_PRIMITIVE, here), serves_here, 180.0),
        ),
        lambda _view: False,
    )


def first() -> Plan:
    return Plan((_step("first-mark", orders.FIRST), Step("join", acts.JOIN, serves_here, 240.0)), serves_here)


def connect() -> Plan:
    return Plan((Step("connect", orders.CONNECT, _not_alone, 30.0),), _not_alone)


def _step(name: str, command: Command) -> Step:
    """One that looks for itself, and is without effect where it is done."""
    return Step(name, command, lambda _view: True, 0.0)


def _runs_pacemaker(view: View) -> bool:
    return isinstance(view, ClusterView) and isinstance(view.own.pacemaker, Pacemaker)


def parted(view: View) -> bool:
    """Whether this node's copy of the recordings has gone its own way."""
    drbd = view.own.drbd if isinstance(view, ClusterView) else None
    return isinstance(drbd, Drbd) and drbd.connection is DrbdConnection.STANDALONE


def _database_off(view: View) -> bool:
    return isinstance(view, ClusterView) and isinstance(view.own.postgres, NotRunning)


def _is_secondary(view: View) -> bool:
    drbd = view.own.drbd if isinstance(view, ClusterView) else None
    return isinstance(drbd, Drbd) and drbd.role is DrbdRole.SECONDARY


def _not_alone(view: View) -> bool:
    return isinstance(view, ClusterView) and isinstance(view.own.drbd, Drbd) and not parted(view)


def _promoted(view: View, here: str) -> bool:
    pacemaker = view.own.pacemaker if isinstance(view, ClusterView) else None
    return isinstance(pacemaker, Pacemaker) and pacemaker.promoted(ResourceKind.DATABASE) == {here}


def follows(view: View) -> bool:
    """This node's database streams from the active one."""
    if not isinstance(view, ClusterView):
        return False
    server, receiver = view.own.postgres, view.own.receiver
    standby = isinstance(server, Postgres) and server.in_recovery
    return standby and isinstance(receiver, Receiver) and receiver.streaming


def connected(view: View) -> bool:
    return isinstance(view, ClusterView) and isinstance(view.own.drbd, Drbd) and view.own.drbd.connected


def whole(view: View) -> bool:
    """Both copies of the recordings are good, as this node's kernel sees them."""
    drbd = view.own.drbd if isinstance(view, ClusterView) else None
    return isinstance(drbd, Drbd) and drbd.connected and drbd.disk is drbd.peer_disk is DrbdDisk.UP_TO_DATE


def agrees(view: View) -> bool:
    """Kernel, Pacemaker and PostgreSQL of a node that stands by say the same, and it is good."""
    if not isinstance(view, ClusterView) or not isinstance(view.own.pacemaker, Pacemaker):
        return False
    pacemaker, own = view.own.pacemaker, view.own
    others = {node.name for node in pacemaker.nodes if node.online} - {own.name}
    told = pacemaker.attributes.get(own.name, {})
    return (
        len(others) == 1
        and follows(view)
        and whole(view)
        and _is_secondary(view)
        and pacemaker.promoted(ResourceKind.DATABASE) == others
        and pacemaker.promoted(ResourceKind.DRBD) == others
        and _stands_by(pacemaker, own.name)
        and told.get("postgresql-status", "") in {"HS:async", "HS:sync", "HS:potential"}
        and told.get("postgresql-data-status", "").startswith("STREAMING")
    )


def _stands_by(pacemaker: Pacemaker, name: str) -> bool:
    """Whether Pacemaker has looked at both here, and knows them as the ones that stand by."""
    passive = {one.kind for one in pacemaker.resources if one.role is ResourceRole.UNPROMOTED and name in one.nodes}
    return passive >= {ResourceKind.DATABASE, ResourceKind.DRBD}

"""The view → what a person looks at: two nodes, two lines of replication, resources, failures. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from cluster.decide import Judgement
from cluster.drbd_types import Drbd
from cluster.pacemaker_types import FailedAction, Pacemaker, ResourceKind, ResourceRole
from cluster.types import (
    Alone,
    Check,
    ClusterView,
    Configuration,
    NodeLink,
    NodeView,
    NotRunning,
    Postgres,
    Receiver,
    Services,
)


@dataclass(frozen=True, slots=True)
class DiskRow:
    parts: tuple[str, ...]
    free_percent: int


@dataclass(frozen=True, slots=True)
class NodeCard:
    """One node. None is "not known from here"; words are those of the tools."""

    name: str
    here: bool
    active: bool | None
    standby: bool
    """Whether it is the one that should take over."""
    online: bool | None
    states: tuple[str, ...]
    """What keeps it from serving: standby, maintenance, pending, unclean, shutdown."""
    addresses: tuple[str, ...]
    database: str
    disk: str
    reported: bool
    """Whether it is shown by its own report; else as the node sees it that shows it."""
    release: str
    services: tuple[Check, ...]
    disks: tuple[DiskRow, ...]


@dataclass(frozen=True, slots=True)
class DatabaseLine:
    """How the database goes from the active node to the other; `behind` in bytes. Not good while it is not known who
    is who: in a split brain something may well be streaming."""

    state: str
    sync: str
    behind: int | None
    good: bool


@dataclass(frozen=True, slots=True)
class VolumeLine:
    """How the recordings' volume is copied, by this node's kernel. `percent` and `seconds_left` while it syncs."""

    connection: str
    replication: str
    disk: str
    peer_disk: str
    protocol: str
    out_of_sync: int | None
    percent: float | None
    seconds_left: int | None
    good: bool


@dataclass(frozen=True, slots=True)
class ResourceRow:
    name: str
    kind: str
    role: str
    nodes: tuple[str, ...]
    managed: bool
    trouble: str
    """ "", "failed" or "blocked"."""


@dataclass(frozen=True, slots=True)
class FailureRow:
    node: str
    resource: str
    """ "" where no resource of that name is in the cluster."""
    operation: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One of Corosync's links, from this node to the other. `connected`: None where this node cannot tell."""

    number: int
    here: str
    there: str
    connected: bool | None


@dataclass(frozen=True, slots=True)
class Picture:
    nodes: tuple[NodeCard, ...]
    links: tuple[LinkRow, ...]
    database: DatabaseLine | None
    volume: VolumeLine | None
    resources: tuple[ResourceRow, ...]
    failures: tuple[FailureRow, ...]
    maintenance: bool
    joined: bool
    """Whether Pacemaker runs on this node."""


def picture(view: ClusterView | Alone, judgement: Judgement) -> Picture | None:
    """None for a machine that stands alone."""
    if isinstance(view, Alone):
        return None
    own = view.own
    pacemaker = own.pacemaker if isinstance(own.pacemaker, Pacemaker) else None
    return Picture(
        nodes=tuple(_card(view, name, judgement) for name in _names(own)),
        links=_links(own),
        database=_database(own, judgement),
        volume=_volume(own),
        resources=tuple(_resources(pacemaker)) if pacemaker else (),
        failures=tuple(_failure(one, pacemaker) for one in pacemaker.failures) if pacemaker else (),
        maintenance=pacemaker is not None and pacemaker.maintenance,
        joined=pacemaker is not None,
    )


def _names(own: NodeView) -> tuple[str, ...]:
    names = [node.name for node in own.configuration.nodes] if isinstance(own.configuration, Configuration) else []
    return tuple(names[:2]) if own.name in names[:2] else (own.name, *names[:1])


def _card(view: ClusterView, name: str, judgement: Judgement) -> NodeCard:
    own, report = view.own, _report(view, name)
    services = report.services if report and isinstance(report.services, Services) else None
    pacemaker = own.pacemaker if isinstance(own.pacemaker, Pacemaker) else None
    node = pacemaker.node(name) if pacemaker else None
    ring = own.configuration.node(name) if isinstance(own.configuration, Configuration) else None
    flags = ("standby", "maintenance", "pending", "unclean", "shutdown")
    return NodeCard(
        name=name,
        here=name == own.name,
        active=None if judgement.active is None else name == judgement.active,
        standby=name == judgement.standby,
        online=node.online if node else None,
        states=tuple(flag for flag in flags if node and getattr(node, flag)),
        addresses=ring.addresses if ring else (),
        database=_database_role(report, pacemaker, name),
        disk=_disk(own, report),
        reported=report is not None,
        release=_release(view, name),
        services=services.checks if services else (),
        disks=tuple(DiskRow(one.parts, 100 * one.free // one.total) for one in services.disks) if services else (),
    )


def _links(own: NodeView) -> tuple[LinkRow, ...]:
    """Those that corosync.conf names, in the order of Corosync's numbers, with what Corosync says of each."""
    configuration = own.configuration
    if not isinstance(configuration, Configuration):
        return ()
    here, other = configuration.node(own.name), configuration.other(own.name)
    if here is None or other is None:
        return ()
    told = {link.number: link.connected for link in own.links} if isinstance(own.links, tuple) else {}
    pairs = zip(here.addresses, other.addresses, strict=False)  # a file by hand may give one node more
    return tuple(LinkRow(number, *pair, told.get(number)) for number, pair in enumerate(pairs))


def _report(view: ClusterView, name: str) -> NodeView | None:
    reports = (view.own, view.peer)
    return next((one for one in reports if isinstance(one, NodeView) and one.name == name), None)


def _release(view: ClusterView, name: str) -> str:
    """ "" while nobody has compared both."""
    if not isinstance(view.link, NodeLink):
        return ""
    return view.link.own_release if name == view.own.name else view.link.release


def _database_role(report: NodeView | None, pacemaker: Pacemaker | None, name: str) -> str:
    """The server's own word where its node tells it, else Pacemaker's."""
    if report and isinstance(report.postgres, Postgres):
        return "standby" if report.postgres.in_recovery else "primary"
    if report and isinstance(report.postgres, NotRunning):
        return "off"
    roles = [one.role for one in pacemaker.of_kind(ResourceKind.DATABASE) if name in one.nodes] if pacemaker else []
    words = {ResourceRole.PROMOTED: "primary", ResourceRole.UNPROMOTED: "standby"}
    return words.get(roles[0], str(roles[0])) if roles else ""


def _disk(own: NodeView, report: NodeView | None) -> str:
    """By its own kernel, else by what this one's knows of the other."""
    if report and isinstance(report.drbd, Drbd):
        return str(report.drbd.disk)
    return str(own.drbd.peer_disk) if isinstance(own.drbd, Drbd) and report is not own else ""


def _database(own: NodeView, judgement: Judgement) -> DatabaseLine | None:
    """From the active node by its list of standbys, from the other by its own receiver."""
    if isinstance(own.standbys, tuple) and own.standbys:
        row = next((one for one in own.standbys if one.name == judgement.standby), own.standbys[0])
        return DatabaseLine(row.state, row.sync_state, row.behind, row.streaming and row.name == judgement.standby)
    if isinstance(own.receiver, Receiver):
        following = own.receiver.streaming and own.name == judgement.standby
        return DatabaseLine(own.receiver.status, "", None, following)
    if isinstance(own.postgres, Postgres):
        return DatabaseLine("", "", None, good=False)
    return None


def _volume(own: NodeView) -> VolumeLine | None:
    drbd = own.drbd
    if not isinstance(drbd, Drbd):
        return None
    syncing = drbd.replication.syncing
    return VolumeLine(
        connection=str(drbd.connection),
        replication=str(drbd.replication),
        disk=str(drbd.disk),
        peer_disk=str(drbd.peer_disk),
        protocol=drbd.protocol or "",
        out_of_sync=drbd.out_of_sync,
        percent=drbd.percent if syncing else None,
        seconds_left=drbd.seconds_left if syncing else None,
        good=drbd.connected and str(drbd.replication) == "Established" and drbd.disk == drbd.peer_disk == "UpToDate",
    )


def _resources(pacemaker: Pacemaker) -> Iterator[ResourceRow]:
    for one in pacemaker.resources:
        trouble = "blocked" if one.blocked else "failed" if one.failed else ""
        yield ResourceRow(one.name, str(one.kind), str(one.role), one.nodes, one.managed, trouble)


def _failure(action: FailedAction, pacemaker: Pacemaker | None) -> FailureRow:
    resource = resource_of(action, pacemaker) if pacemaker else ""
    return FailureRow(action.node, resource, action.operation, action.result, action.reason)


def resource_of(action: FailedAction, pacemaker: Pacemaker) -> str:
    """The resource of an operation's key ("postgresql_monitor_7000"); "" where none fits."""
    fitting = [one.name for one in pacemaker.resources if action.operation.startswith(f"{one.name}_")]
    return max(fitting, key=len, default="")

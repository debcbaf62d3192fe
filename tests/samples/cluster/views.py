"""A healthy pair as the readers would give it, for tests that break one thing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.pacemaker_types import Pacemaker, PacemakerNode, Resource, ResourceKind, ResourceRole
from cluster.types import (
    Check,
    Clock,
    ClusterView,
    Configuration,
    ControlData,
    Disk,
    Interface,
    NodeLink,
    NodeView,
    NotRunning,
    Postgres,
    Quorum,
    Receiver,
    RingLink,
    RingNode,
    Services,
    Standby,
    Witness,
)

ADDRESSES = {"north": ("192.0.2.1", "198.51.100.1"), "south": ("192.0.2.2", "198.51.100.2")}
CONFIGURATION = Configuration(
    tuple(RingNode(name, number + 1, ADDRESSES[name]) for number, name in enumerate(ADDRESSES)), True, "203.0.113.9"
)
DRBD = Drbd(
    role=DrbdRole.PRIMARY,
    disk=DrbdDisk.UP_TO_DATE,
    connection=DrbdConnection.CONNECTED,
    replication=DrbdReplication.ESTABLISHED,
    peer_role=DrbdRole.SECONDARY,
    peer_disk=DrbdDisk.UP_TO_DATE,
    suspended=False,
    protocol="C",
    out_of_sync=0,
)


def node(name: str) -> PacemakerNode:
    return PacemakerNode(
        name, online=True, standby=False, maintenance=False, pending=False, unclean=False, shutdown=False
    )


def resource(name: str, kind: ResourceKind, role: ResourceRole, *nodes: str) -> Resource:
    return Resource(name, kind, role, nodes, managed=True, failed=False, blocked=False)


PACEMAKER = Pacemaker(
    has_controller=True,
    quorate=True,
    mixed_version=False,
    maintenance=False,
    fencing=False,
    nodes=(node("north"), node("south")),
    resources=(
        resource("drbd_r0", ResourceKind.DRBD, ResourceRole.PROMOTED, "north"),
        resource("drbd_r0", ResourceKind.DRBD, ResourceRole.UNPROMOTED, "south"),
        resource("postgresql", ResourceKind.DATABASE, ResourceRole.PROMOTED, "north"),
        resource("postgresql", ResourceKind.DATABASE, ResourceRole.UNPROMOTED, "south"),
        resource("address", ResourceKind.SERVICE, ResourceRole.STARTED, "north"),
        resource("volume", ResourceKind.SERVICE, ResourceRole.STARTED, "north"),
        resource("active", ResourceKind.SERVICE, ResourceRole.STARTED, "north"),
    ),
    attributes={
        "north": {"postgresql-status": "PRI", "postgresql-data-status": "LATEST"},
        "south": {"postgresql-status": "HS:async", "postgresql-data-status": "STREAMING|ASYNC"},
    },
    failures=(),
    no_quorum_policy="stop",
)
WITNESS = Witness("203.0.113.9", "Connected")


SERVICES = Services((Check("capture", good=True, sentence="It runs."),), (Disk(("data",), 10**9, 10**8),), ())
LINK = NodeLink("0.1.0", "0.1.0", round_trip=0.02, skew=0.1)


def _links(name: str) -> tuple[RingLink, ...]:
    peer = 2 if name == "north" else 1
    return tuple(RingLink(number, address, peer, connected=True) for number, address in enumerate(ADDRESSES[name]))


def _view(name: str) -> NodeView:
    active = name == "north"
    secondary = replace(DRBD, role=DrbdRole.SECONDARY, peer_role=DrbdRole.PRIMARY)
    return NodeView(
        name=name,
        configuration=CONFIGURATION,
        pacemaker=PACEMAKER,
        quorum=Quorum(quorate=True, expected_votes=3, total_votes=3, members=("north", "south"), witness_votes=1),
        links=_links(name),
        interfaces=(Interface("bond0", True, ADDRESSES[name]),),
        drbd=DRBD if active else secondary,
        postgres=Postgres(in_recovery=not active, received=0x3000100, replayed=0x3000100),
        standbys=(Standby("south", "streaming", "async", 0x3000100, 0x3000100),) if active else (),
        receiver=NotRunning("receives from nobody") if active else Receiver("streaming", 5, 0x3000100, 0.01),
        control=ControlData("7700000000000000001", "in production", 5),
        clock=Clock(synchronised=True),
        services=SERVICES,
        marks=frozenset() if active else frozenset({"standby.signal"}),
        witness=WITNESS,
    )


NORTH = _view("north")
SOUTH = _view("south")


def _swapped(rows: tuple[Resource, ...]) -> tuple[Resource, ...]:
    others = {"north": "south", "south": "north"}
    return tuple(replace(one, nodes=tuple(others[name] for name in one.nodes)) for one in rows)


# South after a switchover, by its own word.
TAKEN_OVER = replace(
    SOUTH,
    pacemaker=replace(PACEMAKER, resources=_swapped(PACEMAKER.resources)),
    drbd=DRBD,
    postgres=NORTH.postgres,
    standbys=(Standby("north", "streaming", "async", 0x3000100, 0x3000100),),
    receiver=NORTH.receiver,
    marks=NORTH.marks,
)
HEALTHY = ClusterView(NORTH)
FROM_STANDBY = ClusterView(SOUTH)
BOTH = ClusterView(NORTH, SOUTH)
MOVING = ClusterView(NORTH, TAKEN_OVER, apart=2.0)


def own(view: ClusterView, **changes: Any) -> ClusterView:
    """The view with other parts of this node."""
    return replace(view, own=replace(view.own, **changes))


def pacemaker(view: ClusterView, **changes: Any) -> ClusterView:
    """The view with another picture of Pacemaker's."""
    return own(view, pacemaker=replace(PACEMAKER, **changes))


def resources(view: ClusterView, change: Callable[[Resource], Resource]) -> ClusterView:
    return pacemaker(view, resources=tuple(change(one) for one in PACEMAKER.resources))


def drbd(view: ClusterView, **changes: Any) -> ClusterView:
    assert isinstance(view.own.drbd, Drbd)
    return own(view, drbd=replace(view.own.drbd, **changes))

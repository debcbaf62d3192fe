"""States of a pair with one thing wrong, the code that must tell it, and the sentence that it must lead to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cluster.drbd_types import DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.pacemaker_types import FailedAction, Resource, ResourceKind, ResourceRole
from cluster.rejoin_types import Proof, Verdict
from cluster.types import (
    Check,
    Clock,
    ClusterView,
    Configuration,
    ControlData,
    Disk,
    Interface,
    NotRunning,
    Postgres,
    Quorum,
    Receiver,
    RingLink,
    Services,
    Standby,
    Unknown,
    Why,
)
from tests.samples.cluster import views
from tests.samples.cluster.views import (
    BOTH,
    FROM_STANDBY,
    HEALTHY,
    MOVING,
    PACEMAKER,
    SOUTH,
    TAKEN_OVER,
    drbd,
    own,
    pacemaker,
    resources,
)

OTHER_WITNESS = replace(views.CONFIGURATION, witness_host="203.0.113.10")
READY = "north records. south is ready. If north fails now, south takes over."
NOBODY = "north records. south is not ready. If north fails now, no node takes over."
UNCERTAIN = (
    "north records. Whether south is ready is not certain. If north fails now, it is not certain that south takes over."
)
NO_ONE = "No node is active; the recorders keep calls until one is."
SPLIT = "Both nodes act as primary (split brain)."
HALF = "north is active, but not everything runs there. "
OFF = NotRunning("it is off")
LATE = Unknown(Why.LATE, "No answer.")
CHANGING = "The active node is changing; until that is over, no node takes over."
CUT = replace(views.DRBD, connection=DrbdConnection.STANDALONE, peer_role=DrbdRole.UNKNOWN)


def south(**changes: Any) -> ClusterView:
    return pacemaker(HEALTHY, nodes=(views.node("north"), replace(views.node("south"), **changes)))


def database(change: Callable[[Resource], Resource], view: ClusterView = HEALTHY) -> ClusterView:
    return resources(view, lambda one: change(one) if one.name == "postgresql" and "south" in one.nodes else one)


def service(**changes: Any) -> ClusterView:
    return resources(HEALTHY, lambda one: replace(one, **changes) if one.name == "volume" else one)


def attributes(status: str, data: str) -> ClusterView:
    found = {"postgresql-status": status, "postgresql-data-status": data}
    return pacemaker(HEALTHY, attributes={"south": {name: value for name, value in found.items() if value}})


def promoted_on_both(kind_: ResourceKind) -> ClusterView:
    return resources(HEALTHY, lambda one: replace(one, role=ResourceRole.PROMOTED) if one.kind is kind_ else one)


def nobody() -> ClusterView:
    idle = drbd(HEALTHY, role=DrbdRole.SECONDARY)
    return replace(
        idle,
        own=replace(
            resources(HEALTHY, lambda one: replace(one, role=ResourceRole.STOPPED, nodes=())).own,
            drbd=idle.own.drbd,
            postgres=OFF,
            standbys=OFF,
        ),
    )


def off(name: str) -> Services:
    return replace(views.SERVICES, checks=(Check(name, good=False, sentence="It is off."),))


def ears(north: dict[int, int], south_: dict[int, int]) -> ClusterView:
    """What each node heard end, by the minute."""
    heard = [replace(views.SERVICES, heard=tuple(one.items())) for one in (north, south_)]
    return replace(BOTH, own=replace(BOTH.own, services=heard[0]), peer=replace(SOUTH, services=heard[1]))


FOREIGN = replace(
    views.CONFIGURATION, nodes=tuple(replace(one, name=one.name + "x") for one in views.CONFIGURATION.nodes)
)
ONE_LINK = replace(
    views.CONFIGURATION, nodes=tuple(replace(one, addresses=one.addresses[:1]) for one in views.CONFIGURATION.nodes)
)
QUORUM = Quorum(True, 3, 3, ("north", "south"), 1)
DOWN = tuple(RingLink(number, "a", 2, connected=False) for number in (0, 1))
FAILURE = FailedAction("volume_monitor_30000", "south", "error", "why not")
MARKED = frozenset({"standby.signal", "apresa.recovering"})
BAD: list[tuple[str, str, ClusterView]] = [
    ("two-active", SPLIT, promoted_on_both(ResourceKind.DATABASE)),
    ("two-active", SPLIT, drbd(HEALTHY, peer_role=DrbdRole.PRIMARY)),
    ("two-active", SPLIT, own(FROM_STANDBY, postgres=Postgres(False, None, None))),
    ("two-active", SPLIT, service(nodes=("north", "south"))),
    ("two-active", SPLIT, own(promoted_on_both(ResourceKind.DRBD), drbd=LATE)),
    ("two-active", SPLIT, replace(HEALTHY, peer=replace(SOUTH, postgres=Postgres(False, None, None)))),
    *(("two-active", SPLIT, replace(MOVING, peer=replace(TAKEN_OVER, drbd=one))) for one in (LATE, OFF, CUT)),
    *(("two-active", SPLIT, own(MOVING, drbd=one)) for one in (LATE, OFF, CUT)),
    ("active-moving", CHANGING, MOVING),
    ("active-moving", CHANGING, ClusterView(TAKEN_OVER, views.NORTH, apart=40.0)),
    ("two-active-perhaps", "north cannot see which node records.", replace(own(MOVING, drbd=CUT), apart=11.0)),
    ("nobody-active", NO_ONE, nobody()),
    ("not-joined", "north cannot see which node records.", own(HEALTHY, pacemaker=OFF)),
    ("active-not-visible", "north cannot see which node records.", own(HEALTHY, pacemaker=LATE)),
    ("recovery-not-ended", NOBODY, replace(HEALTHY, peer=replace(SOUTH, marks=MARKED))),
    ("not-joined", NOBODY, replace(HEALTHY, peer=replace(SOUTH, pacemaker=OFF))),
    ("name-not-in-cluster", "north records. ", own(HEALTHY, configuration=FOREIGN)),
    ("peer-report-foreign", UNCERTAIN, replace(HEALTHY, peer=replace(SOUTH, name="west"))),
    ("not-known", UNCERTAIN, replace(HEALTHY, peer=LATE)),
    ("pictures-differ", UNCERTAIN, replace(HEALTHY, peer=replace(SOUTH, pacemaker=replace(PACEMAKER, resources=())))),
    ("node-offline", NOBODY, south(online=False)),
    ("node-offline", NOBODY, pacemaker(HEALTHY, nodes=(views.node("north"),))),
    ("node-offline", NOBODY, own(HEALTHY, quorum=replace(QUORUM, members=("north",)))),
    ("node-unclean", NOBODY, south(unclean=True)),
    ("node-not-serving", NOBODY, south(standby=True)),
    ("node-not-serving", NOBODY, south(maintenance=True)),
    ("node-not-serving", NOBODY, south(pending=True)),
    ("node-not-serving", NOBODY, south(shutdown=True)),
    (
        "maintenance",
        "north records. The cluster is in maintenance mode. If north fails now, no node takes over.",
        pacemaker(HEALTHY, maintenance=True),
    ),
    ("no-controller", UNCERTAIN, pacemaker(HEALTHY, has_controller=False)),
    ("no-quorum", NOBODY, pacemaker(HEALTHY, quorate=False)),
    ("no-quorum", NOBODY, own(HEALTHY, quorum=replace(QUORUM, quorate=False))),
    ("corosync-stopped", NOBODY, own(HEALTHY, quorum=OFF)),
    ("witness-lost", NOBODY, own(HEALTHY, quorum=replace(QUORUM, witness_votes=0))),
    ("witness-lost", NOBODY, own(HEALTHY, quorum=replace(QUORUM, witness_votes=None))),
    ("witness-unreachable", UNCERTAIN, own(BOTH, quorum=replace(QUORUM, witness_votes=0), witness=OFF)),
    ("witness-one-sided", UNCERTAIN, own(BOTH, configuration=OTHER_WITNESS)),
    ("no-link", NOBODY, own(HEALTHY, links=DOWN)),
    ("no-link", NOBODY, own(HEALTHY, links=())),
    ("interface-down", UNCERTAIN, own(HEALTHY, interfaces=(Interface("eth0", False, views.ADDRESSES["north"]),))),
    ("database-missing", NO_ONE, pacemaker(HEALTHY, resources=())),
    ("database-stopped", NOBODY, database(lambda one: replace(one, role=ResourceRole.STOPPED, nodes=()))),
    ("database-stopped", NOBODY, database(lambda one: replace(one, failed=True))),
    (
        "database-returning",
        NOBODY,
        database(
            lambda one: replace(one, role=ResourceRole.STOPPED, nodes=()),
            own(FROM_STANDBY, postgres=OFF, rejoin=Verdict(Proof("7700000000000000001", 4, 8, 200))),
        ),
    ),
    ("database-not-streaming", NOBODY, attributes("HS:alone", "STREAMING|ASYNC")),
    ("database-not-streaming", NOBODY, attributes("HS:async", "DISCONNECT")),
    ("database-not-streaming", NOBODY, attributes("STOP", "STREAMING|ASYNC")),
    ("database-not-streaming", NOBODY, attributes("", "")),
    ("database-not-streaming", NOBODY, own(HEALTHY, standbys=())),
    ("database-not-streaming", NOBODY, own(HEALTHY, standbys=OFF)),
    ("database-not-streaming", NOBODY, own(HEALTHY, standbys=(Standby("south", "catchup", "async", 9, 9),))),
    ("database-not-streaming", NOBODY, own(FROM_STANDBY, receiver=OFF)),
    ("database-not-streaming", NOBODY, own(FROM_STANDBY, postgres=OFF)),
    ("database-not-streaming", NOBODY, own(FROM_STANDBY, receiver=Receiver("waiting", 5, 9, 0.0))),
    ("database-role-disagrees", HALF + NOBODY[15:], own(HEALTHY, postgres=Postgres(True, 9, 9))),
    ("database-role-disagrees", HALF + NOBODY[15:], own(HEALTHY, postgres=OFF)),
    ("databases-strangers", NOBODY, replace(HEALTHY, peer=replace(SOUTH, control=ControlData("77", "in", 5)))),
    (
        "databases-parted",
        NOBODY,
        replace(HEALTHY, peer=replace(SOUTH, control=ControlData("7700000000000000001", "shut down", 6))),
    ),
    (
        "recordings-not-replicated",
        UNCERTAIN,
        pacemaker(HEALTHY, resources=tuple(one for one in PACEMAKER.resources if one.kind is not ResourceKind.DRBD)),
    ),
    ("drbd-down", NOBODY, own(HEALTHY, drbd=OFF)),
    ("drbd-standalone", NOBODY, drbd(HEALTHY, connection=DrbdConnection.STANDALONE, peer_role=DrbdRole.UNKNOWN)),
    ("drbd-not-connected", NOBODY, drbd(HEALTHY, connection=DrbdConnection.CONNECTING)),
    ("drbd-not-connected", NOBODY, drbd(HEALTHY, connection=DrbdConnection.UNKNOWN)),
    ("drbd-not-established", NOBODY, drbd(HEALTHY, replication=DrbdReplication.VERIFY_SOURCE)),
    ("drbd-not-established", NOBODY, drbd(HEALTHY, replication=DrbdReplication.AHEAD)),
    ("drbd-not-established", NOBODY, drbd(HEALTHY, replication=DrbdReplication.UNKNOWN)),
    ("drbd-disk", NOBODY, drbd(HEALTHY, disk=DrbdDisk.DISKLESS)),
    ("drbd-disk", NOBODY, drbd(HEALTHY, peer_disk=DrbdDisk.INCONSISTENT)),
    ("drbd-disk", NOBODY, drbd(HEALTHY, peer_disk=DrbdDisk.UNKNOWN)),
    ("drbd-suspended", NOBODY, drbd(HEALTHY, suspended=True)),
    ("drbd-differs", UNCERTAIN, drbd(HEALTHY, out_of_sync=4)),
    ("drbd-protocol", UNCERTAIN, drbd(HEALTHY, protocol="A")),
    ("not-known", UNCERTAIN, own(HEALTHY, clock=LATE)),
    ("not-known", UNCERTAIN, drbd(HEALTHY, out_of_sync=None)),
    ("not-known", UNCERTAIN, drbd(HEALTHY, suspended=None)),
    ("not-known", UNCERTAIN, drbd(HEALTHY, protocol=None)),
    ("drbd-role-disagrees", UNCERTAIN, promoted_on_both(ResourceKind.DRBD)),
    ("drbd-role-disagrees", UNCERTAIN, drbd(HEALTHY, role=DrbdRole.SECONDARY)),
    ("drbd-role-disagrees", UNCERTAIN, drbd(HEALTHY, peer_role=DrbdRole.UNKNOWN)),
    ("failed-action", UNCERTAIN, pacemaker(HEALTHY, failures=(FAILURE,))),
    ("resource-failed", UNCERTAIN, service(failed=True)),
    ("resource-blocked", NOBODY, service(blocked=True)),
    ("resource-unmanaged", NOBODY, service(managed=False)),
    ("resource-stopped", HALF + UNCERTAIN[15:], service(role=ResourceRole.STOPPED, nodes=())),
    ("resource-elsewhere", HALF + UNCERTAIN[15:], service(nodes=("south",))),
    ("resource-changing", HALF + UNCERTAIN[15:], service(role=ResourceRole.CHANGING)),
    ("resource-not-yet", HALF + UNCERTAIN[15:], service(role=ResourceRole.CHANGING)),
    ("resource-stopped", HALF + UNCERTAIN[15:], service(role=ResourceRole.CHANGING, failed=True)),
    ("fencing-not-ready", NOBODY, pacemaker(HEALTHY, fencing=True)),
    ("node-link-down", UNCERTAIN, replace(HEALTHY, link=LATE)),
    ("recorder-off", UNCERTAIN, replace(BOTH, peer=replace(SOUTH, services=off("capture")))),
    ("worker-off", UNCERTAIN, own(HEALTHY, services=off("node-worker"))),
    ("web-off", UNCERTAIN, own(HEALTHY, services=off("web"))),
    ("service-off", UNCERTAIN, own(HEALTHY, services=off("library"))),
    ("disk-low", UNCERTAIN, own(HEALTHY, services=replace(views.SERVICES, disks=(Disk(("data",), 10**9, 10**7),)))),
    ("heard-by-one", UNCERTAIN, ears({1: 30, 2: 30}, {1: 20, 2: 20, 3: 99})),
    ("not-known", UNCERTAIN, own(HEALTHY, services=LATE)),
]


WORTH_KNOWING: list[tuple[str, ClusterView]] = [
    ("active-worker-off", own(HEALTHY, services=off("active-worker"))),
    ("redis-off", own(HEALTHY, services=off("broker"))),
    ("mixed-release", replace(HEALTHY, link=replace(views.LINK, release="0.2.0"))),
    ("clocks-differ", replace(HEALTHY, link=replace(views.LINK, skew=3.0))),
    ("link-down", own(HEALTHY, links=(DOWN[0], RingLink(1, "b", 2, connected=True)))),
    ("mixed-version", pacemaker(HEALTHY, mixed_version=True)),
    ("database-behind", own(HEALTHY, standbys=(Standby("south", "streaming", "async", 1 << 30, 1),))),
    ("witness-not-obeyed", pacemaker(HEALTHY, no_quorum_policy="ignore")),
    ("clock-not-synchronised", own(HEALTHY, clock=Clock(synchronised=False))),
    ("clocks-differ", own(FROM_STANDBY, receiver=Receiver("streaming", 5, 9, -300.0))),
    ("one-link", own(HEALTHY, configuration=ONE_LINK)),
    (
        "split-brain-possible",
        own(
            HEALTHY,
            configuration=Configuration(views.CONFIGURATION.nodes, witness=False),
            quorum=replace(QUORUM, witness_votes=None),
        ),
    ),
]

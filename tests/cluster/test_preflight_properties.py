"""The pre-flight over any view: what it allows can neither make two primaries nor discard the newer data.

The conditions are written anew here, apart from the rules; and each rule that is taken away is caught by them.
"""

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from cluster.decide import decide
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.pacemaker_types import FailedAction, Pacemaker, ResourceKind
from cluster.preflight import Act, reasons
from cluster.types import (
    ClusterView,
    ControlData,
    NodeView,
    NotRunning,
    Postgres,
    Standby,
    Unknown,
)
from tests.cluster.test_decide_properties import EXHAUSTIVE, PARTS, UNKNOWN, VIEWS, is_good, reports
from tests.cluster.test_preflight import ASLEEP, COPY, LONE, WAITS
from tests.samples.cluster import views

SYSTEM = "7700000000000000001"
STANDBY = ("shut down in recovery", "in archive recovery")
PRIMARY = ("shut down", "in production", "shutting down", "in crash recovery")
CONTROL = UNKNOWN | st.builds(
    ControlData, st.sampled_from([SYSTEM, "2"]), st.sampled_from([*STANDBY, *PRIMARY, "starting up"]), st.integers(4, 6)
)
GOOD_DISKS = {DrbdDisk.UP_TO_DATE, DrbdDisk.CONSISTENT, DrbdDisk.OUTDATED, DrbdDisk.INCONSISTENT}
# A copy that is not in use, as a started node has it.
IDLE = st.builds(
    lambda disk, connection: replace(COPY, disk=disk, connection=connection),
    st.sampled_from(DrbdDisk),
    st.sampled_from([DrbdConnection.STANDALONE, DrbdConnection.CONNECTED]),
)
ALL_PARTS = {**PARTS, "control": CONTROL, "interfaces": UNKNOWN, "drbd": PARTS["drbd"] | IDLE}
# Any example will do, it need not be a small one; the search ends with the first.
ANY = settings(EXHAUSTIVE, max_examples=20 * EXHAUSTIVE.max_examples, phases=[Phase.generate])
Condition = Callable[[ClusterView], bool]


def near(node: NodeView) -> st.SearchStrategy[NodeView]:
    """A node in one state with up to two parts replaced by anything."""
    part = st.sampled_from(sorted(ALL_PARTS)).flatmap(lambda name: ALL_PARTS[name].map(lambda value: (name, value)))
    return st.lists(part, max_size=2).map(lambda changes: replace(node, **dict(changes)))


# Both databases' files as they may be, all else as it should: a node has so many parts that chance alone rarely
# changes the same one on both sides.
FILES = st.builds(
    lambda own, peer, mine, other: ClusterView(replace(own, control=mine), replace(peer, control=other)),
    st.sampled_from([WAITS, LONE.own]),
    st.sampled_from([views.NORTH, ASLEEP]),
    CONTROL,
    CONTROL,
)
STARTING = FILES | st.builds(
    ClusterView,
    st.one_of(
        [
            *(near(one) for one in (WAITS, LONE.own, views.SOUTH)),
            st.builds(lambda node, copy: replace(node, drbd=copy), st.sampled_from([WAITS, LONE.own]), IDLE),
        ]
    ),
    st.one_of([st.none(), UNKNOWN, *(near(one) for one in (views.NORTH, ASLEEP, replace(views.NORTH, name="east")))]),
)


def acts_as_primary(node: NodeView) -> bool:
    writes = isinstance(node.postgres, Postgres) and not node.postgres.in_recovery
    mounts = isinstance(node.drbd, Drbd) and node.drbd.role is not DrbdRole.SECONDARY
    return writes or mounts


def is_quiet(node: NodeView) -> bool:
    """Known in every part that counts, off, and with a copy of the recordings that is neither lost nor parted."""
    volume = node.drbd
    if isinstance(volume, Drbd):
        whole = volume.disk in GOOD_DISKS and volume.connection is not DrbdConnection.STANDALONE
    else:
        whole = isinstance(volume, NotRunning)
    known = not any(isinstance(part, Unknown) for part in (node.configuration, node.interfaces, node.postgres))
    return known and whole and isinstance(node.pacemaker, NotRunning) and not acts_as_primary(node)


def may_join(view: ClusterView) -> bool:
    own, peer = view.own, view.peer
    if not is_quiet(own) or not isinstance(own.control, ControlData) or own.control.state not in STANDBY:
        return False
    if not isinstance(peer, NodeView):
        return peer is None
    pacemaker, control = peer.pacemaker, peer.control
    return (
        peer.name == "north"
        and isinstance(pacemaker, Pacemaker)
        and pacemaker.promoted(ResourceKind.DATABASE) == {"north"}
        and isinstance(control, ControlData)
        and control.system == own.control.system
        and control.timeline >= own.control.timeline
    )


def may_start(view: ClusterView) -> bool:
    own, peer = view.own, view.peer
    if not is_quiet(own) or not isinstance(own.control, ControlData) or own.control.state not in PRIMARY:
        return False
    if not isinstance(peer, NodeView) or peer.name != "north":
        return True
    control = peer.control
    return (
        not isinstance(peer.pacemaker, Pacemaker)
        and not (isinstance(peer.postgres, Postgres) and not peer.postgres.in_recovery)
        and not (isinstance(peer.drbd, Drbd) and peer.drbd.role is DrbdRole.PRIMARY)
        and isinstance(control, ControlData)
        and control.system == own.control.system
        and control.timeline <= own.control.timeline
    )


def may_switch(view: ClusterView) -> bool:
    own, volume = view.own, view.own.drbd
    rows = own.standbys if isinstance(own.standbys, tuple) else ()
    behind = [row.behind for row in rows if row.name != own.name]
    return (
        all(is_good(one, active=own.name) for one in reports(view))
        and not any(isinstance(getattr(one, field.name), Unknown) for one in reports(view) for field in fields(one))
        and not isinstance(view.peer, Unknown)
        and isinstance(volume, Drbd)
        and (volume.protocol, volume.out_of_sync, volume.suspended) == ("C", 0, False)
        and volume.replication is DrbdReplication.ESTABLISHED
        and behind == [0]
    )


def one_primary(view: ClusterView) -> bool:
    """At most one node is seen to write, by any report."""
    writing = {one.name for one in reports(view) if isinstance(one.postgres, Postgres) and not one.postgres.in_recovery}
    mounting = {one.name for one in reports(view) if isinstance(one.drbd, Drbd) and one.drbd.role is DrbdRole.PRIMARY}
    promoted: set[str] = set()
    for one in reports(view):
        if isinstance(one.pacemaker, Pacemaker):
            promoted |= one.pacemaker.promoted(ResourceKind.DATABASE)
    return len(writing | mounting | promoted) <= 1


def may_look_after(view: ClusterView) -> bool:
    """Pacemaker acts on its picture at once: where it thinks the database promoted, the server must take writes."""
    pacemaker, server = view.own.pacemaker, view.own.postgres
    if not one_primary(view) or not isinstance(pacemaker, Pacemaker):
        return False
    promoted = pacemaker.promoted(ResourceKind.DATABASE)
    return not (len(promoted) == 1 and isinstance(server, Postgres)) or server.in_recovery is (
        view.own.name not in promoted
    )


def may_clean(view: ClusterView) -> bool:
    pacemaker = view.own.pacemaker
    rows = pacemaker.resources if isinstance(pacemaker, Pacemaker) else ()
    return one_primary(view) and not any(one.blocked for one in rows if one.name == "postgresql")


def in_maintenance(view: ClusterView) -> ClusterView:
    pacemaker = view.own.pacemaker
    if not isinstance(pacemaker, Pacemaker):
        return view
    return replace(view, own=replace(view.own, pacemaker=replace(pacemaker, maintenance=True)))


def with_failure(view: ClusterView) -> ClusterView:
    pacemaker = view.own.pacemaker
    if not isinstance(pacemaker, Pacemaker):
        return view
    failures = (FailedAction("postgresql_monitor_7000", "south", "error", ""),)
    return replace(view, own=replace(view.own, pacemaker=replace(pacemaker, failures=failures)))


LAGGING = st.builds(
    lambda view, current, flushed: replace(
        view, own=replace(view.own, standbys=(Standby("south", "streaming", "async", current, flushed),))
    ),
    st.sampled_from([views.HEALTHY, views.BOTH]),
    st.integers(0, 9),
    st.integers(0, 9),
)
ACTS: dict[str, tuple[Act, st.SearchStrategy[ClusterView], Condition]] = {
    "join": (Act("join"), STARTING, may_join),
    "start": (Act("start"), STARTING, may_start),
    "switchover": (Act("switchover"), VIEWS | LAGGING, may_switch),
    "maintenance-off": (Act("maintenance-off"), VIEWS.map(in_maintenance), may_look_after),
    "cleanup": (Act("cleanup", "postgresql", "south"), VIEWS.map(with_failure), may_clean),
}


def is_wrongly_allowed(name: str, view: ClusterView, without: str = "") -> bool:
    """Whether the act is allowed, by all rules but one, where it must not be."""
    act, _, condition = ACTS[name]
    against = [one.code for one in reasons(act, view, decide(view)) if one.code != without]
    return not against and not condition(view)


@pytest.mark.parametrize("name", ACTS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_allowed_can_do_no_harm(name: str, data: st.DataObject) -> None:
    assert not is_wrongly_allowed(name, data.draw(ACTS[name][1]))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(
            ("join", code)
            for code in (
                "joined-already",
                "start-unknown",
                "acts-as-primary",
                "recordings-apart",
                "disk-bad",
                "was-primary",
                "server-down",
                "other-unknown",
                "nothing-to-join",
                "strangers",
                "parted",
            )
        ),
        *(
            ("start", code)
            for code in (
                "joined-already",
                "start-unknown",
                "acts-as-primary",
                "recordings-apart",
                "disk-bad",
                "was-standby",
                "server-down",
                "other-runs",
                "other-newer",
                "strangers",
            )
        ),
        *(("switchover", code) for code in ("not-certain", "behind", "behind-unknown")),
        *(("maintenance-off", code) for code in ("split", "moving", "refresh-first", "pacemaker-unknown")),
        *(("cleanup", code) for code in ("split", "moving", "blocked")),
    ],
)
def test_each_rule_that_is_taken_away_is_missed(name: str, code: str) -> None:
    views_ = ACTS[name][1]
    assert find(views_, lambda view: is_wrongly_allowed(name, view, without=code), settings=ANY)

"""May this be done now: each reason against an act, and that nothing unknown passes."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster import fencing, other_side, preflight, two_active, witness
from cluster.catalogue.acts import REASONS, TITLES, WILL
from cluster.decide import decide
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.findings import fill
from cluster.pacemaker_types import FailedAction, ResourceKind, ResourceRole
from cluster.preflight import ACTS, Act, reasons
from cluster.types import (
    Alone,
    ClusterView,
    ControlData,
    Interface,
    NodeView,
    NotRunning,
    Postgres,
    Standby,
    Unknown,
    Why,
)
from tests.samples.cluster.bad_states import BAD
from tests.samples.cluster.views import FROM_STANDBY, HEALTHY, NORTH, PACEMAKER, SOUTH, drbd, own, pacemaker, resources

LATE = Unknown(Why.LATE, "No answer.")
OFF = NotRunning("it does not run")
assert isinstance(SOUTH.drbd, Drbd)
COPY = SOUTH.drbd
WAITS = replace(
    SOUTH,
    pacemaker=OFF,
    quorum=OFF,
    links=OFF,
    drbd=OFF,
    postgres=OFF,
    standbys=OFF,
    receiver=OFF,
    control=ControlData("7700000000000000001", "shut down in recovery", 5),
)
STARTED = ClusterView(WAITS)
MAINTENANCE = pacemaker(HEALTHY, maintenance=True)
FAILURE = FailedAction("postgresql_monitor_7000", "south", "error", "")


def codes(act: Act | str, view: ClusterView | Alone) -> list[str]:
    act = Act(act) if isinstance(act, str) else act
    found = reasons(act, view, decide(view))
    assert [fill(REASONS[one.code], one.parameters) for one in found if not REASONS[one.code]] == []  # all have texts
    return [one.code for one in found]


def waits(**changes: Any) -> ClusterView:
    return own(STARTED, **changes)


def test_every_act_has_its_texts() -> None:
    assert set(TITLES) == set(WILL) == set(ACTS)


@pytest.mark.parametrize("name", ACTS)
def test_a_lone_machine_has_no_acts(name: str) -> None:
    assert codes(name, Alone("north")) == ["alone"]


@pytest.mark.parametrize(
    ("act", "view"),
    [
        ("maintenance-on", HEALTHY),
        ("maintenance-on", FROM_STANDBY),
        ("maintenance-off", MAINTENANCE),
        ("switchover", HEALTHY),
        ("join", STARTED),
        ("join", waits(control=ControlData("1", "in archive recovery", 5))),
        ("start", waits(control=ControlData("1", "shut down", 5))),
        ("start", waits(control=ControlData("1", "in production", 5))),
        (Act("cleanup", "postgresql", "south"), pacemaker(HEALTHY, failures=(FAILURE,))),
    ],
)
def test_what_may_be_done(act: Act | str, view: ClusterView) -> None:
    assert codes(act, view) == []


@pytest.mark.parametrize("name", ["maintenance-on", "maintenance-off", "switchover"])
def test_what_pacemaker_does_needs_pacemaker(name: str) -> None:
    assert codes(name, own(HEALTHY, pacemaker=LATE)) == ["pacemaker-unknown"]
    assert codes(name, own(HEALTHY, pacemaker=OFF)) == ["not-joined"]


def test_maintenance_is_not_switched_twice() -> None:
    assert codes("maintenance-on", MAINTENANCE) == ["already-on"]
    assert codes("maintenance-off", HEALTHY) == ["already-off"]


def test_maintenance_stays_on_while_the_clusters_picture_is_wrong() -> None:
    wrong = own(MAINTENANCE, postgres=Postgres(in_recovery=True, received=None, replayed=None))
    assert codes("maintenance-off", wrong) == ["refresh-first"]


def test_maintenance_stays_on_during_a_split_brain() -> None:
    both = tuple(
        replace(one, role=ResourceRole.PROMOTED) if one.kind is ResourceKind.DATABASE else one
        for one in PACEMAKER.resources
    )
    assert codes("maintenance-off", pacemaker(MAINTENANCE, maintenance=True, resources=both)) == ["split"]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (Act("cleanup", "postgresql", "east"), ["no-such-node"]),
        (Act("cleanup", "nothing", "north"), ["no-such-resource"]),
        (Act("cleanup", "postgresql", "north"), ["nothing-failed"]),
        (Act("cleanup", "", ""), ["no-such-node"]),
        (Act("cleanup", "--force", "--wait"), ["no-such-node"]),
    ],
)
def test_only_what_failed_is_cleaned_up(act: Act, expected: list[str]) -> None:
    assert codes(act, pacemaker(HEALTHY, failures=(FAILURE,))) == expected


def test_a_blocked_resource_is_left_to_people() -> None:
    blocked = resources(HEALTHY, lambda one: replace(one, blocked=True, failed=True))
    assert codes(Act("cleanup", "postgresql", "north"), blocked) == ["blocked"]


def test_a_failed_resource_is_cleaned_up_where_it_is() -> None:
    failed = resources(HEALTHY, lambda one: replace(one, failed=one.name == "address"))
    assert codes(Act("cleanup", "address", "north"), failed) == []
    assert codes(Act("cleanup", "address", "south"), failed) == ["nothing-failed"]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (FROM_STANDBY, ["not-here"]),
        (MAINTENANCE, ["maintenance"]),
        (drbd(HEALTHY, protocol="A"), ["not-certain", "not-on-both-disks"]),
        (drbd(HEALTHY, peer_disk=DrbdDisk.INCONSISTENT), ["not-ready", "not-on-both-disks"]),
        (drbd(HEALTHY, replication=DrbdReplication.SYNC_SOURCE), ["not-ready", "not-on-both-disks"]),
        (drbd(HEALTHY, suspended=None), ["not-certain", "not-on-both-disks"]),
        (own(HEALTHY, standbys=(Standby("south", "streaming", "async", 0x3000100, 0x3000000),)), ["behind"]),
        (own(HEALTHY, standbys=(Standby("south", "streaming", "async", 0x3000100, None),)), ["behind-unknown"]),
        (own(HEALTHY, standbys=()), ["not-ready", "behind-unknown"]),
        (own(HEALTHY, drbd=LATE), ["not-certain", "not-on-both-disks"]),
        (own(HEALTHY, clock=LATE), ["not-certain"]),
    ],
)
def test_switchover_wants_everything_on_both_nodes(view: ClusterView, expected: list[str]) -> None:
    assert codes("switchover", view) == expected


def test_nothing_is_handed_over_while_nobody_is_active() -> None:
    nobody = resources(HEALTHY, lambda one: replace(one, role=ResourceRole.STOPPED, nodes=()))
    assert codes("switchover", nobody) == ["nobody-active"]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (HEALTHY, ["joined-already"]),
        (waits(control=ControlData("1", "in production", 5)), ["was-primary"]),
        (waits(control=ControlData("1", "shut down", 5)), ["was-primary"]),
        (waits(control=ControlData("1", "in crash recovery", 5)), ["was-primary"]),
        (waits(control=ControlData("1", "what is this", 5)), ["server-down"]),
        (waits(control=LATE), ["start-unknown"]),
        (waits(drbd=LATE), ["start-unknown"]),
        (waits(postgres=LATE), ["start-unknown"]),
        (waits(pacemaker=LATE), ["start-unknown"]),
        (waits(configuration=LATE), ["start-unknown"]),
        (waits(postgres=Postgres(in_recovery=False, received=None, replayed=None)), ["acts-as-primary"]),
        (waits(interfaces=(Interface("bond0", False, ("192.0.2.2", "198.51.100.2")),)), ["link", "link"]),
        (waits(name="east"), ["name"]),
        (waits(drbd=replace(COPY, connection=DrbdConnection.STANDALONE)), ["recordings-apart"]),
        (waits(drbd=replace(COPY, disk=DrbdDisk.FAILED)), ["disk-bad"]),
        (waits(drbd=replace(COPY, role=DrbdRole.PRIMARY)), ["acts-as-primary"]),
    ],
)
def test_a_node_in_an_incorrect_state_does_not_join(view: ClusterView, expected: list[str]) -> None:
    assert codes("join", view) == expected


def test_the_cluster_is_not_started_on_the_older_data() -> None:
    assert codes("start", STARTED) == ["was-standby"]


def test_no_bad_state_is_handed_over() -> None:
    """What threatens a takeover refuses the switchover, whatever it is."""
    judged = [(view, decide(view)) for _, _, view in BAD]
    assert [view for view, found in judged if not found.ready and not reasons(Act("switchover"), view, found)] == []


def beside(view: ClusterView, peer: NodeView | Unknown, **changes: Any) -> ClusterView:
    return replace(view, peer=replace(peer, **changes) if isinstance(peer, NodeView) else peer)


ACTIVE = NORTH
LONE = replace(STARTED, own=replace(WAITS, control=ControlData("7700000000000000001", "shut down", 5)))
ASLEEP = replace(WAITS, name="north")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (beside(STARTED, ACTIVE), []),
        (beside(STARTED, LATE), ["other-unknown"]),
        (beside(STARTED, replace(ACTIVE, name="east")), ["other-unknown"]),
        (beside(STARTED, ACTIVE, pacemaker=LATE), ["nothing-to-join"]),
        (beside(STARTED, ASLEEP), ["nothing-to-join"]),
        (beside(STARTED, ACTIVE, control=LATE), ["start-unknown"]),
        (beside(STARTED, ACTIVE, control=ControlData("7700000000000000001", "in production", 4)), ["parted"]),
        (beside(STARTED, ACTIVE, control=ControlData("7700000000000000001", "in production", 6)), []),
        (beside(STARTED, ACTIVE, control=ControlData("2", "in production", 5)), ["strangers"]),
    ],
)
def test_a_node_joins_only_an_active_one_of_which_it_is_a_copy(view: ClusterView, expected: list[str]) -> None:
    assert codes("join", view) == expected


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (beside(LONE, ASLEEP), []),
        (beside(LONE, LATE), []),  # it may be off, as both were
        (beside(LONE, ACTIVE), ["other-runs"]),
        (beside(LONE, ASLEEP, postgres=Postgres(in_recovery=False, received=None, replayed=None)), ["other-runs"]),
        (beside(LONE, ASLEEP, control=ControlData("7700000000000000001", "shut down", 6)), ["other-newer"]),
        (beside(LONE, ASLEEP, control=ControlData("2", "shut down", 5)), ["strangers"]),
        (beside(LONE, ASLEEP, control=LATE), ["start-unknown"]),
    ],
)
def test_the_cluster_is_started_only_where_the_newer_data_are_and_nobody_is_active(
    view: ClusterView, expected: list[str]
) -> None:
    assert codes("start", view) == expected


PARTS = ["pacemaker", "configuration", "interfaces", "drbd", "postgres", "control"]


@given(st.sets(st.sampled_from(PARTS), min_size=1), st.sampled_from(["join", "start"]))
@settings(deadline=None, max_examples=60)
def test_unknown_never_counts_as_good(unknown: set[str], name: str) -> None:
    assert codes(name, own(STARTED, **dict.fromkeys(unknown, LATE))) != []


def test_no_reason_is_left_that_nobody_gives() -> None:
    rooms = (preflight, other_side, two_active, witness, fencing)
    sources = (Path(str(one.__file__)).read_text(encoding="utf-8") for one in rooms)
    given = re.findall(r'finding\(\s*"([a-z-]+)"', " ".join(sources))
    elsewhere = {"under-way", "not-fresh", "ticket-open"}  # the jobs', the clock's and the recovery's
    # named by a condition, or where a password is kept
    chosen = {"not-ready", "not-certain", "was-primary", "was-standby", "fence-plug", "fence-no-plug"}
    elsewhere |= {"fence-password", "fence-not-kept", "not-let-follow"}  # the last one is the guard's
    assert set(given) | elsewhere | chosen | {"split", "nobody-active"} == set(REASONS)

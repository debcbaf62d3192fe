"""What a node mends by itself: only what can lose nothing, and not for ever."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster import orders
from cluster import remedies as module
from cluster.decide import decide
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.findings import finding
from cluster.pacemaker_types import FailedAction, Pacemaker, ResourceRole
from cluster.recovery.orders import rejoin
from cluster.rejoin_types import Proof, Verdict
from cluster.remedies import Allowed, Known, remedies
from cluster.types import ClusterView, ControlData, NodeView, NotRunning, Unknown, Why
from tests.cluster.test_decide_properties import DRBD as ANY_DRBD
from tests.cluster.test_decide_properties import VIEWS
from tests.samples.cluster.views import NORTH, PACEMAKER, SOUTH, own, pacemaker, resources

NOTHING = Known(tried={}, lasting={}, silent=None, busy=False)
LONG = {"address_monitor_10000": 70.0, "postgresql_monitor_7000": 70.0, "drbd_r0_monitor_20000": 70.0}
ALONE = {
    "connection": DrbdConnection.STANDALONE,
    "replication": DrbdReplication.OFF,
    "peer_disk": DrbdDisk.PEER_UNKNOWN,
}
LATE = Unknown(Why.LATE, "No answer.")


def side(node: NodeView, **changes: Any) -> NodeView:
    assert isinstance(node.drbd, Drbd)
    return replace(node, drbd=replace(node.drbd, peer_role=DrbdRole.UNKNOWN, **{**ALONE, **changes}))


WROTE = side(NORTH, out_of_sync=4000)
QUIET = side(SOUTH, out_of_sync=0)
CUT = ClusterView(WROTE, QUIET)


def tried(view: ClusterView, known: Known = NOTHING, allowed: Allowed = Allowed()) -> list[tuple[str, str]]:  # noqa: B008
    return [(one.name, one.subject) for one in remedies(view, decide(view), known, allowed)]


@pytest.mark.parametrize(
    ("view", "name"),
    [(CUT, "north"), (ClusterView(QUIET, WROTE), "south")],
)
def test_a_side_that_stays_alone_connects_again_where_the_standby_wrote_nothing(view: ClusterView, name: str) -> None:
    assert tried(view) == [("reconnect", name)]


@pytest.mark.parametrize(
    "view",
    [
        ClusterView(WROTE),  # the other side was not asked
        ClusterView(WROTE, LATE),
        ClusterView(WROTE, replace(QUIET, drbd=LATE)),
        ClusterView(WROTE, replace(QUIET, control=LATE)),
        ClusterView(WROTE, side(SOUTH, out_of_sync=4)),  # both wrote
        ClusterView(WROTE, side(SOUTH, out_of_sync=None)),
        ClusterView(WROTE, side(SOUTH, out_of_sync=0, role=DrbdRole.PRIMARY)),
        ClusterView(WROTE, side(SOUTH, out_of_sync=0, role=DrbdRole.UNKNOWN)),
        ClusterView(WROTE, side(SOUTH, out_of_sync=0, disk=DrbdDisk.INCONSISTENT)),
        ClusterView(WROTE, side(SOUTH, out_of_sync=0, suspended=None)),
        ClusterView(WROTE, replace(QUIET, control=ControlData("7700000000000000001", "in production", 6))),
        ClusterView(WROTE, replace(QUIET, control=ControlData("2", "in production", 5))),
        ClusterView(side(NORTH, connection=DrbdConnection.CONNECTING, out_of_sync=4000), QUIET),  # it tries by itself
        pacemaker(CUT, maintenance=True),
        ClusterView(NORTH, SOUTH),
    ],
)
def test_nothing_is_connected_where_that_is_not_known(view: ClusterView) -> None:
    assert tried(view) == []


@pytest.mark.parametrize(
    ("attempts", "again"),
    [
        ((), True),
        ((59.0,), False),
        ((61.0,), True),
        ((4000.0, 200.0), False),
        ((4000.0, 301.0), True),
        ((80_000.0, 70_000.0, 60_000.0), False),
    ],
)
def test_attempts_wait_longer_each_time_and_end(attempts: tuple[float, ...], again: bool) -> None:
    known = replace(NOTHING, tried={("reconnect", "north"): attempts})
    assert tried(CUT, known) == ([("reconnect", "north")] if again else [])


def failed(operation: str, node: str = "north", **changes: Any) -> ClusterView:
    return pacemaker(ClusterView(NORTH), failures=(FailedAction(operation, node, "error", ""),), **changes)


AGAIN = replace(NOTHING, lasting=LONG)
STOPPED = tuple(replace(one, role=ResourceRole.STOPPED, nodes=()) for one in PACEMAKER.resources)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (failed("address_monitor_10000"), [("cleanup", "address")]),
        (failed("address_monitor_10000", resources=STOPPED), [("cleanup", "address")]),
        (failed("postgresql_monitor_7000"), [("cleanup", "postgresql")]),  # it runs again
        (failed("postgresql_monitor_7000", resources=STOPPED), []),  # its start may be what must not happen
        (failed("drbd_r0_monitor_20000", resources=STOPPED), []),
        (failed("address_monitor_10000", "south"), []),  # the other node looks after its own
        (failed("address_monitor_10000", maintenance=True), []),
        (failed("address_monitor_10000", quorate=False), []),
        (failed("unknown_monitor_0"), []),
        (
            failed("address_monitor_10000", resources=tuple(replace(one, blocked=True) for one in PACEMAKER.resources)),
            [],
        ),
    ],
)
def test_a_failure_that_is_over_or_can_be_tried_again_is_forgotten(
    view: ClusterView, expected: list[tuple[str, str]]
) -> None:
    assert tried(view, AGAIN) == expected


def test_pacemakers_own_attempts_come_first() -> None:
    assert tried(failed("address_monitor_10000"), replace(NOTHING, lasting={"address_monitor_10000": 50.0})) == []
    assert tried(failed("address_monitor_10000"), NOTHING) == []


@pytest.mark.parametrize(("done", "most", "expected"), [(0, 3, 1), (2, 3, 1), (3, 3, 0), (0, 0, 0), (1, 1, 0)])
def test_clean_ups_are_counted_by_the_day(done: int, most: int, expected: int) -> None:
    known = replace(AGAIN, tried={("cleanup", "address"): (5000.0,) * done})
    assert len(tried(failed("address_monitor_10000"), known, Allowed(cleanups=most))) == expected


@pytest.mark.parametrize(("silent", "expected"), [(None, []), (29.0, []), (31.0, [("recorder", "north")])])
def test_a_recorder_that_says_nothing_is_started_again(silent: float | None, expected: list[tuple[str, str]]) -> None:
    assert tried(ClusterView(NORTH), replace(NOTHING, silent=silent)) == expected
    assert tried(ClusterView(NORTH), replace(NOTHING, silent=silent, busy=True)) == expected


def test_a_recorder_is_not_restarted_in_a_circle() -> None:
    known = replace(NOTHING, silent=500.0, tried={("recorder", "north"): (4000.0, 3000.0, 2000.0, 1000.0, 100.0)})
    assert tried(ClusterView(NORTH), known) == []


def test_each_remedy_has_its_switch_and_waits_for_people() -> None:
    off = Allowed(reconnect=False, cleanups=0, recorder=False)
    loud = replace(AGAIN, silent=500.0)
    assert tried(CUT, loud, off) == []
    assert tried(failed("address_monitor_10000"), loud, off) == []
    assert tried(CUT, replace(NOTHING, busy=True)) == []
    assert tried(failed("address_monitor_10000"), replace(AGAIN, busy=True)) == []


PARTED = st.builds(
    lambda view, own, peer: replace(
        view, own=replace(view.own, drbd=own), peer=replace(view.peer, drbd=peer) if view.peer else None
    ),
    VIEWS.filter(lambda view: not isinstance(view.peer, Unknown)),
    ANY_DRBD.map(lambda one: replace(one, connection=DrbdConnection.STANDALONE)),
    ANY_DRBD,
)


@settings(max_examples=300, deadline=None)
@given(PARTED)
def test_whatever_the_nodes_say_two_histories_are_never_connected(view: ClusterView) -> None:
    if ("reconnect", view.own.name) in tried(view):
        assert isinstance(view.peer, NodeView)
        sides = [one.drbd for one in (view.own, view.peer) if isinstance(one.drbd, Drbd)]
        quiet = [one for one in sides if one.role is DrbdRole.SECONDARY and one.out_of_sync == 0]
        primaries = [one for one in sides if one.role is DrbdRole.PRIMARY]
        assert (len(sides), bool(quiet), len(primaries) <= 1) == (2, True, True)
        assert view.own.control == view.peer.control or not isinstance(view.own.control, Unknown)
        assert not isinstance(view.own.pacemaker, Pacemaker) or not view.own.pacemaker.maintenance


def test_every_wait_is_longer_than_the_one_before() -> None:
    assert list(module.WAITS) == sorted(set(module.WAITS))


PROOF = Proof("7700000000000000001", 4, 1000, 1120)
BACK = ClusterView(replace(SOUTH, postgres=NotRunning("It is off."), rejoin=Verdict(PROOF)), NORTH)


def test_a_database_that_is_proven_to_lack_nothing_of_its_own_follows_again() -> None:
    (found,) = remedies(BACK, decide(BACK), NOTHING, Allowed())
    assert (found.name, found.subject) == ("rejoin", "south 4:3E8")
    assert (found.command, found.then) == (rejoin(PROOF), orders.refresh("postgresql", "south"))


@pytest.mark.parametrize(
    "view",
    [
        own(BACK, rejoin=None),
        own(BACK, rejoin=Verdict(None, (finding("ticket"),))),
        own(BACK, pacemaker=NotRunning("It is off.")),  # Join's business
        pacemaker(BACK, maintenance=True),
        pacemaker(BACK, quorate=False),
        resources(BACK, lambda one: replace(one, role=ResourceRole.STOPPED) if one.name == "postgresql" else one),
    ],
)
def test_nothing_follows_without_proof_or_active_node(view: ClusterView) -> None:
    assert "rejoin" not in [name for name, _subject in tried(view)]


def test_each_stop_is_tried_three_times_and_the_next_one_anew() -> None:
    times = (9000.0, 8000.0, 7000.0)
    seen = tried(BACK, replace(NOTHING, tried={("rejoin", "south 4:3E8"): times}))
    assert seen == []
    assert tried(BACK, replace(NOTHING, tried={("rejoin", "south 4:3E0"): times})) == [("rejoin", "south 4:3E8")]
    assert tried(BACK, replace(NOTHING, tried={("rejoin", "south 4:3E8"): (30.0,)})) == []
    assert tried(BACK, replace(NOTHING, busy=True)) == []

"""Samples of how the cluster does, and the worst of each hour."""

from datetime import UTC, datetime, timedelta

import pytest

from cluster.decide import decide
from cluster.drbd_types import DrbdConnection
from cluster.health import Hour, Sample, by_hour, sample
from cluster.types import Alone, ClusterView, Standby, Unknown, Why
from tests.samples.cluster.views import BOTH, FROM_STANDBY, HEALTHY, drbd, own

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def of(view: ClusterView) -> Sample:
    found = sample(view, decide(view), AT, 0.5)
    assert found is not None
    return found


def test_a_healthy_pair() -> None:
    assert of(HEALTHY) == Sample(AT, 0, 100.0, "north", ready=True, load=0.5)


def test_the_standby_learns_the_lag_from_the_other_nodes_report() -> None:
    assert of(FROM_STANDBY).behind is None
    assert of(ClusterView(BOTH.own, BOTH.peer)).behind == 0


@pytest.mark.parametrize(
    ("view", "behind", "percent"),
    [
        (own(HEALTHY, standbys=(Standby("south", "streaming", "async", 500, 100),)), 400, 100.0),
        (own(HEALTHY, standbys=Unknown(Why.LATE, "No answer.")), None, 100.0),
        (drbd(HEALTHY, percent=43.0, out_of_sync=900), 0, 43.0),
        (drbd(HEALTHY, connection=DrbdConnection.CONNECTING), 0, None),
        (drbd(HEALTHY, out_of_sync=None), 0, None),
    ],
)
def test_what_is_not_known_is_no_number(view: ClusterView, behind: int | None, percent: float | None) -> None:
    assert (of(view).behind, of(view).percent) == (behind, percent)


def test_a_lone_machine_has_no_samples() -> None:
    assert sample(Alone("north"), decide(Alone("north")), AT, 0.0) is None


def test_an_hour_is_the_worst_of_its_minutes() -> None:
    minute = timedelta(minutes=1)
    samples = [
        Sample(AT, 10, 99.0, "north", ready=True, load=0.1),
        Sample(AT + minute, 30, 43.0, "", ready=False, load=2.0),
        Sample(AT + 2 * minute, None, None, "south", ready=False, load=1.0),
        Sample(AT + 70 * minute, None, None, "south", ready=True, load=1.0),
    ]
    assert by_hour(samples) == [
        Hour(AT + 60 * minute, 1, None, None, 0, 0, 1.0),
        Hour(AT, 3, 30, 43.0, 1, 2, 2.0),
    ]

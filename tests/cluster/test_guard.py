"""May Pacemaker be started here now: the pure rule."""

import pytest

from cluster.decide import decide
from cluster.guard import Standing, may_start
from cluster.types import Alone, ClusterView, ControlData
from tests.cluster.test_preflight import LATE, STARTED, waits

MEMBER = Standing(in_cluster=True, own_job=False)
UNKNOWN = Standing(in_cluster=None, own_job=None)
PRIMARY = waits(control=ControlData("7700000000000000001", "shut down", 5))


def codes(view: ClusterView | Alone, standing: Standing) -> list[str]:
    return [one.code for one in may_start(view, decide(view), standing)]


def test_a_standby_may_start() -> None:
    assert codes(STARTED, MEMBER) == []


@pytest.mark.parametrize("standing", [MEMBER, UNKNOWN])
def test_a_former_primary_may_not(standing: Standing) -> None:
    assert codes(PRIMARY, standing) == ["was-primary"]


def test_what_is_unknown_refuses() -> None:
    assert codes(waits(control=LATE), UNKNOWN) == ["start-unknown"]


@pytest.mark.parametrize(
    "standing", [Standing(in_cluster=True, own_job=True), Standing(in_cluster=False, own_job=False)]
)
def test_apresas_own_start_and_a_machine_of_no_cluster_pass(standing: Standing) -> None:
    assert codes(PRIMARY, standing) == []


def test_the_first_start_of_a_set_up_passes() -> None:
    assert codes(Alone("north"), Standing(in_cluster=False, own_job=True)) == []
    assert codes(Alone("north"), UNKNOWN) == []


def test_a_machine_that_lost_its_configuration_does_not_start() -> None:
    assert codes(Alone("north", lost_its_cluster=True), MEMBER) == ["alone"]

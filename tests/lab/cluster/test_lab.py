"""The whole stack, from two bare nodes: the cluster comes up, says so, and moves when the active node fails."""

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from tests.lab.cluster import __main__ as lab
from tests.lab.cluster.browse import set_up
from tests.lab.cluster.drills import drill
from tests.lab.cluster.place import why_not
from tests.lab.cluster.report import Report
from tests.lab.cluster.status import cluster_status

PAIRS = (("myrec1", "myrec2"), ("myrec2", "myrec1"))  # the failover may have come first

pytestmark = pytest.mark.cluster_lab


@pytest.fixture(scope="module")
def took() -> Iterator[dict[str, float]]:
    """Two bare nodes, made a cluster through the pages: what that took. Any test may come first."""
    if why := why_not():
        pytest.skip(why)
    if any(node.process() for node in lab.NODES):
        pytest.fail("A lab is up on this machine; end it first: script/lab down")
    # The test stage's time limit is a SIGTERM: the lab must be taken down then, too.
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        with lab.alone():
            lab.bare()
            try:
                yield set_up()
            finally:
                lab.down()
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(_number: int, _frame: FrameType | None) -> None:
    pytest.exit("The test was ended from outside.")


def test_two_bare_machines_become_a_cluster_through_the_pages_alone(took: dict[str, float]) -> None:
    print(f"set up through the pages: {took}")
    report = Report()
    report.told(lab.NODES[0], set(), also=lab.NODES[1], good=True)
    assert report.faults == []
    ready = {f"{one} records. {other} is ready. If {one} fails now, {other} takes over." for one, other in PAIRS}
    said = {cluster_status(node)[1].splitlines()[0] for node in lab.NODES}
    assert len(said) == 1
    assert said < ready


@pytest.mark.usefixtures("took")
def test_a_failover_and_its_repair_end_in_a_healthy_cluster() -> None:
    assert drill(["restart"], lab.NODES) == 0

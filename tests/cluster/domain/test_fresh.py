"""What is asked of this very moment: DRBD for a certificate, the replication for a release."""

from dataclasses import replace
from typing import Any

import pytest

from apresa.config import domain as config
from apresa.shared import clock
from cluster import commands
from cluster.domain import fresh
from cluster.release import OnActive
from cluster.types import NodeView, NotRunning, Result, Unknown, Why
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def reply(command: commands.Command, text: str, code: int = 0) -> Result:
    return Result(command.argv, code, text, "")


JSON = reply(commands.DRBD_JSON, replies.JSON)
SHOW = reply(commands.DRBD_SHOW, replies.SHOW)


@pytest.fixture(autouse=True)
def _north(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "host", lambda: "north")


@pytest.mark.parametrize(
    ("source", "others", "certified"),
    [
        ("auto", {}, True),
        ("json", {"drbd-json": JSON, "drbd-show": SHOW}, True),
        ("auto", {"drbd-proc": reply(commands.DRBD_PROC, replies.PROC_9), "drbd-json": JSON, "drbd-show": SHOW}, True),
        ("json", {"drbd-json": JSON, "drbd-show": reply(commands.DRBD_SHOW, "")}, False),  # which protocol?
        ("auto", {"drbd-proc": reply(commands.DRBD_PROC, replies.PROC_ALONE)}, False),
        ("auto", {"configuration": reply(commands.CONFIGURATION, "")}, False),
    ],
)
def test_a_certificate_takes_the_kernels_word_whatever_its_source(
    source: str, others: dict[str, Any], certified: bool
) -> None:
    config.set("cluster.drbd_source", source, by="test")
    cluster = FakeCluster(None, **{name.replace("-", "_"): found for name, found in others.items()})
    assert fresh.certification(cluster, settled_at=clock.monotonic()).certified is certified


def test_a_release_knows_both_ends_of_the_replication_and_nothing_else() -> None:
    seen = fresh.for_release(FakeCluster())
    assert isinstance(seen, NodeView)
    side = fresh.active_side(seen, 5)
    assert isinstance(side, OnActive)
    assert (side.standby, side.committed, fresh.joined(seen)) == ("south", 5, True)
    assert (isinstance(seen.drbd, Unknown), isinstance(seen.quorum, Unknown)) == (True, True)


@pytest.mark.parametrize(
    ("pacemaker", "joined"),
    [
        (replies.PACEMAKER.replace('online="true"', 'online="false"'), False),
        (replies.PACEMAKER.replace('pending="false"', 'pending="true"'), False),
        (replies.PACEMAKER_OFF, False),
        ("nonsense", None),
    ],
)
def test_a_node_that_is_not_known_to_take_part_does_not(pacemaker: str, joined: bool | None) -> None:
    seen = fresh.for_release(FakeCluster(None, pacemaker=reply(commands.PACEMAKER, pacemaker)))
    assert fresh.joined(seen) is joined


def test_without_the_other_nodes_name_nobody_has_acknowledged() -> None:
    seen = fresh.for_release(FakeCluster())
    assert isinstance(seen, NodeView)
    unknown = Unknown(Why.LATE, "late")
    assert fresh.active_side(replace(seen, configuration=unknown), 5) is None
    assert isinstance(fresh.standby_side(replace(seen, receiver=NotRunning("off")), 5).receiver, NotRunning)

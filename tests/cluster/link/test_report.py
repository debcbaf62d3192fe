"""The other node's report, as it comes with a look."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apresa.nodelink import LinkError
from apresa.release import release
from apresa.shared import clock
from cluster.domain import observing
from cluster.link import report
from cluster.models import Observation
from cluster.queries.state import state
from cluster.replies import Replies
from cluster.types import ClusterView, NodeView, Unknown, Why
from tests.fakes.cluster import FakeCluster
from tests.fakes.peer import FakePeer, answer
from tests.samples.cluster.answers import healthy

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]


class Other:
    """The other node, as the look asks it."""

    def __init__(self, said: Callable[[], dict[str, Any]]) -> None:
        self._said = said

    def get(self, path: str, **_: object) -> dict[str, Any]:
        assert path == "/link/v1/report"
        return self._said()


def told(**changes: Any) -> dict[str, Any]:
    """What the other node says now; its own name is south."""
    replies = json.loads(Replies("south", 0.0, healthy().results).to_json())
    return {"release": release(), "now": clock.now().timestamp(), "age": 1.0, "replies": replies, **changes}


def look(monkeypatch: pytest.MonkeyPatch, said: Callable[[], dict[str, Any]]) -> ClusterView:
    monkeypatch.setattr(observing, "peer_link", lambda: Other(said))
    seen = observing.look(FakeCluster())
    assert isinstance(seen, ClusterView)
    return seen


def codes() -> set[str]:
    return {one.code for one in state().judgement.findings}


def test_a_look_brings_the_other_nodes_report_and_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = look(monkeypatch, told)
    assert isinstance(seen.peer, NodeView)
    assert seen.peer.name == "south"
    assert observing.view(Observation.objects.get()) == seen


def test_two_nodes_that_both_act_as_primary_are_seen_by_their_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """North's and south's replies are the same: each says that its own database takes writes."""
    look(monkeypatch, told)
    assert "two-active" in codes()


def test_a_machine_that_is_not_paired_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> None:
        raise LinkError("This machine is paired with no other node.", code="not-paired")

    monkeypatch.setattr(observing, "peer_link", nobody)
    seen = observing.look(FakeCluster())
    assert isinstance(seen, ClusterView)
    assert (seen.peer, seen.link) == (None, None)
    assert "node-link-down" not in codes()


def test_a_link_that_is_down_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> dict[str, Any]:
        raise LinkError("The other node does not answer (192.0.2.2: Connection refused).")

    seen = look(monkeypatch, down)
    assert seen.link == Unknown(Why.MISSING, "The other node does not answer (192.0.2.2: Connection refused).")
    assert codes() == {"node-link-down"}


def test_a_peer_that_hangs_is_a_finding_and_not_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    release_it = threading.Event()
    monkeypatch.setattr(observing, "DEADLINE", 0.5)

    def hang() -> dict[str, Any]:
        release_it.wait(60)
        return told()

    try:
        seen = look(monkeypatch, hang)
    finally:
        release_it.set()
    assert seen.link == Unknown(Why.LATE, "No answer within 0.5 seconds.")


def test_a_report_that_nobody_understands_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = look(monkeypatch, lambda: told(replies={"format": 99}))
    assert seen.peer == Unknown(Why.UNREADABLE, "The report has the format '99'; this release reads 1.")
    assert "not-known" in codes()


def test_another_release_over_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    look(monkeypatch, lambda: told(release="9.9.9"))
    assert "mixed-release" in codes()


def test_a_report_comes_over_the_link_itself(tmp_path: Path) -> None:
    peer = FakePeer(tmp_path)
    with peer.saying(lambda connection, _head: connection.sendall(answer(json.dumps(told()).encode()))) as link:
        found = report.fetch(link)
    assert isinstance(found.replies, Replies)
    assert found.replies.node == "south"
    assert peer.heard[-1].startswith(b"GET /link/v1/report HTTP/1.1\r\n")

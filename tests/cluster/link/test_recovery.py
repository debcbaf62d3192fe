"""What a node that is being repaired asks of the one that stays, and what it makes of the answers."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import RequestFactory

from cluster.domain import comparing, repairing
from cluster.link import views_recovery
from cluster.queries.recovery import choice
from cluster.recovery.sides import Side
from cluster.replies import Replies
from cluster.types import Result
from tests.fakes.cluster import FakeCluster
from tests.fakes.recovery import GENERATION, HISTORY_6, SYSTEM, FailedNode
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.kept import said

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
SOUTH_ACTIVE: dict[str, Any] = {
    "line": said(f"f|0/5000000|{SYSTEM}|6\n"),
    "histories": said(f"== 00000006.history\n{HISTORY_6}"),
    "generation": said(GENERATION.replace("0000000000000010:0000000000000000", "0000000000000020:0000000000000010")),
}


class South:
    """The active node at the other end of the link."""

    def __init__(self, **others: Result) -> None:
        report = Replies("south", 0.0, healthy(**{**SOUTH_ACTIVE, **others}).results)
        self._report = json.loads(report.to_json())
        self.asked: list[str] = []

    def get(self, path: str, **_limits: object) -> dict[str, Any]:
        self.asked.append(path)
        return {"replies": self._report, "ticket": ""}

    def post(self, path: str, _body: Mapping[str, Any], **_limits: object) -> dict[str, Any]:
        self.asked.append(path)
        return {"connected": True}


def compared(monkeypatch: pytest.MonkeyPatch, south: South, node: FailedNode) -> comparing.Compared:
    monkeypatch.setattr(comparing, "other_node", lambda: south)
    return comparing.compare_now(node)


def test_by_the_link_the_recordings_are_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compared(monkeypatch, South(), FailedNode())
    assert isinstance(found.comparison.peer, Side)
    assert [one.code for one in choice(found).unseen] == ["calls-unseen"]
    assert choice(found).reasons == ()


def test_newer_recordings_here_refuse_what_the_databases_would_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    older = said(
        GENERATION.replace("0000000000000010:", "0000000000000008:").replace(
            ":0000000000000008:", ":0" + "0" * 15 + ":"
        )
    )
    found = compared(monkeypatch, South(generation=older), FailedNode())
    assert [one.code for one in choice(found).reasons] == ["older-recordings"]


def test_a_report_of_another_machine_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    south = South()
    south._report["node"] = "west"
    found = compared(monkeypatch, south, FailedNode())
    assert [one.code for one in choice(found).unseen] == ["recordings-unseen", "calls-unseen"]


def asked(node: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dict[str, Any]]:
    monkeypatch.setattr(views_recovery, "runner_here", lambda: node)
    response = views_recovery.connect(RequestFactory().post(repairing.CONNECT))
    return response.status_code, json.loads(getattr(response, "content", b"{}"))


def test_the_active_node_takes_the_connection_again(monkeypatch: pytest.MonkeyPatch) -> None:
    argv = ("drbdadm", "connect", "r0")
    node = FakeCluster({argv: lambda one: one.now(drbd_proc=said(replies.PROC))}, drbd_proc=said(replies.PROC_ALONE))
    assert asked(node, monkeypatch) == (200, {"connected": True})
    assert node.done == ["drbdadm connect r0"]
    assert asked(node, monkeypatch) == (200, {"connected": False})  # nothing is to be done
    assert node.done == ["drbdadm connect r0"]


def test_what_is_not_active_connects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    node = FakeCluster(drbd_proc=said(replies.PROC_ALONE), postgres=said("t|0/3000060|0/3000060\n"))
    assert asked(node, monkeypatch)[0] == 409
    assert node.done == []


def test_the_report_has_all_that_a_comparison_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    node = FailedNode()
    monkeypatch.setattr(views_recovery, "runner_here", lambda: node)
    response = views_recovery.report(RequestFactory().get(comparing.REPORT))
    told = json.loads(getattr(response, "content", b"{}"))
    assert (told["replies"]["node"], told["ticket"]) == ("north", "")
    assert {"line", "histories", "generation", "control", "marks"} <= set(told["replies"]["results"])

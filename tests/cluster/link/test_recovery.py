"""What a node that is being repaired asks of the one that stays, and what it makes of the answers."""

import json
import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from apresa.handover import calls
from apresa.handover.calls import Calls
from cluster.domain import comparing, holding, rejoining, repairing
from cluster.link import views_recovery
from cluster.queries.recovery import choice
from cluster.queries.recovery_preview import rows
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
        self.calls: Any = None
        self.knows: Any = None

    def get(self, path: str, **_limits: object) -> dict[str, Any]:
        self.asked.append(path)
        return {"replies": self._report, "ticket": "", "calls": self.calls}

    def post(self, path: str, _body: Mapping[str, Any], **_limits: object) -> dict[str, Any]:
        self.asked.append(path)
        return {"connected": True, "known": self.knows}


def compared(monkeypatch: pytest.MonkeyPatch, south: South, node: FailedNode) -> comparing.Compared:
    monkeypatch.setattr(comparing, "other_node", lambda: south)
    monkeypatch.setattr(holding, "other_node", lambda: south)
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
    response = views_recovery.report(RequestFactory().get(rejoining.REPORT))
    told = json.loads(getattr(response, "content", b"{}"))
    assert (told["replies"]["node"], told["ticket"]) == ("north", "")
    assert {"line", "histories", "generation", "control", "marks"} <= set(told["replies"]["results"])


NAMES = [str(uuid.UUID(int=number)) for number in range(1, 6)]
ENDED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Here:
    """What this node holds: four calls in its database, one of them deleted, and one more in its spool."""

    def held(self) -> Calls:
        return Calls(3, ENDED, tuple(NAMES[:3]), (NAMES[4],))

    def known(self, names: Collection[str]) -> set[str] | None:
        return set(names) & set(NAMES[:4])


def test_each_side_tells_its_calls_and_what_the_other_one_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_holders", [Here()])
    south = South()
    last, spooled = "2026-03-01T13:00:00+00:00", [str(uuid.UUID(int=9))]
    south.calls = {"count": 7, "last": last, "stored": NAMES[1:4], "spooled": spooled}
    south.knows = NAMES[1:4]
    found = compared(monkeypatch, south, FailedNode())
    own, peer = found.comparison.own, found.comparison.peer
    assert isinstance(peer, Side)
    assert (own.held.count, own.held.last_call, own.held.only_here) == (3, ENDED, {"calls": 1, "spooled": 1})
    assert (peer.held.count, peer.held.only_here) == (7, {"calls": 0, "spooled": 1})
    assert choice(found).unseen == ()
    told = {row.code: (row.own, row.other) for row in rows(own, peer, str)}
    assert (told["calls"], told["last-call"]) == (("3", "7"), ("2026-03-01 12:00:00", "2026-03-01 13:00:00"))
    assert (told["only-calls"], told["only-spooled"]) == (("1", "0"), ("1", "1"))
    sentences = [one.code for one in choice(found).costs]
    assert [one for one in sentences if one.startswith("only-there")] == ["only-there-calls", "only-there-spooled"]


def test_a_database_that_is_down_leaves_the_calls_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    down = Here()
    monkeypatch.setattr(down, "held", lambda: Calls(None, ENDED, None, (NAMES[4],)))
    monkeypatch.setattr(down, "known", lambda _names: None)
    monkeypatch.setattr(calls, "_holders", [down])
    south = South()
    south.knows = []
    found = compared(monkeypatch, south, FailedNode())
    assert (found.comparison.own.held.count, found.comparison.own.held.only_here) == (None, {"spooled": 1})
    assert [one.code for one in choice(found).unseen] == ["calls-unseen"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["count", "last", "stored", "spooled"]), JSON) | JSON)
def test_what_cannot_be_read_of_the_other_nodes_calls_is_not_known(found: object) -> None:
    read = holding.read(found)
    assert read.count is None or read.count >= 0
    assert read.last is None or read.last.tzinfo is not None
    assert holding.read(holding.told(read)) == read


def test_the_other_node_is_told_which_calls_are_known_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_holders", [Here()])

    def asked_for(body: object) -> dict[str, Any]:
        request = RequestFactory().post(holding.KNOWN, body, content_type="application/json")
        found: dict[str, Any] = json.loads(getattr(views_recovery.known(request), "content", b"{}"))
        return found

    assert asked_for({"names": [NAMES[0], NAMES[4], "x"]}) == {"known": [NAMES[0]]}
    assert asked_for({}) == {"known": []}
    assert asked_for([])["code"] == "unreadable"

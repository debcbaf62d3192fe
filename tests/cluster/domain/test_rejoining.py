"""A look asks both sides whether a former primary may follow again, and a start of Pacemaker lets it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from apresa.node import domain as node
from apresa.nodelink import LinkError
from apresa.shared import clock
from cluster.domain import guarding, observing, rejoining
from cluster.domain.guarding import check
from cluster.read import REJOIN, read_node
from cluster.rejoin_types import Proof, Verdict
from cluster.replies import Replies
from cluster.told import Told
from cluster.types import NodeView, Unknown, Why
from tests.fakes.recovery import CONTROL, GENERATION, HISTORY_6, SECOND, SYSTEM, FailedNode
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.kept import said

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
CLEAN = CONTROL.replace("in production", "shut down")
AT_FORK = CLEAN.replace("0/2F00000", "0/2FFFFF8")  # the record goes on behind the point where south went on
PROVEN = Proof(SYSTEM, 5, 0x2F00000, 0x3000000)


def south(**others: Any) -> Replies:
    told = {
        "pacemaker": said(SECOND),
        "line": said(f"f|0/5000000|{SYSTEM}|6\n"),
        "histories": said(f"== 00000006.history\n{HISTORY_6}"),
        "generation": said(GENERATION),
        "control": said(replies.CONTROL.replace(":       5", ":       6")),
        **others,
    }
    return Replies("south", 1_000_000.0, healthy(**told).results)


class South:
    """The other node at the end of the link; `asked`: how often."""

    def __init__(self, *reports: Replies | LinkError) -> None:
        self.reports, self.asked = list(reports), 0

    def get(self, _path: str, **_limits: object) -> dict[str, Any]:
        self.asked += 1
        found = self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]
        if isinstance(found, LinkError):
            raise found
        return {"replies": json.loads(found.to_json()), "ticket": "", "calls": []}


Link = Callable[..., South]


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> Link:
    def made(*reports: Replies | LinkError) -> South:
        other = South(*reports)
        monkeypatch.setattr(rejoining, "other_node", lambda: other)
        return other

    return made


def judged(control: str = CLEAN, told: Replies | Unknown | None = None) -> Verdict | None:
    runner = FailedNode(control=said(control), marks=said("PGSQL.lock\n"))
    own = Replies("north", 1_000_000.0, {**runner.replies})
    view = read_node(rejoining.judged(runner, own, told or south()))
    assert isinstance(view, NodeView)
    return view.rejoin


def test_a_database_that_was_shut_down_before_the_fork_is_proven(link: Link) -> None:
    link(south())
    assert judged() == Verdict(PROVEN)


@pytest.mark.parametrize(
    ("control", "report", "codes"),
    [
        (CONTROL, south(), ["not-in-order"]),
        (AT_FORK, south(), ["beyond"]),
        (CLEAN, south(line=said(f"t|0/5000000|{SYSTEM}|6\n")), ["other-passive"]),
        (CLEAN, south(generation=said("", 10)), ["recordings-unknown"]),
        (CLEAN, LinkError("late"), ["other-silent"]),
        (CLEAN, Replies("east", 1_000_000.0, south().results), ["other-silent"]),
    ],
)
def test_what_is_not_proven_is_told(control: str, report: Replies | LinkError, codes: list[str], link: Link) -> None:
    link(report)
    found = judged(control)
    assert found is not None
    assert (found.proof, [one.code for one in found.against]) == (None, codes)


def test_a_link_that_is_down_holds_no_look_up(link: Link) -> None:
    other = link(south())
    found = judged(told=Unknown(Why.MISSING, "It does not answer."))
    assert found is not None
    assert ([one.code for one in found.against], other.asked) == (["other-silent"], 0)


def test_nobody_is_asked_about_a_database_that_runs(link: Link) -> None:
    other = link(south())
    own = healthy()
    assert rejoining.judged(FailedNode(), own, south()) == own
    assert (REJOIN in own.results, other.asked) == (False, 0)


@pytest.fixture
def paired(monkeypatch: pytest.MonkeyPatch) -> None:
    node.join_as_secondary("192.0.2.1")
    now = replace(south(), taken_at=clock.now().timestamp())
    monkeypatch.setattr(observing, "ask_other", lambda _deadline: lambda: Told(now))


def starting() -> FailedNode:
    return FailedNode(control=said(CLEAN), marks=said("PGSQL.lock\n"), changes={"rejoin": lambda _node: None})


@pytest.mark.usefixtures("paired")
def test_a_restart_of_pacemaker_lets_the_database_follow_before_its_agent_starts_it(link: Link) -> None:
    link(south())
    runner = starting()
    assert (check(runner), runner.done) == ((), ["rejoin"])


@pytest.mark.usefixtures("paired")
def test_a_restart_waits_for_the_other_node_to_become_active(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "PAUSE", 0.0)
    other = link(south(line=said(f"t|0/5000000|{SYSTEM}|5\n")), south())
    runner = starting()
    assert (check(runner), runner.done, other.asked) == ((), ["rejoin"], 2)


@pytest.mark.usefixtures("paired")
def test_a_restart_is_refused_where_the_other_node_lacks_something(link: Link) -> None:
    link(south(histories=said("== 00000006.history\n" + HISTORY_6.replace("0/3000000", "0/2F00000"))))
    runner = starting()
    (found,) = check(runner)
    assert (found.code, runner.done) == ("was-primary", [])
    assert "120 bytes of its log behind the point where south went on" in str(found.parameters["why"])


@pytest.mark.usefixtures("paired")
def test_a_mark_that_does_not_go_refuses_the_start(link: Link) -> None:
    link(south())
    runner = FailedNode(
        control=said(CLEAN),
        marks=said("PGSQL.lock\n"),
        changes={"rejoin": lambda _node: said("", 3, "The server of this node runs.")},
    )
    (found,) = check(runner)
    assert found.code == "not-let-follow"
    assert "The server of this node runs." in str(found.parameters["detail"])

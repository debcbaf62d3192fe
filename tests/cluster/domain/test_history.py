"""Findings become events: when they begin, when they end, and what made the active node change."""

from datetime import timedelta

import pytest
import time_machine

from apresa.events import domain as events
from apresa.events.models import Event
from apresa.events.queries import open_alarms
from cluster.catalogue import KINDS
from cluster.decide import Judgement, decide
from cluster.domain import history, observing
from cluster.findings import Finding, Level, finding
from cluster.models import Observation
from cluster.types import Unknown, Why
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies
from tests.samples.cluster.kept import MAINTENANCE, keep, said
from tests.samples.cluster.views import HEALTHY, own

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
START = "2026-03-01T12:00:00Z"
OFFLINE = finding("node-offline", node="south")
SPLIT = finding("two-active", nodes="north, south", evidence="both")


def judged(*findings: Finding, active: str | None = "north") -> Judgement:
    return Judgement(Level.NOTE, findings, (), active, None, ready=False)


def alarms() -> list[str]:
    return [event.code.removeprefix("cluster-") for event in open_alarms()]


def test_what_two_looks_in_a_row_see_is_an_alarm() -> None:
    history.note(judged(OFFLINE), before=judged())
    assert alarms() == []
    history.note(judged(OFFLINE), before=judged(OFFLINE))
    history.note(judged(OFFLINE), before=judged(OFFLINE))
    event = Event.objects.get()
    assert event.sentence == "south is away: it is off, or the link to it is cut."
    assert history.cause(event) == "Pacemaker or Corosync does not have south among its members."


def test_what_is_critical_is_told_at_once() -> None:
    history.note(judged(SPLIT), before=None)
    assert alarms() == ["two-active"]


def test_an_alarm_ends_when_two_looks_do_not_see_it() -> None:
    history.note(judged(SPLIT), before=None)
    history.note(judged(), before=judged(SPLIT))
    assert alarms() == ["two-active"]
    history.note(judged(), before=judged())
    assert alarms() == []


def test_a_note_is_no_alarm() -> None:
    history.note(judged(finding("one-link", node="north")), before=judged(finding("one-link", node="north")))
    assert Event.objects.count() == 0


def test_while_pacemaker_tells_nothing_no_alarm_ends() -> None:
    blind = decide(own(HEALTHY, pacemaker=Unknown(Why.LATE, "No answer.")))
    history.note(judged(SPLIT), before=None)
    history.note(blind, before=blind)
    assert "two-active" in alarms()


def test_another_figure_is_no_other_alarm() -> None:
    for percent in (1.0, 2.0, 3.0):
        one = finding("drbd-syncing", node="north", percent=percent, minutes=9, replication="SyncSource")
        history.note(judged(one), before=judged(one))
    assert alarms() == ["drbd-syncing"]


def test_a_change_of_the_active_node_is_told_with_its_cause() -> None:
    gone = finding("node-offline", node="north")
    history.note(judged(gone, active="south"), before=judged(), last_active="north")
    event = Event.objects.get(code="cluster-active-changed")
    assert event.sentence == (
        "south is active now; before, north was. north is away: it is off, or the link to it is cut."
    )


def test_every_sentence_of_a_finding_can_be_told() -> None:
    for code, kind in history.ALARMS.items():
        assert kind.sentence == KINDS[code].sentence
        assert events.text(Event(code=kind.code, parameters={}, sentence="as it was")) != ""


def test_a_forgotten_maintenance_mode_is_told_again_once_a_day() -> None:
    with time_machine.travel(START, tick=False) as now:
        history.note(judged(finding("maintenance")), before=judged(finding("maintenance")))
        now.shift(timedelta(minutes=59))
        assert history.remind() == 0
        now.shift(timedelta(minutes=2))
        assert (history.remind(), history.remind()) == (1, 0)
        now.shift(timedelta(hours=25))
        assert history.remind() == 1
    reminder = Event.objects.filter(code="cluster-reminder").earliest("id")
    assert reminder.sentence == (
        "Still so after 1 h: The cluster is in maintenance mode: recording goes on, but no node takes over."
    )


def test_what_ends_is_not_told_again() -> None:
    with time_machine.travel(START, tick=False) as now:
        history.note(judged(finding("maintenance")), before=judged(finding("maintenance")))
        history.note(judged(), before=judged())
        now.shift(timedelta(days=2))
        assert history.remind() == 0


def test_looks_write_the_history_by_themselves() -> None:
    cluster = FakeCluster()
    for _look in range(2):
        observing.look(cluster)
    assert alarms() == []
    cluster.now(pacemaker=said(MAINTENANCE))
    for _look in range(2):
        observing.look(cluster)
    assert alarms() == ["maintenance"]
    cluster.now(pacemaker=said(replies.PACEMAKER))
    for _look in range(2):
        observing.look(cluster)
    assert alarms() == []
    assert Observation.objects.get().active == "north"


@pytest.mark.parametrize("report", ["", "rubbish", "{}", "[" * 100_000])
def test_a_report_that_cannot_be_read_is_unknown(report: str) -> None:
    keep()
    Observation.objects.update(report=report)
    found = decide(observing.view(Observation.objects.get()))
    assert (found.ready, found.level) == (False, Level.UNKNOWN)


def test_the_last_active_node_is_remembered_through_a_moment_without_one() -> None:
    cluster = FakeCluster()
    observing.look(cluster)
    cluster.now(pacemaker=said(replies.PACEMAKER.replace('role="Promoted"', 'role="Unpromoted"')))
    observing.look(cluster)
    assert Observation.objects.get().active == "north"

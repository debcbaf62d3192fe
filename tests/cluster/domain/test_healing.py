"""The node mends by itself: each attempt an event and an audit entry, and the count of the day is kept."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import override_settings

from apresa.audit.models import Entry
from apresa.config import domain as config
from apresa.events import domain as events
from apresa.events.models import Event
from apresa.jobs import domain as jobs
from apresa.shared import clock
from cluster import orders
from cluster.domain import healing, history
from cluster.domain.healing import heal
from cluster.queries.history import lines
from cluster.runner import CommandUnavailable
from cluster.types import Result, Why
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster.kept import FAILED, keep, said
from worker.tasks import cluster as tasks

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
REFRESH = orders.refresh("address", "north").argv


def cluster() -> FakeCluster:
    return FakeCluster({REFRESH: lambda _cluster: None})


def fail(ago: float = 100.0) -> None:
    """The failure has been an open alarm for so many seconds."""
    keep(pacemaker=said(FAILED))
    known = {"node": "north", "operation": "address_monitor_10000", "result": "not running", "reason": "gone"}
    alarm = Event.objects.filter(closed_at=None, code="cluster-failed-action").first()
    if alarm is None:
        alarm = events.open_alarm(history.ALARMS["failed-action"], subject="north", **known)
    Event.objects.filter(pk=alarm.pk).update(at=clock.now() - timedelta(seconds=ago))


def test_a_failure_is_forgotten_with_its_trail() -> None:
    fail()
    runner = cluster()
    heal(runner)
    assert runner.done == [" ".join(REFRESH)]
    line = next(one for one in lines() if one.event.code == "cluster-tried-cleanup")
    assert line.sentence == "By itself: the failure of address on north was forgotten, and address looked at anew."
    assert line.cause == "The failure had lasted for a minute."
    assert Entry.objects.using("node").get(action="cluster-tried-cleanup").actor == "by itself"


def test_it_ends_after_as_many_attempts_as_the_setting_allows() -> None:
    config.set("cluster.cleanups", 2, by="test")
    runner = cluster()
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as now:
        for _hour in range(5):
            fail()
            heal(runner)
            now.shift(timedelta(hours=1))
        assert len(runner.done) == 2
        now.shift(timedelta(hours=24))
        fail()
        heal(runner)
    assert len(runner.done) == 3


def test_nothing_is_tried_on_an_old_look_or_while_somebody_works() -> None:
    fail()
    job = jobs.create("cluster-recovery", scope="node")
    heal(cluster())
    jobs.cancel(job)
    keep(pacemaker=said(FAILED), ago=100)
    heal(cluster())
    assert Event.objects.filter(code__startswith="cluster-tried").count() == 0


@pytest.mark.parametrize("how", ["code", "late"])
def test_an_attempt_that_fails_is_told(how: str) -> None:
    fail()

    def answer(_cluster: FakeCluster) -> Result:
        if how == "late":
            raise CommandUnavailable(Why.LATE, "It hangs.")
        return Result(REFRESH, 1, "", "It hangs.\n")

    heal(FakeCluster({REFRESH: answer}))
    assert [one.sentence for one in Event.objects.filter(code="cluster-tried-failed")] == [
        "By itself: it was tried and failed. By itself: the failure of address on north was forgotten, and address "
        "looked at anew. It hangs."
    ]


def test_a_silent_recorder_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    monkeypatch.setattr(healing, "_silent", lambda: 45.0)
    runner = FakeCluster({orders.RECORDER.argv: lambda _cluster: None})
    monkeypatch.setattr(tasks, "runner_here", lambda: runner)
    tasks.heal()
    tasks.heal()
    assert runner.done == ["systemctl restart apresa-record.service"]
    config.set("cluster.restart_recorder", False, by="test")
    assert healing.allowed().recorder is False


def test_the_recorders_last_word_is_the_age_of_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings  # noqa: PLC0415 -- the platform's own

    status = settings.APRESA.spool / "live" / "status.json"
    assert healing._silent() is None
    with override_settings(APRESA=settings.APRESA.model_copy(update={"mode": "full"})):
        assert healing._silent() is None
        config.set("capture.interfaces", ["eth0"], by="test")
        assert healing._silent() is None
        status.parent.mkdir(parents=True, exist_ok=True)
        status.write_text("{}")
        os.utime(status, (clock.now().timestamp() - 90,) * 2)
        silent = healing._silent()
        assert silent is not None
        assert 89 < silent < 95

"""Acts as jobs: asked for, checked once more, done, told; and their tasks."""

from datetime import timedelta

import pytest
import time_machine

from apresa.audit.models import Entry
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job, State
from cluster import orders
from cluster.domain import acting
from cluster.models import Observation
from cluster.preflight import Act
from cluster.queries.history import ACT
from cluster.types import Result
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies
from tests.samples.cluster.kept import FAILED, MAINTENANCE, keep, keep_alone, said
from worker.tasks import cluster as tasks

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
ON = orders.maintenance(on=True)
NO_CARRIER = replies.INTERFACES.replace("LOWER_UP", "NO-CARRIER")
REFUSED = "It was not done. Maintenance mode is on already."


def switch_on(cluster: FakeCluster) -> None:
    cluster.now(pacemaker=said(MAINTENANCE))


def actions() -> list[str]:
    return [entry.action for entry in Entry.objects.using("node").filter(action__startswith="cluster-").order_by("id")]


def test_an_act_is_done_with_its_trail() -> None:
    keep()
    asked = acting.ask(Act("maintenance-on"), by="anna", address="192.0.2.9")
    cluster = FakeCluster({ON.argv: switch_on})
    job = acting.act_next(cluster)
    assert job is not None
    assert (job.pk, job.state, job.error) == (asked.pk, State.DONE, "")
    assert job.result
    assert job.result["steps"][0]["argv"] == list(ON.argv)
    assert cluster.done == [" ".join(ON.argv)]
    assert actions() == ["cluster-act", "cluster-act-done"]
    assert acting.act_next(cluster) is None


def test_what_is_refused_leaves_a_trail_and_no_job() -> None:
    keep_alone()
    with pytest.raises(acting.Refused, match="This machine stands alone: there is no cluster"):
        acting.ask(Act("maintenance-on"), by="anna")
    assert (Job.objects.using("node").count(), actions()) == (0, ["cluster-act-refused"])


@pytest.mark.parametrize("ago", [31.0, 100_000.0])
def test_nothing_is_begun_on_an_old_look(ago: float) -> None:
    keep(ago=ago)
    with pytest.raises(acting.Refused, match="Nobody has looked at the cluster for a while"):
        acting.ask(Act("maintenance-on"), by="anna")


def test_nothing_is_begun_before_the_first_look() -> None:
    assert Observation.objects.count() == 0
    with pytest.raises(acting.Refused):
        acting.ask(Act("maintenance-on"), by="anna")


def test_the_job_looks_again_before_it_acts() -> None:
    keep()
    acting.ask(Act("maintenance-on"), by="anna")
    cluster = FakeCluster(pacemaker=said(MAINTENANCE))
    job = acting.act_next(cluster)
    assert job is not None
    assert (job.state, job.error, cluster.done) == (State.FAILED, REFUSED, [])
    assert actions() == ["cluster-act", "cluster-act-failed"]


def test_a_command_that_fails_fails_the_job() -> None:
    keep()
    acting.ask(Act("maintenance-on"), by="anna")
    job = acting.act_next(FakeCluster({ON.argv: lambda _cluster: Result(ON.argv, 1, "", "Error: it is broken\n")}))
    assert job is not None
    assert (job.state, job.error) == (State.FAILED, "crm_attribute ended with exit code 1: Error: it is broken")


def test_a_job_whose_worker_died_goes_on() -> None:
    keep()
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as now:
        job = jobs.create(ACT, scope="node", owner="anna", name="maintenance-on", resource="", node="")
        assert jobs.claim([ACT], scope="node") == job
        now.shift(timedelta(minutes=5))
        assert jobs.requeue_expired(scope="node") == 1
        now.shift(timedelta(minutes=5))
        done = acting.act_next(FakeCluster(pacemaker=said(MAINTENANCE)))
    assert done is not None
    assert (done.state, done.attempts, done.error) == (State.DONE, 2, "")


def test_a_job_that_is_cancelled_stops() -> None:
    keep()
    job = acting.ask(Act("maintenance-on"), by="anna")
    Job.objects.using("node").update(cancel_requested=True)
    assert acting.act_next(FakeCluster()) == job
    assert actions() == ["cluster-act", "cluster-act-stopped"]


def test_a_failed_resource_is_looked_at_anew() -> None:
    keep(pacemaker=said(FAILED))
    acting.ask(Act("cleanup", "address", "north"), by="anna")
    refresh = orders.refresh("address", "north")
    cluster = FakeCluster({refresh.argv: lambda cluster: cluster.now(pacemaker=said(replies.PACEMAKER))})
    cluster.now(pacemaker=said(FAILED))
    job = acting.act_next(cluster)
    assert job is not None
    assert (job.state, cluster.done) == (State.DONE, [" ".join(refresh.argv)])


def test_a_database_that_is_a_moment_behind_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples' standby lacks 256 bytes; the page does not refuse for that; the job waits."""
    keep()
    acting.ask(Act("switchover"), by="anna")
    monkeypatch.setattr(acting, "MOMENTS", 3)
    monkeypatch.setattr(acting, "MOMENT", 0.0)
    job = acting.act_next(FakeCluster())
    assert job is not None
    assert job.error == "It was not done. The database of south lacks 256 bytes. Wait a moment and try again."


def test_what_is_not_certain_for_a_moment_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As just after a switchover: what the next look does not say any more is no reason."""
    keep()
    acting.ask(Act("switchover"), by="anna")
    cluster = FakeCluster(interfaces=said(NO_CARRIER))
    monkeypatch.setattr(
        "cluster.domain.acting.time.sleep", lambda _seconds: cluster.now(interfaces=FakeCluster().replies["interfaces"])
    )
    job = acting.act_next(cluster)
    assert job is not None
    assert job.error == "It was not done. The database of south lacks 256 bytes. Wait a moment and try again."


def test_what_stays_uncertain_refuses_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    keep()
    acting.ask(Act("switchover"), by="anna")
    monkeypatch.setattr(acting, "MOMENT", 0.0)
    job = acting.act_next(FakeCluster(interfaces=said(NO_CARRIER)))
    assert job is not None
    assert (job.state, "It is not certain that south would take over: north has lost one" in job.error) == (
        State.FAILED,
        True,
    )


def test_the_tasks_look_act_and_remind(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({ON.argv: switch_on})
    monkeypatch.setattr(tasks, "runner_here", lambda: cluster)
    tasks.look()
    acting.ask(Act("maintenance-on"), by="anna")
    tasks.act()
    tasks.remind()
    assert Job.objects.using("node").get().state == State.DONE
    assert Observation.objects.get().active == "north"

"""The life of a job."""

from datetime import timedelta

import pytest
import time_machine

from apresa.jobs import domain as jobs
from apresa.jobs.models import Job, State
from apresa.shared import clock

pytestmark = pytest.mark.django_db(databases=["default", "node"])
START = "2026-03-01T12:00:00Z"


def claimed(kind: str = "export", scope: jobs.Scope = "node") -> Job:
    job = jobs.claim([kind], scope=scope)
    assert job is not None
    return job


@pytest.mark.parametrize(("scope", "database"), [("node", "node"), ("cluster", "default")])
def test_job_lives_in_the_database_of_its_scope(scope: jobs.Scope, database: str) -> None:
    job = jobs.create("export", scope=scope, calls=3)
    assert Job.objects.using(database).get().pk == job.pk
    assert jobs.claim(["export"], scope="cluster" if scope == "node" else "node") is None


def test_oldest_job_of_the_kinds_is_claimed_once() -> None:
    with time_machine.travel(START, tick=False) as now:
        first = jobs.create("export", scope="node")
        now.shift(1)
        second = jobs.create("export", scope="node")
        jobs.create("drill", scope="node")
        got = [jobs.claim(["export"], scope="node") for _ in range(3)]
    assert [job.pk if job else None for job in got] == [first.pk, second.pk, None]


def test_attempt_is_counted_before_the_work_begins() -> None:
    jobs.create("export", scope="node")
    assert (claimed().attempts, Job.objects.using("node").get().attempts) == (1, 1)


def test_heartbeat_shows_progress_and_keeps_the_lease() -> None:
    with time_machine.travel(START, tick=False) as now:
        jobs.create("export", scope="node")
        job = claimed()
        now.shift(50)
        jobs.heartbeat(job, 40, "40 of 100 calls")
        now.shift(50)
        assert jobs.requeue_expired(scope="node") == 0
    job.refresh_from_db()
    assert (job.progress, job.progress_text, job.state) == (40, "40 of 100 calls", State.RUNNING)


def test_finished_job_has_its_result() -> None:
    jobs.create("export", scope="node")
    job = claimed()
    jobs.finish(job, {"file": "calls.zip"})
    assert (job.state, job.result, job.progress, job.lease) == (State.DONE, {"file": "calls.zip"}, 100, None)


def test_job_of_a_dead_worker_is_found_and_the_dead_one_may_write_no_more() -> None:
    with time_machine.travel(START, tick=False) as now:
        jobs.create("export", scope="node")
        dead = claimed()
        now.shift(61)
        assert jobs.requeue_expired(scope="node") == 1
        now.shift(timedelta(hours=1))
        alive = claimed()
        with pytest.raises(jobs.LeaseLost):
            jobs.finish(dead)
        with pytest.raises(jobs.LeaseLost):
            jobs.heartbeat(dead)
        jobs.finish(alive)
    assert (alive.state, alive.attempts) == (State.DONE, 2)


def test_job_that_fails_waits_longer_each_time_and_then_stays_failed() -> None:
    waits = []
    with time_machine.travel(START, tick=False) as now:
        jobs.create("export", scope="node")
        for _ in range(2):
            job = claimed()
            jobs.fail(job, "The disk is full.")
            assert job.not_before is not None
            assert jobs.claim(["export"], scope="node") is None
            waits.append(job.not_before - clock.now())
            now.move_to(job.not_before)
        job = claimed()
        jobs.fail(job, "The disk is full.")
    assert (job.state, job.attempts, job.error) == (State.FAILED, 3, "The disk is full.")
    assert waits == [timedelta(seconds=40), timedelta(seconds=160)]


def test_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_heartbeat() -> None:
    waiting = jobs.create("drill", scope="node")
    jobs.cancel(waiting)
    jobs.create("export", scope="node")
    running = claimed()
    jobs.cancel(Job.objects.using("node").get(pk=running.pk))
    with pytest.raises(jobs.LeaseLost):
        jobs.heartbeat(running)
    assert waiting.state == State.CANCELLED


def test_failed_job_is_tried_again_when_a_person_asks() -> None:
    jobs.create("export", scope="node", most_attempts=1)
    job = claimed()
    jobs.fail(job, "No.")
    jobs.retry(job)
    assert (job.state, claimed().attempts) == (State.QUEUED, 1)


def test_old_finished_jobs_go_and_waiting_ones_stay() -> None:
    with time_machine.travel(START, tick=False) as now:
        jobs.create("export", scope="node")
        jobs.finish(claimed())
        waiting = jobs.create("export", scope="node")
        now.shift(timedelta(days=31))
        assert jobs.forget_old(scope="node") == 1
    assert Job.objects.using("node").get().pk == waiting.pk


def test_a_failed_job_that_a_person_lets_go_on_is_never_forgotten() -> None:
    with time_machine.travel(START, tick=False) as now:
        for kind in ("set-up", "export", "set-up"):
            jobs.create(kind, scope="node")
        for kind in ("set-up", "export"):
            job = jobs.claim([kind], scope="node")
            assert job is not None
            jobs.fail(job, "no", retry=False)
        done = jobs.claim(["set-up"], scope="node")
        assert done is not None
        jobs.finish(done)
        now.shift(timedelta(days=31))
        assert jobs.forget_old(scope="node", resumed=("set-up",)) == 2
    assert [(job.kind, job.state) for job in Job.objects.using("node").all()] == [("set-up", State.FAILED)]


def test_a_job_that_is_handed_over_is_taken_at_once_and_costs_no_attempt() -> None:
    job = jobs.create("kind", scope="node")
    first = jobs.claim(["kind"], scope="node")
    assert first is not None
    jobs.heartbeat(first, 40, "half", {"half": True})
    jobs.hand_over(first)
    second = jobs.claim(["kind"], scope="node")
    assert second is not None
    assert (second.pk, second.attempts, second.result) == (job.pk, 1, {"half": True})
    with pytest.raises(jobs.LeaseLost):
        jobs.heartbeat(first)

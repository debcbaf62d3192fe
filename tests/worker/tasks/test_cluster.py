"""The cluster's tasks: a worker that ends takes no more work."""

from collections.abc import Callable

import pytest
from celery.worker import state

from apresa.jobs import domain as jobs
from apresa.jobs.models import State
from cluster.queries.history import ACT, RECOVERY
from cluster.queries.link_test import KIND as TEST
from cluster.queries.setup import KIND as SET_UP
from worker.tasks import cluster as tasks

TASKS = [(SET_UP, tasks.set_up), (ACT, tasks.act), (RECOVERY, tasks.recover), (TEST, tasks.test_link)]


@pytest.mark.django_db(databases=["default", "node"])
@pytest.mark.parametrize(("kind", "task"), TASKS)
def test_a_worker_that_was_asked_to_end_leaves_what_waits_to_the_next_one(
    kind: str, task: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.create(kind, scope="node")
    monkeypatch.setattr(state, "should_stop", 0)  # its exit code
    task()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.QUEUED, 0)

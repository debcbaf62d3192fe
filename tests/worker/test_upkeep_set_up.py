"""A set-up that stopped half way stays known, however long nobody comes back to it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apresa.jobs import domain as jobs
from cluster.queries.setup import KIND, last_set_up
from worker.tasks import upkeep


@pytest.mark.django_db(databases=["default", "node"])
def test_a_set_up_that_failed_is_still_there_after_a_month() -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False) as now:
        jobs.create(KIND, scope="node", role="primary")
        job = jobs.claim([KIND], scope="node")
        assert job is not None
        jobs.fail(job, "no", retry=False)
        now.shift(timedelta(days=40))
        upkeep.forget()
        assert last_set_up() == job

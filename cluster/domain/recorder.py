"""Restart of this machine's recording component: asked for by a person or program, done by the worker as a job."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from apresa.audit import domain as audit
from apresa.celery import ring
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from apresa.shared import clock
from cluster import orders
from cluster.act import ActFailed
from cluster.catalogue.recorder import FAILURES
from cluster.domain.doing import do_next
from cluster.findings import finding
from cluster.queries.recorder import KIND, under_way
from cluster.runner import CommandUnavailable, Runner

TASK = "worker.tasks.cluster.recorder"
WANTED = "restart-recording"  # a file in the run folder, which the embedded supervisor looks for
PATIENCE = 60.0  # seconds until it must be heard again
EVERY = 0.5
FRESH = 5.0  # seconds; the holder writes its status every second


def ask(*, by: str, address: str = "") -> Job:
    """Queue a restart and ring the worker; the one that waits already, where there is one."""
    job = under_way() or jobs.create(KIND, scope="node", owner=by, most_attempts=1, name=KIND)
    audit.record(by, KIND, address=address, job=str(job.pk))
    ring(TASK, queue="node")
    return job


def restart_next(runner: Runner, pause: Callable[[float], None] | None = None) -> Job | None:
    """Do the restart that waits, if one does. What fails is kept with the job."""
    return do_next(KIND, lambda job: _restart(job, runner, pause or time.sleep), FAILURES)


def _restart(job: Job, runner: Runner, pause: Callable[[float], None]) -> dict[str, Any]:
    """Raises ActFailed and LeaseLost."""
    before, began = _boot(), clock.monotonic()
    jobs.heartbeat(job, 10, "recorder")
    _tell(runner)
    while (boot := _boot()) in {"", before}:
        waited = clock.monotonic() - began
        if waited >= PATIENCE:
            raise ActFailed(finding("recorder-silent", seconds=round(PATIENCE)))
        jobs.heartbeat(job, 20 + int(70 * waited / PATIENCE), "recorder-wait")
        pause(EVERY)
    return {"boot": boot, "seconds": round(clock.monotonic() - began, 1)}


def _tell(runner: Runner) -> None:
    """Embedded, its parent restarts it; else systemd, by the root helper. Raises ActFailed."""
    if settings.APRESA.mode == "embedded":
        (settings.APRESA.run / WANTED).touch()
        return
    try:
        result = runner.run(orders.RECORDER)
    except CommandUnavailable as error:
        raise ActFailed(finding("unavailable", detail=str(error))) from None
    if result.code:
        reason = finding("command-failed", program=result.argv[0], exit=result.code, said=result.said.strip()[:200])
        raise ActFailed(reason)


def _boot() -> str:
    """The name that the running component gave itself when it started; "" where none runs."""
    path = settings.APRESA.spool / "live" / "status.json"
    try:
        fresh = clock.now().timestamp() - path.stat().st_mtime < FRESH
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    boot = found.get("boot") if isinstance(found, dict) else None
    return boot if fresh and isinstance(boot, str) else ""

"""Verifying a day or everything as a job: in slices, as the worker that does it has calls to settle, too."""

import uuid
from datetime import date
from typing import Any

from django.db.models import Q

from apresa.audit import domain as audit
from apresa.celery import ring
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from apresa.shared import clock
from recordings.domain.auditing import faults
from recordings.domain.verifying import of_day, verify

KIND = "verify"
TASK = "worker.tasks.evidence.verify"
SLICE = 2.0  # seconds; the schedule leaves as much to settling
MOST_NAMED = 1000


def ask(by: Any, day: date | None, *, address: str = "") -> Job:
    """Queue it; `day` None is everything, with the chains and the audit trail."""
    text = day.isoformat() if day else ""
    job = jobs.create(KIND, scope="cluster", owner=by.get_username(), day=text)
    audit.record(by, "recordings-verified", text or "everything", address=address, job=str(job.pk))
    ring(TASK, queue="active")
    return job


def go_on() -> Job | None:
    """One slice of the job that waits, if one does. Raises OSError or a database error; it is tried again then."""
    job = jobs.claim([KIND], scope="cluster")
    if job is None:
        return None
    try:
        _slice(job)
    except jobs.LeaseLost:
        pass  # cancelled
    except OSError as error:
        jobs.fail(job, f"The library cannot be read: {error.strerror or error}", result=job.result)
    return job


def _slice(job: Job) -> None:
    """Raises LeaseLost, OSError."""
    text = str(job.parameters["day"])
    wanted = of_day(date.fromisoformat(text) if text else None)
    result = job.result or {"after": None, "verified": 0, "unchecked": 0, "changed": {}, "more": 0, "faults": []}
    rest = wanted.filter(Q(pk__gt=uuid.UUID(result["after"])) if result["after"] else Q())
    until = clock.monotonic() + SLICE
    for name in rest.order_by("pk").values_list("pk", flat=True).iterator():
        _count(result, name)
        if clock.monotonic() > until:
            total = wanted.count()
            done = result["verified"] + result["unchecked"] + len(result["changed"]) + result["more"]
            jobs.heartbeat(job, min(99, 100 * done // max(1, total)), f"{done} / {total}", result)
            jobs.hand_over(job)
            return
    if not text:
        result["faults"] = faults()[:MOST_NAMED]
    jobs.finish(job, result)


def _count(result: dict[str, Any], name: uuid.UUID) -> None:
    result["after"] = str(name)
    found = verify(name, alone=False)
    if found is None:
        result["unchecked"] += 1
    elif not found:
        result["verified"] += 1
    elif len(result["changed"]) < MOST_NAMED:
        result["changed"][str(name)] = " ".join(found)
    else:
        result["more"] += 1  # each has its alarm, and its page says so


def job_of(name: uuid.UUID) -> Job | None:
    return Job.objects.using("default").filter(kind=KIND, pk=name).first()

"""The life of a job: queued, claimed under a lease, kept alive, finished, or found again after a crash."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q

from apresa.jobs.models import Job, State
from apresa.shared import clock

LEASE = timedelta(seconds=60)
LONGEST_BACK_OFF = timedelta(hours=1)
KEPT_FOR = timedelta(days=30)
Scope = Literal["node", "cluster"]
_DATABASE: dict[Scope, str] = {"node": "node", "cluster": "default"}


class LeaseLost(RuntimeError):
    """Another worker has this job now, or it was cancelled: stop, and write nothing more."""


def create(kind: str, *, scope: Scope, owner: str = "", most_attempts: int = 3, **parameters: Any) -> Job:
    """Queue a job. `parameters` must be JSON."""
    return Job.objects.using(_DATABASE[scope]).create(
        kind=kind,
        parameters=parameters,
        owner=owner,
        most_attempts=most_attempts,
        created_at=clock.now(),
    )


def claim(kinds: list[str], *, scope: Scope) -> Job | None:
    """Take the oldest job that waits, under a lease of a minute. The attempt is counted before it begins (law 8)."""
    now = clock.now()
    due = Q(not_before=None) | Q(not_before__lte=now)
    waiting = Job.objects.using(_DATABASE[scope]).filter(due, kind__in=kinds, state=State.QUEUED).order_by("created_at")
    for job in waiting[:10]:
        lease = uuid.uuid4()
        taken = (
            _rows(job)
            .filter(state=State.QUEUED)
            .update(
                state=State.RUNNING,
                lease=lease,
                lease_until=now + LEASE,
                started_at=now,
                attempts=job.attempts + 1,
                progress=0,
                progress_text="",
            )
        )
        if taken:  # else another worker was first
            job.refresh_from_db()
            return job
    return None


def heartbeat(job: Job, progress: int | None = None, text: str = "", result: Any = None) -> None:
    """Renew the lease, show progress (0 to 100) and what came of it so far. Raises LeaseLost."""
    changes: dict[str, Any] = {"lease_until": clock.now() + LEASE}
    if progress is not None:
        changes |= {"progress": max(0, min(100, progress)), "progress_text": text[:200]}
    if result is not None:
        changes["result"] = result
    if not _mine(job).filter(cancel_requested=False).update(**changes):
        raise LeaseLost(f"The job {job.pk} is no longer ours.")


def finish(job: Job, result: Any = None) -> None:
    """Done. Raises LeaseLost."""
    _end(job, state=State.DONE, result=result, progress=100, error="")


def fail(job: Job, reason: str, *, retry: bool = True, result: Any = None) -> None:
    """Failed: queued again with back-off while attempts are left. `result`: what is known of it instead of what was
    kept on the way. Raises LeaseLost."""
    known = {} if result is None else {"result": result}
    if retry and job.attempts < job.most_attempts:
        wait = min(timedelta(seconds=10) * 4 ** min(job.attempts, 6), LONGEST_BACK_OFF)
        _end(job, state=State.QUEUED, error=reason, not_before=clock.now() + wait, **known)
    else:
        _end(job, state=State.FAILED, error=reason, **known)


def hand_over(job: Job) -> None:
    """Another worker of this machine goes on with it, now; this one's attempt does not count. Raises LeaseLost."""
    _end(job, state=State.QUEUED, attempts=max(0, job.attempts - 1), not_before=None)


def cancel(job: Job) -> None:
    """Cancel a waiting job now; ask a running one to stop at its next heartbeat."""
    now = clock.now()
    if not _rows(job).filter(state=State.QUEUED).update(state=State.CANCELLED, finished_at=now):
        _rows(job).filter(state=State.RUNNING).update(cancel_requested=True)
    job.refresh_from_db()


def requeue_expired(*, scope: Scope) -> int:
    """Find jobs whose worker died: queue them again, or fail those that died too often. Returns how many were found."""
    found = 0
    with transaction.atomic(using=_DATABASE[scope]):
        for job in Job.objects.using(_DATABASE[scope]).filter(state=State.RUNNING, lease_until__lt=clock.now()):
            found += 1
            if job.cancel_requested:
                _end(job, state=State.CANCELLED)
            else:
                fail(job, "Its worker stopped in the middle of it.")
    return found


def retry(job: Job) -> None:
    """A person asks for one more round of attempts."""
    _rows(job).filter(state__in=[State.FAILED, State.CANCELLED]).update(
        state=State.QUEUED, attempts=0, not_before=None, finished_at=None, cancel_requested=False
    )
    job.refresh_from_db()


def settle_by_hand(job: Job) -> None:
    """One that failed is done with: nothing is left to do."""
    _rows(job).filter(state__in=[State.FAILED, State.CANCELLED]).update(state=State.DONE, error="")
    job.refresh_from_db()


def forget_old(*, scope: Scope, resumed: Collection[str] = ()) -> int:
    """Remove finished jobs after a month; how many. Of the kinds that a person lets go on, those that failed stay."""
    old = Job.objects.using(_DATABASE[scope]).filter(finished_at__lt=clock.now() - KEPT_FOR)
    return old.exclude(kind__in=resumed, state__in=[State.FAILED, State.CANCELLED]).delete()[0]


def _rows(job: Job) -> Any:
    return Job.objects.using(job._state.db).filter(pk=job.pk)  # noqa: SLF001 -- the job's own database


def _mine(job: Job) -> Any:
    return _rows(job).filter(state=State.RUNNING, lease=job.lease)


def _end(job: Job, **changes: Any) -> None:
    finished = None if changes["state"] == State.QUEUED else clock.now()
    if not _mine(job).update(lease=None, lease_until=None, finished_at=finished, **changes):
        raise LeaseLost(f"The job {job.pk} is no longer ours.")
    job.refresh_from_db()

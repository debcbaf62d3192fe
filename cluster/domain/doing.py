"""One job of the cluster on this node: claimed, done, and told how it ended; what fails is kept with it."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from apresa.audit import domain as audit
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from cluster.act import ActFailed
from cluster.failure import keep
from cluster.findings import fill

log = structlog.get_logger(__name__)


def do_next(kind: str, do: Callable[[Job], Any], texts: Mapping[str, str], *about: str) -> Job | None:
    """Do the job of this kind that waits, if one does. `do` raises ActFailed, of which `texts` has the sentences; with
    the end the audit trail has the job's parameters that `about` names."""
    job = jobs.claim([kind], scope="node")
    if job is None:
        return None
    log.info("begins", kind=kind, job=str(job.pk), **job.parameters)
    try:
        result = do(job)
    except ActFailed as error:
        reason = error.reason
        _end(job, about, "failed", reason=reason.code, parameters=dict(reason.parameters))
        job.refresh_from_db(fields=["result"])  # what was kept on the way
        so_far = job.result if isinstance(job.result, dict) else {}
        kept = {**so_far, "failure": keep(reason, error.because)}
        jobs.fail(job, fill(texts[reason.code], reason.parameters), retry=False, result=kept)
    except jobs.LeaseLost:
        _end(job, about, "stopped")
    else:
        _end(job, about, "done")
        jobs.finish(job, result)
    return job


def _end(job: Job, about: tuple[str, ...], how: str, **detail: Any) -> None:
    log.info("ended", kind=job.kind, job=str(job.pk), how=how, **detail)
    facts = {"job": str(job.pk), **{name: job.parameters[name] for name in about}}
    audit.record(job.owner, f"{job.kind}-{how}", str(job.parameters.get("name", "")), **facts, **detail)

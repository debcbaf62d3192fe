"""A recovery as a job of this node: asked for with reasons, compared again, done step by step, told in the audit."""

import uuid
from dataclasses import asdict
from typing import Any

from apresa.audit import domain as audit
from apresa.celery import ring
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from cluster.act import ActFailed
from cluster.catalogue.acts import FAILURES
from cluster.catalogue.recovery import FAILURES as MORE_FAILURES
from cluster.catalogue.recovery import REASONS
from cluster.domain import comparing, tickets
from cluster.domain.comparing import NoPair
from cluster.domain.doing import do_next
from cluster.domain.observing import look
from cluster.domain.repairing import COPYING, RECORDINGS, repair
from cluster.findings import fill, finding
from cluster.queries.history import RECOVERY, under_way
from cluster.queries.recovery import Choice, choice
from cluster.recovery.plan import Way, agrees
from cluster.runner import Runner
from cluster.types import ClusterView

TASK = "worker.tasks.cluster.recover"
END = "recover-end"


class Refused(RuntimeError):
    """It is not done; `reasons` say why."""

    def __init__(self, found: Choice) -> None:
        super().__init__(" ".join(found.sentences()))
        self.reasons = found.reasons


def ask(found: Choice, *, by: str, address: str = "", accept: bool = False) -> Job:
    """Queue what a choice proposes, and ring the worker. `accept`: somebody knows what could not be compared.

    Raises Refused.
    """
    found = found.accepted() if accept else found
    if found.reasons or found.way is None:
        codes = [one.code for one in found.reasons]
        audit.record(by, "cluster-recovery-refused", found.case, address=address, reasons=codes)
        raise Refused(found)
    unseen = [one.code for one in found.unseen]
    key = uuid.uuid4().hex[:8]
    job = jobs.create(
        RECOVERY,
        scope="node",
        owner=by,
        name=str(found.way),
        case=str(found.case),
        survivor=found.survivor,
        loser=found.loser,
        address=found.address,
        key=key,
        accept=accept,
    )
    detail = {"job": str(job.pk), "survivor": found.survivor, "loser": found.loser, "unseen": unseen}
    audit.record(by, "cluster-recovery", found.case, address=address, accepted=accept, **detail)
    ring(TASK, queue="node")
    return job


def recover_next(runner: Runner) -> Job | None:
    """Do the recovery that waits, if one does. What fails is kept with the job, and the ticket stays open."""
    return do_next(RECOVERY, lambda job: _do(job, runner), {**FAILURES, **MORE_FAILURES}, "survivor")


def _do(job: Job, runner: Runner) -> Any:
    given = job.parameters
    ticket = tickets.current()
    begun = ticket is not None and ticket.destroyed and ticket.survivor == given["survivor"]
    if given["name"] != END:
        jobs.heartbeat(job, 0, "compare")
        _compare_again(job, runner, begun=begun or job.attempts > 1)
    done = repair(job, runner)
    look(runner)
    return {"steps": [asdict(one) for one in done.steps], "note": done.note, "handed": done.handed}


def _compare_again(job: Job, runner: Runner, *, begun: bool) -> None:
    """The same choice must still be there; a recovery that has replaced something goes on, towards the same side."""
    given = job.parameters
    try:
        found = choice(comparing.compare_now(runner, given["address"]), way=Way(given["name"]), busy=False)
    except NoPair as error:
        raise ActFailed(finding("refused", reasons=str(error))) from None
    found = found.accepted() if given["accept"] else found
    because = list(found.reasons) if not begun else []
    if begun and given["name"] == Way.NODE and not found.other_writes:
        because = [finding("survivor-silent", survivor=given["survivor"])]
    if not begun and (found.way != given["name"] or found.survivor != given["survivor"]):
        because.append(finding("sides-changed"))
    if because:
        said = " ".join(fill(REASONS[one.code], one.parameters) for one in because)
        raise ActFailed(finding("refused", reasons=said), because)


def tend(seen: object) -> Job | None:
    """After a look: a recovery that waited for the recordings only comes to its end by itself."""
    ticket = tickets.current()
    if ticket is None or ticket.step not in {RECORDINGS, COPYING} or under_way() is not None:
        return None
    if not isinstance(seen, ClusterView) or seen.own.name != ticket.loser or not agrees(seen):
        return None
    job = jobs.create(
        RECOVERY,
        scope="node",
        owner=ticket.by,
        name=END,
        case=ticket.case,
        survivor=ticket.survivor,
        loser=ticket.loser,
    )
    ring(TASK, queue="node")
    return job

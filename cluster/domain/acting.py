"""Acts by people and programs: asked for here, done by this node's worker as a job, told in audit trail and history."""

import time
from dataclasses import asdict
from typing import Any

from apresa.audit import domain as audit
from apresa.celery import ring
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from apresa.shared import clock
from cluster import fencing
from cluster.act import ActFailed, Doors, View, carry_out
from cluster.catalogue import recovery
from cluster.catalogue.acts import FAILURES, REASONS, TITLES
from cluster.decide import Judgement, decide
from cluster.domain import tickets
from cluster.domain.doing import do_next
from cluster.domain.observing import host, look
from cluster.fencing_plan import keep_password
from cluster.findings import Finding, fill, finding
from cluster.helper import runner_here
from cluster.link.orders import OtherNode
from cluster.plans import plan
from cluster.preflight import Act, reasons
from cluster.queries.history import ACT, under_way
from cluster.queries.state import State, state
from cluster.runner import CommandUnavailable, Runner

PASSING = frozenset({"behind"})  # what under load is so at most moments: the job waits for a better one
# What two reports of two moments show while something settles: who asks is told, and the job looks again.
SETTLING = PASSING | {"not-certain", "moving"}
MOMENTS, MOMENT = 15, 1.0  # how many, and the seconds between two
TASK = "worker.tasks.cluster.act"


class Refused(RuntimeError):
    """It is not done; `reasons` say why."""

    def __init__(self, against: tuple[Finding, ...]) -> None:
        super().__init__(" ".join(fill(REASONS[one.code], one.parameters) for one in against))
        self.reasons = against


def against(act: Act, found: State) -> tuple[Finding, ...]:
    """What speaks against an act by the last observation; empty when it may be asked for."""
    busy = under_way()
    if busy is not None:
        titles = {**TITLES, **recovery.TITLES}
        return (finding("under-way", what=titles.get(str(busy.parameters.get("name")), busy.kind)),)
    if found.view is None or not found.fresh:
        return (finding("not-fresh"),)
    return tuple(one for one in _reasons(act, found.view, found.judgement) if one.code not in PASSING)


def _reasons(act: Act, seen: View, judgement: Judgement) -> tuple[Finding, ...]:
    """With those of an open recovery: the node that gives way may not become active (J2)."""
    ticket = tickets.current()
    held = ticket is not None and ticket.loser == host() and act.name in {"join", "start", "switchover"}
    return (*reasons(act, seen, judgement), *((finding("ticket-open", loser=host()),) if held else ()))


def ask(act: Act, *, by: str, address: str = "", password: str = "", runner: Runner | None = None) -> Job:
    """Queue an act and ring the worker. Raises Refused. `password`: of a power switch; it goes to a file of root's, and
    is in no job."""
    seen = state()
    if found := against(act, seen) or _kept(act, seen.view, password, runner):
        audit.record(by, "cluster-act-refused", act.name, address=address, reasons=[one.code for one in found])
        raise Refused(found)
    job = jobs.create(ACT, scope="node", owner=by, **asdict(act))
    about = {name: value for name, value in asdict(act).items() if name != "name"}
    audit.record(by, "cluster-act", act.name, address=address, job=str(job.pk), **about)
    ring(TASK, queue="node")
    return job


def _kept(act: Act, view: View | None, password: str, runner: Runner | None) -> tuple[Finding, ...]:
    """Why the password could not be kept; only then the act may begin."""
    if act.name != "fencing-add" or view is None:
        return ()
    if not fencing.PASSWORD.fullmatch(password):
        return (finding("fence-password"),)
    try:
        result = (runner or runner_here()).run(keep_password(fencing.other(view), password))
    except CommandUnavailable as error:
        return (finding("fence-not-kept", detail=str(error)),)
    return (finding("fence-not-kept", detail=result.said.strip()),) if result.code else ()


def act_next(runner: Runner) -> Job | None:
    """Do the act that waits, if one does. What fails is kept with the job."""
    return do_next(ACT, lambda job: _do(job, runner), FAILURES)


def _do(job: Job, runner: Runner) -> Any:
    act = Act(**job.parameters)
    seen, judgement, found = _good_moment(act, job, runner)
    here = host()
    other = judgement.standby if judgement.active == here else judgement.active
    steps = plan(act, here=here, other=other or fencing.other(seen))
    # A worker that died in the middle left the cluster half way: then it is finished, and not asked again.
    if found and not (job.attempts > 1 and steps.begun(seen)):
        said = " ".join(fill(REASONS[one.code], one.parameters) for one in found)
        raise ActFailed(finding("refused", reasons=said), found)
    doors = Doors(runner, lambda: look(runner), lambda percent, name: jobs.heartbeat(job, percent, name), OtherNode())
    done = carry_out(steps, doors)
    look(runner)
    return {"steps": [asdict(one) for one in done], "ended_at": clock.now().isoformat()}


def _good_moment(act: Act, job: Job, runner: Runner) -> tuple[View, Judgement, tuple[Finding, ...]]:
    """The first look with nothing against the act but what stays; or the last of a few."""
    for _moment in range(MOMENTS):
        jobs.heartbeat(job, 0, "look")
        seen = look(runner)
        judgement = decide(seen)
        found = _reasons(act, seen, judgement)
        if not found or any(one.code not in SETTLING for one in found):
            break
        time.sleep(MOMENT)
    return seen, judgement, found

"""One run of a set-up: the steps, each looked at before it is done; commands and what they said are kept in the job."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from apresa.celery import stopping
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from apresa.node.domain import identity
from apresa.shared import clock
from cluster.act import ActFailed, run_one
from cluster.catalogue.setup import FAULTS
from cluster.commands import Command
from cluster.domain import setup_undo, setup_works
from cluster.domain.setup_looking import seen, world
from cluster.failure import keep
from cluster.findings import fill, finding
from cluster.pairing.domain import store
from cluster.pairing.store import StoreError
from cluster.queries.setup import gives_up
from cluster.runner import CommandUnavailable, Runner
from cluster.setup import kept, undo
from cluster.setup.answers import Answers, Plan
from cluster.setup.orders import Secrets, Setting
from cluster.setup.steps import Step, Stuck, Wait, Work, key, percent, steps
from cluster.setup.validate import check
from cluster.setup.world import judge
from cluster.types import Result

EVERY = 1.0  # seconds between two looks at what comes by itself
LONGEST_SAID = 4000
BEGUN = ("names",)  # the first step that touches anything


@dataclass(slots=True)
class Run:
    """What one attempt knows. `done`: the job's result so far, step by step."""

    job: Job
    runner: Runner
    one: Setting
    answers: Answers
    done: dict[str, Any]
    percent: int = 0
    code: str = ""
    given: set[str] = field(default_factory=set)

    def tell(self, part: float = 0.0, width: int = 0) -> None:
        """A sign of life. Raises LeaseLost."""
        jobs.heartbeat(self.job, self.percent + int(width * part), self.code, self.done)

    def run(self, command: Command) -> Result:
        """As a runner that keeps what it did with the step."""
        try:
            result = self.runner.run(command)
        except CommandUnavailable as error:
            self.keep(" ".join(command.argv), -1, str(error))
            raise
        self.keep(" ".join(result.argv), result.code, result.said.strip())
        return result

    def keep(self, argv: str, code: int, said: str) -> None:
        self.done[self.code]["commands"].append([argv, code, said[-LONGEST_SAID:]])


def do(job: Job, runner: Runner) -> None:
    """To the end, or to the restart in its middle, after which the node's own worker goes on. Raises ActFailed, and
    LeaseLost."""
    one, answers = setting(job)
    run = Run(job, runner, one, answers, job.result if isinstance(job.result, dict) else {})
    every = undo.STEPS if gives_up(job) else steps(one.role)
    for number, step in enumerate(every):
        run.percent, run.code, run.given = percent(every, number), step.code, set()
        width = percent(every, number + 1) - run.percent
        if not _walk(step, run, width):
            return
    jobs.finish(job, run.done)


def setting(job: Job) -> tuple[Setting, Answers]:
    """What the machine is set up as, and from which answers. Raises ActFailed."""
    answers = kept.load(json.dumps(job.parameters["answers"]).encode())
    plan = check(answers)
    if not isinstance(plan, Plan):
        raise ActFailed(finding("faults", faults=_said(plan)), [one.finding for one in plan])
    return Setting(plan, str(job.parameters["role"]), _secrets()), answers


def _walk(step: Step, run: Run, width: int) -> bool:
    """Do one step; False where this process ends and another one goes on."""
    before = run.done.get(step.code, {}).get("commands", [])
    run.done[step.code] = {"state": "running", "commands": []}
    run.tell()
    try:
        goes_on = _through(step, run, width)
    except ActFailed as error:
        run.done[step.code] |= {"state": "failed", "failure": keep(error.reason, error.because)}
        run.tell()
        raise
    run.done[step.code]["commands"] = run.done[step.code]["commands"] or before  # of the run that did it
    if goes_on:
        run.done[step.code]["state"] = run.done[step.code].pop("end", "done")
        run.tell()
    return goes_on


def _through(step: Step, run: Run, width: int) -> bool:
    waited_since = None
    while (todo := step.next(run.one, seen(run.runner, run.one), frozenset(run.given))) is not None:
        if isinstance(todo, Stuck):
            raise ActFailed(todo.reason)
        if isinstance(todo, Wait):
            waited_since = waited_since or time.monotonic()
            if time.monotonic() - waited_since > todo.seconds:
                raise ActFailed(todo.fault)
            run.tell()
            time.sleep(EVERY)
            continue
        waited_since = None
        run.given.add(key(todo))
        if isinstance(todo, Command):
            run_one(todo, run, run.tell)
        elif not _work(todo, run, width):
            return False
        run.tell()
    return True


def _work(work: Work, run: Run, width: int) -> bool:
    if work.name == "check":
        _check(run)
        return True
    if work.name in {"move", "leave", "return"}:
        setup_works.switch(work.name, run, width, stopping)
        jobs.heartbeat(run.job, run.percent, run.code, run.done)
        jobs.hand_over(run.job)
        return False
    {**setup_works.WORKS, **setup_undo.WORKS}[work.name](run, width)
    return True


def _check(run: Run) -> None:
    """All of it once more, right before the first touch; a set-up that goes on has done half of what is asked."""
    if any(code in run.done for code in BEGUN):
        return
    faults = judge(run.answers, run.one.plan, run.one.role, world(run.runner, run.answers, run.one.plan, run.one.role))
    if faults:
        raise ActFailed(finding("faults", faults=_said(faults)), [one.finding for one in faults])


def _said(faults: Any) -> str:
    return " ".join(fill(FAULTS[one.finding.code], one.finding.parameters) for one in faults)


def _secrets() -> Secrets:
    """The cluster's secrets; made here where this machine is the first of its cluster. Raises ActFailed."""
    house = store()
    try:
        if not house.has("authority.pem", "node.pem"):
            house.begin_cluster(identity().uuid, clock.now())
        texts = (
            house.read(name).decode("ascii")
            for name in (
                *("corosync.key", "drbd.secret", "replication.password"),
                *("node.pem", "authority.pem", "node.key"),
            )
        )
        return Secrets(*texts)
    except (OSError, UnicodeDecodeError, StoreError) as error:
        raise ActFailed(finding("pairing-incomplete", detail=str(error))) from None

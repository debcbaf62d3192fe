"""How far the set-up has come, for pages and programs."""

from dataclasses import dataclass
from typing import Any

from apresa.jobs.models import Job, State
from cluster.catalogue.setup_steps import STEPS
from cluster.setup import undo
from cluster.setup.steps import steps

KIND = "cluster-setup"
STATES = {State.DONE: "done", State.FAILED: "failed", State.CANCELLED: "failed"}


UNTOUCHED = ("check",)  # the steps that change nothing


@dataclass(frozen=True, slots=True)
class StepLine:
    """`state`: waiting, running, done or failed; `commands`: argv as text, exit code, what was said."""

    code: str
    title: str
    state: str
    commands: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SetupState:
    """`state`: that of the job; "" where none was ever asked for."""

    role: str
    state: str = ""
    percent: int = 0
    steps: tuple[StepLine, ...] = ()
    error: str = ""
    failures: tuple[Any, ...] = ()
    """Of each step that failed, as `cluster.failure` keeps it; a step that fails on the way back has one of its own."""
    gives_up: bool = False
    """Whether what was done is taken back; `steps` are those of the way back then."""
    untouched: bool = False
    """It failed before anything was changed: the answers may be others."""


def gives_up(job: Job) -> bool:
    return bool(job.parameters.get("gives_up"))


def is_untouched(job: Job) -> bool:
    """Failed before the first touch."""
    begun = set(job.result) if isinstance(job.result, dict) else set()
    return job.state in {State.FAILED, State.CANCELLED} and not gives_up(job) and begun <= set(UNTOUCHED)


def last_set_up() -> Job | None:
    """The newest job, which goes on where it failed; None where it was given up to its end."""
    job = Job.objects.using("node").filter(kind=KIND).order_by("-created_at").first()
    return None if job is not None and gives_up(job) and job.state == State.DONE else job


def setup_state() -> SetupState:
    job = last_set_up()
    if job is None:
        return SetupState("")
    role = str(job.parameters.get("role", ""))
    done = job.result if isinstance(job.result, dict) else {}
    every = undo.STEPS if gives_up(job) else steps(role)
    return SetupState(
        role=role,
        state=str(job.state),
        percent=100 if job.state == State.DONE else job.progress,
        steps=tuple(_line(step.code, job, done) for step in every),
        error=job.error if job.state == State.FAILED else "",
        failures=tuple(kept["failure"] for kept in done.values() if isinstance(kept, dict) and "failure" in kept),
        gives_up=gives_up(job),
        untouched=is_untouched(job),
    )


def _line(code: str, job: Job, done: dict[str, Any]) -> StepLine:
    """A step that began and has no end yet failed, where the job did."""
    kept = done.get(code, {})
    state = str(kept.get("state", "waiting"))
    if state == "running":
        state = STATES.get(State(job.state), "running")
    commands = tuple((str(argv), int(exit_code), str(said)) for argv, exit_code, said in kept.get("commands", ()))
    return StepLine(code, STEPS[code], state, commands)

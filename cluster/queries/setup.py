"""How far the set-up has come, for pages and programs."""

from dataclasses import dataclass
from typing import Any

from apresa.jobs.models import Job, State
from cluster.catalogue.setup_steps import STEPS
from cluster.setup.steps import steps

KIND = "cluster-setup"
STATES = {State.DONE: "done", State.FAILED: "failed", State.CANCELLED: "failed"}


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


def last_set_up() -> Job | None:
    """The newest job; there is one for each machine, which goes on where it failed."""
    return Job.objects.using("node").filter(kind=KIND).order_by("-created_at").first()


def setup_state() -> SetupState:
    job = last_set_up()
    if job is None:
        return SetupState("")
    role = str(job.parameters.get("role", ""))
    done = job.result if isinstance(job.result, dict) else {}
    lines = tuple(_line(step.code, job, done) for step in steps(role))
    percent = 100 if job.state == State.DONE else job.progress
    return SetupState(role, str(job.state), percent, lines, job.error if job.state == State.FAILED else "")


def _line(code: str, job: Job, done: dict[str, Any]) -> StepLine:
    """A step that began and has no end yet failed, where the job did."""
    kept = done.get(code, {})
    state = str(kept.get("state", "waiting"))
    if state == "running":
        state = STATES.get(State(job.state), "running")
    commands = tuple((str(argv), int(exit_code), str(said)) for argv, exit_code, said in kept.get("commands", ()))
    return StepLine(code, STEPS[code], state, commands)

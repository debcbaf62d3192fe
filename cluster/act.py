"""A plan → the cluster. Each step looks first, so a plan that was cut short goes on."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from functools import partial

import structlog

from cluster.commands import Command
from cluster.decide import decide
from cluster.findings import Finding, finding
from cluster.pacemaker_types import Pacemaker
from cluster.runner import CommandUnavailable, Runner
from cluster.types import Alone, ClusterView, Result

View = ClusterView | Alone
EVERY = 2.0  # seconds between two looks
ALIVE_EVERY = 10.0  # seconds between two signs of life while a command runs
# CRM_EX_DISCONNECT: Pacemaker's controller starts anew, as it does where it is asked while it first probes.
DISCONNECTED, ASKED_AGAIN = 102, 15
# What the tools say to somebody who may not.
NO_RIGHTS = ("Permission denied", "Access denied", "authentication required", "Insufficient privileges")

log = structlog.get_logger(__name__)


class ActFailed(Exception):
    """An act ended without its goal; `reason` is a code of `catalogue.acts.FAILURES` with its parameters, `because`
    what spoke against it, where that is what the reason tells."""

    def __init__(self, reason: Finding, because: Sequence[Finding] = ()) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.because = tuple(because)


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and what must be seen after it within so many seconds."""

    name: str
    """A code of `catalogue.acts.STEPS`."""
    command: Command
    reached: Callable[[View], bool]
    seconds: float
    there: bool = False
    """Whether it is for the other node, which does it by its own helper."""
    given: Callable[[View], Command | None] | None = None
    """What `command` is at its moment, where only a look tells that; None leaves the step out."""
    fault: Finding | None = None
    """What is said where it is not reached; None: that it was not."""
    refusal: Finding | None = None
    """What is said where the command says no, with its words as `said`; None: its exit code and its words."""


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]
    begun: Callable[[View], bool]
    """Whether an earlier attempt got so far that the pre-flight is no longer the question."""
    undo: tuple[Step, ...] = ()
    """What must be done where it does not come to its end; nothing is waited for."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ran, for people to read."""

    argv: tuple[str, ...]
    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Doors:
    """What an act is carried out through. `tell` hears of progress (percent, step) every few seconds and may raise."""

    runner: Runner
    look: Callable[[], View]
    tell: Callable[[int, str], None]
    other: Runner | None = None
    """The other node, for the steps that are its own."""
    pause: Callable[[float], None] = time.sleep


def carry_out(plan: Plan, doors: Doors) -> list[Done]:
    """Run the steps that are still needed. Raises ActFailed; whatever ends it, what must not be left is undone."""
    done: list[Done] = []
    try:
        for number, step in enumerate(plan.steps):
            _walk(step, doors, partial(doors.tell, 100 * number // len(plan.steps)), done)
    except Exception:
        for step in plan.undo:
            _undo(step, doors)
        raise
    return done


def _walk(step: Step, doors: Doors, tell: Callable[[str], None], done: list[Done]) -> None:
    tell("look")
    if step.seconds and step.reached(doors.look()):
        return
    command = step.given(doors.look()) if step.given else step.command
    if command is None:
        return
    tell(step.name)
    done.append(_run(replace(step, command=command), doors, lambda: tell(step.name)))
    waited = 0.0
    while step.seconds:
        tell(step.name)
        if step.reached(doors.look()):
            return
        if waited >= step.seconds:
            raise ActFailed(step.fault or finding("not-reached", seconds=round(step.seconds)))
        doors.pause(EVERY)
        waited += EVERY


def _run(step: Step, doors: Doors, alive: Callable[[], None]) -> Done:
    for _ in range(ASKED_AGAIN):
        try:
            return run_one(step.command, _runner(step, doors), alive, step.refusal)
        except ActFailed as error:
            if error.reason.parameters.get("exit") != DISCONNECTED:
                raise
        log.warning("Pacemaker's controller does not answer; asked again", argv=step.command.argv)
        doors.pause(EVERY)
        alive()
    return run_one(step.command, _runner(step, doors), alive, step.refusal)


def run_one(command: Command, runner: Runner, alive: Callable[[], None], refusal: Finding | None = None) -> Done:
    """Run a command to its end. Raises ActFailed where it says no, or nothing."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(runner.run, command)
        try:
            result = _result(running, alive)
        except CommandUnavailable as error:
            raise ActFailed(finding("unavailable", detail=str(error))) from None
    lines = [line.strip() for line in result.said.splitlines() if line.strip()] or [""]
    said = lines[0]
    if result.code not in command.codes:
        if refusal:  # a program of Python may warn before it says what is wrong
            said = next((line for line in lines if "ERROR" in line), said)
            raise ActFailed(Finding(refusal.code, {**refusal.parameters, "said": said or "nothing"}))
        code = "no-rights" if any(words in result.said for words in NO_RIGHTS) else "command-failed"
        raise ActFailed(finding(code, program=command.argv[0], exit=result.code, said=said or "nothing"))
    return Done(result.argv, result.code, said)


def _result(running: Future[Result], alive: Callable[[], None]) -> Result:
    while True:
        try:
            return running.result(timeout=ALIVE_EVERY)
        except NotYet:
            alive()


def _runner(step: Step, doors: Doors) -> Runner:
    if not step.there:
        return doors.runner
    if doors.other is None:
        raise ActFailed(finding("unavailable", detail="The other node is not reached from here."))
    return doors.other


def _undo(step: Step, doors: Doors) -> None:
    try:
        _runner(step, doors).run(step.command)
    except (CommandUnavailable, ActFailed) as error:
        log.warning("undo gave no reply", argv=step.command.argv, error=str(error))


def pacemaker_of(view: View) -> Pacemaker | None:
    if isinstance(view, Alone) or not isinstance(view.own.pacemaker, Pacemaker):
        return None
    return view.own.pacemaker


def maintenance_is(view: View) -> bool | None:
    pacemaker = pacemaker_of(view)
    return pacemaker.maintenance if pacemaker else None


def joined(view: View) -> bool:
    pacemaker = pacemaker_of(view)
    if pacemaker is None or isinstance(view, Alone):
        return False
    node = pacemaker.node(view.own.name)
    return node is not None and node.online and not node.pending


def serves_here(view: View) -> bool:
    return isinstance(view, ClusterView) and decide(view).active == view.own.name

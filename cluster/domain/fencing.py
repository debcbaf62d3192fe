"""A node's power switch set up from the other one: asked, named to Pacemaker, and only when both answer, in use."""

import time
from collections.abc import Callable

from apresa.audit import domain as audit
from cluster import fencing
from cluster.act import ActFailed, View
from cluster.commands import Command
from cluster.domain.acting import Refused
from cluster.domain.observing import look
from cluster.fencing import Switch
from cluster.findings import Finding, finding
from cluster.queries.history import under_way
from cluster.runner import CommandUnavailable, Runner
from cluster.types import Result

POWERED = frozenset({0, 2})  # the agents' answers: on, off
PATIENCE = 90.0
EVERY = 2.0


def add(switch: Switch, password: str, runner: Runner, *, by: str) -> bool:
    """Whether fencing is on now: it is when the other node has this one's switch, too. Raises Refused, ActFailed."""
    view = look(runner)
    reasons = [*fencing.faults(switch), *_against(view)]
    if not fencing.PASSWORD.fullmatch(password):
        reasons.append(finding("fence-password"))
    _refuse(reasons, by, "fencing-add", switch.node)
    audit.record(by, "cluster-fencing-add", switch.node, agent=switch.agent, switch=switch.address, user=switch.user)
    _run(fencing.keep_password(switch.node, password), runner)
    _asked(switch, runner)
    _run(fencing.add(switch), runner)
    view = _until(lambda seen: fencing.ready(seen, switch.node), runner)
    on = fencing.both_ready(view)
    if on:
        _run(fencing.enable(fencing.delay(view)), runner)
    audit.record(by, "cluster-fencing-added", switch.node, on=on)
    return on


def remove(runner: Runner, *, by: str) -> str:
    """The node whose switch was taken away; fencing is off from then on. Raises Refused, ActFailed."""
    view = look(runner)
    node = fencing.other(view)
    reasons = _against(view)
    if not reasons and not any(one.name == f"fence_{node}" for one in fencing.switches(view)):
        reasons.append(finding("no-fencing", node=node))
    _refuse(reasons, by, "fencing-remove", node)
    audit.record(by, "cluster-fencing-remove", node)
    _run(fencing.remove(node), runner)
    look(runner)
    return node


def _against(view: View) -> list[Finding]:
    job = under_way()
    busy = [finding("under-way", what=str(job.parameters.get("name", job.kind)))] if job else []
    return [*busy, *fencing.against(view)]


def _refuse(reasons: list[Finding], by: str, what: str, node: str) -> None:
    if reasons:
        audit.record(by, f"cluster-{what}-refused", node, reasons=[one.code for one in reasons])
        raise Refused(tuple(reasons))


def _asked(switch: Switch, runner: Runner) -> None:
    """The switch must answer before Pacemaker hears of it."""
    result = _answer(fencing.check(switch), runner)
    if result.code not in POWERED:
        lines = [line.strip() for line in result.said.splitlines() if line.strip()] or ["nothing"]
        said = next((line for line in lines if "ERROR" in line), lines[-1])  # Python's own warnings come before
        raise ActFailed(finding("fence-no-answer", agent=switch.agent, address=switch.address, said=said[-300:]))


def _run(command: Command, runner: Runner) -> None:
    result = _answer(command, runner)
    if result.code:
        said = next((line.strip() for line in result.said.splitlines() if line.strip()), "nothing")
        raise ActFailed(finding("command-failed", program=command.name, exit=result.code, said=said[-300:]))


def _answer(command: Command, runner: Runner) -> Result:
    try:
        return runner.run(command)
    except CommandUnavailable as error:
        raise ActFailed(finding("unavailable", detail=str(error))) from None


def _until(reached: Callable[[View], bool], runner: Runner) -> View:
    end = time.monotonic() + PATIENCE
    while not reached(view := look(runner)):
        if time.monotonic() > end:
            raise ActFailed(finding("not-reached", seconds=round(PATIENCE)))
        time.sleep(EVERY)
    return view

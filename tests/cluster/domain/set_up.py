"""A machine on which a set-up runs: the root helper's door, which may be killed in front of, and a fake machine."""

from dataclasses import replace

import pytest

from apresa.audit.models import Entry
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job, State
from apresa.node.domain import identity
from apresa.shared import clock
from cluster.commands import Command
from cluster.domain import setup, setup_doing
from cluster.pairing.domain import store
from cluster.pairing.store import LIBRARY, Peer
from cluster.queries.setup import setup_state
from cluster.runner import CommandUnavailable
from cluster.setup.steps import key
from cluster.setup.world import World
from cluster.types import Result, Why
from tests.cluster.setup.test_world import ANSWERS
from tests.fakes.machine import FakeMachine

MARK = "42d7a2a6-c5bb-4162-b5cd-f81b63fb6397"


class Killed(BaseException):
    """As SIGKILL: nothing of the process goes on."""


class Door:
    """The root helper of a fake machine, which the process may be killed in front of."""

    def __init__(self, machine: FakeMachine, kill_at: str = "", no: str = "") -> None:
        self.machine, self.kill_at, self.no = machine, kill_at, no
        self.done: list[str] = []

    def run(self, command: Command) -> Result:
        if self.kill_at == key(command):
            self.kill_at = ""
            raise Killed
        if self.no == key(command):
            return Result(("/bin/no", command.name), 3, "first\n" + "x" * 9000, "no room left\n")
        if command.name == "pacemaker" and command.order is None:
            raise CommandUnavailable(Why.MISSING, "not asked here")
        self.done.append(key(command))
        self.machine.do(command)
        return Result((command.name,), 0, "", "")


def set_world(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    world = replace(world, library=ANSWERS.directory)
    monkeypatch.setattr(setup, "world", lambda *_: world)
    monkeypatch.setattr(setup_doing, "world", lambda *_: world)


def asked() -> Job:
    return setup.ask_primary(ANSWERS, by="anna", address="192.0.2.9")


def paired() -> None:
    store().prepare()
    store().begin_cluster(identity().uuid, clock.now())
    store().keep_answers(ANSWERS)
    store().keep_peer(Peer("n", "myrec1", "192.168.2.11"))
    store().write(LIBRARY, MARK.encode())


def acts() -> list[str]:
    return list(Entry.objects.using("node").order_by("id").values_list("action", flat=True))


def run(machine: FakeMachine, **door: str) -> tuple[list[str], str]:
    """Each worker claims it, until it has an end or fails; what was ordered, and the job's state."""
    doors = Door(machine, **door)
    for _ in range(6):
        try:
            job = setup.setup_next(doors)
        except Killed:
            Job.objects.using("node").update(lease_until=clock.now() - jobs.LEASE)
            jobs.requeue_expired(scope="node")
            Job.objects.using("node").update(not_before=None)
            continue
        if job is None or job.state in {State.DONE, State.FAILED}:
            break
    return doors.done, setup_state().state

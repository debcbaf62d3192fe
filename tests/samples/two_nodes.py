"""Two nodes of a cluster in one process: spools of their own, one database, one library, and fakes at the doors.

The database stands for both sides; what a standby has not got yet is told by `flushed` and by the line that it follows.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apresa import layout, replicated
from apresa.node import activation
from apresa.node.models import NodeIdentity, Role
from cluster import commands
from cluster.types import Result
from recordings.domain.here import here
from recordings.domain.place import Place
from recordings.domain.settle import Outcome, settle
from recordings.pipeline.spool.layout import Session
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies
from tests.samples.spool import InProcess, sip_call, spool
from worker.tasks import certify, release
from worker.tasks import settle as settle_tasks
from worker.tasks.release import Kept, Memory

TIMELINE = 5
STREAMING = (
    "application_name,state,sync_state,sent_lsn,flush_lsn,current_lsn\n{1},streaming,async,0/{0:X},0/{0:X},0/{0:X}\n"
)
RECEIVING = (
    "status,received_tli,flushed_lsn,last_msg_send_time,last_msg_receipt_time\n"
    f"streaming,{TIMELINE},0/100,2026-03-01 00:00:00+00,2026-03-01 00:00:00+00\n"
)


def answer(command: commands.Command, text: str) -> Result:
    return Result(command.argv, 0, text, "")


@dataclass(slots=True)
class Machine:
    """One node; `on` makes the process this machine."""

    name: str
    uuid: uuid.UUID
    spool: Path
    memory: Memory

    @property
    def live(self) -> Session:
        return Session(self.spool / "live")

    def calls(self) -> list[str]:
        """The call files that it still has."""
        return sorted(path.name for path in self.live.calls.rglob("*.call"))

    def streams(self) -> list[str]:
        return sorted(path.name for path in self.live.streams.iterdir())


class TwoNodes:
    """North is active at first, South stands by."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.now = 1000.0
        self.log = 0x100
        """Where PostgreSQL's log ends, and what the standby has flushed of it."""
        self.flushed = 0x100
        self.library = root / "library"
        layout.mark_library(self.library)
        self.north = self._machine(root, "north")
        self.south = self._machine(root, "south")
        self.cluster = FakeCluster()
        patch.setitem(settings.APRESA.__dict__, "library", self.library)
        patch.setitem(settings.APRESA.__dict__, "run", root / "run")
        patch.setattr(replicated, "position", lambda: self.log)
        patch.setattr(replicated, "flushed", lambda: self.flushed)
        patch.setattr(replicated, "timeline", lambda: TIMELINE)
        for module in (certify, release, settle_tasks):
            patch.setattr(module, "runner_here", lambda: self.cluster)
        patch.setattr("apresa.shared.clock.monotonic", self._tick)
        self.promote(self.north)

    def _tick(self) -> float:
        self.now += 0.001
        return self.now

    def _machine(self, root: Path, name: str) -> Machine:
        machine = Machine(name, uuid.uuid5(uuid.NAMESPACE_DNS, name), root / name / "spool", Memory())
        machine.live.create(str(machine.uuid))
        return machine

    def be(self, machine: Machine, role: Role = Role.SECONDARY, **others: Any) -> None:
        """The process is this machine from now on."""
        NodeIdentity.objects.update_or_create(
            id=1, defaults={"uuid": machine.uuid, "name": machine.name, "role": role, **others}
        )
        self._sit_at(machine)

    def _sit_at(self, machine: Machine) -> None:
        self.here = machine
        self.patch.setitem(settings.APRESA.__dict__, "spool", machine.spool)
        self.patch.setattr("cluster.domain.fresh.host", lambda: machine.name)
        self.cluster.now(
            postgres=answer(commands.POSTGRES, "f||\n"),
            standbys=self._streaming(),
            receiver=answer(commands.RECEIVER, replies.NO_RECEIVER),
        )

    def _streaming(self) -> Result:
        other = self.south if self.here is self.north else self.north
        return answer(commands.STANDBYS, STREAMING.format(self.flushed, other.name))

    def promote(self, machine: Machine) -> Place:
        """It becomes the active one; the other one is as if it were dead."""
        self.be(machine, library=None, activated_boot="")
        activation.activate(self.library, patience=0)
        return here()

    def settle(self) -> Outcome:
        return settle(here(), InProcess())

    def certify(self) -> int:
        self.log += 0x10
        return certify.work(here(), self.cluster)

    def release(self, machine: Machine, *, seconds: float = 3600.0) -> list[Kept]:
        """Two rounds, so that a certificate has been seen for so long."""
        release.work(machine.spool, self.cluster, machine.memory)
        self.now += seconds
        return release.work(machine.spool, self.cluster, machine.memory)

    @contextmanager
    def standby(self, machine: Machine, *, timeline: int = TIMELINE) -> Iterator[Machine]:
        """The process is the standby for a while; the active one comes back with its activation."""
        before, active = NodeIdentity.objects.get(), self.here
        self.be(machine, activated_boot="", activation=None)
        self.cluster.now(
            postgres=answer(commands.POSTGRES, "t|0/100|0/100\n"),
            receiver=answer(commands.RECEIVER, RECEIVING.replace(f",{TIMELINE},", f",{timeline},")),
        )
        try:
            yield machine
        finally:
            before.save()
            self._sit_at(active)

    def ship(self) -> None:
        """The standby flushes all that was committed."""
        self.flushed = self.log
        self.cluster.now(standbys=self._streaming())


def of(machine: Machine, call: Any) -> Any:
    """The call as this machine's signalling writes it."""
    return replace(call, node=str(machine.uuid))


def heard_by_both(two: TwoNodes, local: str = "000000000001") -> None:
    for machine in (two.north, two.south):
        spool(machine.live, of(machine, sip_call(local)))

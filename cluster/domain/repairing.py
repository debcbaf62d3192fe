"""The plans of a recovery carried out, and the ticket beside them: it says what is destroyed before that is so."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from apresa.jobs import domain as jobs
from apresa.jobs.models import Job
from apresa.nodelink import LinkError, other_node
from cluster.act import ActFailed, Done, Doors, Plan, carry_out
from cluster.domain import handing, tickets
from cluster.domain.observing import host, look
from cluster.findings import finding
from cluster.models import Ticket
from cluster.recovery import plan
from cluster.recovery.plan import Way
from cluster.runner import Runner

CONNECT = "/link/v1/recovery/connect"
CONNECT_SECONDS = 60.0
RECORDINGS, COPYING = "recordings", "copying"
DESTROYS = frozenset({"swap-database", "discard"})


@dataclass(slots=True)
class Repair:
    """One job's recovery under way; `note` is for what goes on by itself afterwards."""

    job: Job
    runner: Runner
    here: str
    ticket: Ticket | None = None
    steps: list[Done] = field(default_factory=list)
    note: str = ""
    handed: dict[str, Any] = field(default_factory=dict)
    """What the old database knew alone, and whether it is handed over."""

    def carry_out(self, steps: Plan, first: int, last: int) -> None:
        """A part of the whole: its progress goes from `first` to `last` percent."""

        def tell(percent: int, name: str) -> None:
            if self.ticket and name in DESTROYS and not self.ticket.destroyed:
                tickets.reach(self.ticket, name, destroyed=True)
            jobs.heartbeat(self.job, first + (last - first) * percent // 100, name)

        self.steps += carry_out(steps, Doors(self.runner, lambda: look(self.runner), tell))


def repair(job: Job, runner: Runner) -> Repair:
    """Raises ActFailed, and LeaseLost; both leave what was reached, and the ticket open."""
    done = Repair(job, runner, host())
    WAYS[str(job.parameters["name"])](done)
    return done


def _node(done: Repair) -> None:
    done.ticket = _open(done)
    if not (done.ticket.destroyed and plan.follows(look(done.runner))):  # else an earlier attempt came so far
        _database(done, done.ticket)
    _hand_over(done, done.ticket)
    tickets.reach(done.ticket, RECORDINGS)
    _connect(done)
    tickets.reach(done.ticket, COPYING)
    try:
        done.carry_out(plan.copied(here=done.here), 85, 90)
    except ActFailed as error:
        if error.reason.code != "not-reached":
            raise
        done.note = "copying-goes-on"  # the worker ends it when both copies are whole
        return
    _finish(done)


def _database(done: Repair, ticket: Ticket) -> None:
    given = done.job.parameters
    seen = look(done.runner)
    first = plan.before(seen, here=done.here, address=given["address"], key=given["key"], ticket=ticket.key)
    done.carry_out(first, 2, 60)
    tickets.reach(ticket, "join")
    done.carry_out(plan.after(look(done.runner), here=done.here), 60, 80)


def _hand_over(done: Repair, ticket: Ticket) -> None:
    """Before the recordings go: what only the old database knows is on this node's own disk (D4). The rest may wait."""

    def tell() -> None:
        jobs.heartbeat(done.job, 80, "export")

    tell()
    found = handing.secure(ticket, done.runner, tell)
    jobs.heartbeat(done.job, 80, "hand-over")
    done.handed = {**asdict(found), "given": not found.trouble and handing.hand_on()}
    # Kept from now on, also where a later step fails.
    jobs.heartbeat(done.job, 80, "hand-over", {"steps": [asdict(one) for one in done.steps], "handed": done.handed})


def _connect(done: Repair) -> None:
    done.carry_out(plan.copies(look(done.runner)), 80, 82)
    with suppress(LinkError):  # without the link somebody does it there
        other_node().post(CONNECT, {}, seconds=CONNECT_SECONDS)
    try:
        done.carry_out(plan.connecting(here=done.here), 82, 85)
    except ActFailed as error:
        if error.reason.code != "not-reached":
            raise
        raise ActFailed(finding("not-connecting", other=done.job.parameters["survivor"])) from None


def _finish(done: Repair) -> None:
    done.ticket = done.ticket or tickets.current()
    done.carry_out(plan.end(here=done.here), 90, 100)
    if done.ticket:
        tickets.close(done.ticket)


def _open(done: Repair) -> Ticket:
    given = done.job.parameters
    sides = {"survivor": given["survivor"], "loser": given["loser"]}
    try:
        return tickets.open_ticket(case=given["case"], by=done.job.owner, **sides)
    except tickets.OtherSurvivor as error:
        raise ActFailed(finding("refused", reasons=str(error))) from None


WAYS: dict[str, Callable[[Repair], None]] = {
    Way.NODE: _node,
    Way.DATABASES: lambda done: done.carry_out(plan.databases(here=done.here), 5, 100),
    Way.FIRST: lambda done: done.carry_out(plan.first(), 5, 100),
    Way.CONNECT: lambda done: done.carry_out(plan.connect(), 5, 100),
    "recover-end": _finish,
}

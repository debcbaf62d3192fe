"""The states of a cluster that its pages are looked at in; each is written by the served process itself."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from apresa.events import domain as events
from apresa.events.models import Event
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job, State
from apresa.node import domain as node
from apresa.node.models import NodeIdentity, Role
from apresa.shared import clock
from cluster.catalogue.acts import FAILURES
from cluster.domain import tickets
from cluster.domain.history import ACTIVE_CHANGED
from cluster.findings import fill, finding
from cluster.models import HealthSample, Observation, Ticket
from cluster.queries.history import ACT, RECOVERY
from cluster.queries.link_test import KIND
from cluster.replies import Replies
from cluster.told import Told
from cluster.types import NodeLink
from tests.fakes.fencing import NORTHS, SOUTHS, with_devices
from tests.fakes.recovery import PASSIVE, STANDBY, FailedNode
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.kept import OFF, keep, said

ROWS = ("capture", "node-worker", "active-worker", "web", "broker", "database", "node-database", "library")
NO_WITNESS, _device, _rest = replies.CONFIGURATION.partition("    device {")
COMMANDS = [
    {"argv": ["drbdadm", "down", "r0"], "said": "it is done"},
    {"argv": ["pg_basebackup", "-h", "192.0.2.2", "-D", "/database/db.new", "-X", "stream"], "said": "it is done"},
]
SOUTH = {
    "postgres": said("t|0/3000100|0/3000100"),
    "standbys": said(replies.STANDBYS.splitlines()[0] + "\n"),
    "receiver": said(replies.RECEIVER.replace("1/3000060", "0/3000100").replace("10:00:03.25", "10:00:00.51")),
    "drbd-proc": said(PASSIVE),
    "interfaces": said(replies.INTERFACES.replace("NO-CARRIER", "LOWER_UP").replace('.1"', '.2"')),
    "control": said(replies.CONTROL.replace("in production", "in archive recovery")),
}
SIDES: dict[str, Any] = {"survivor": "south", "loser": "north", "case": "failed-node", "name": "recover-node"}


class Pretended:
    """What the served process shows: its runner's replies, and whether its database takes writes."""

    runner = FailedNode()
    read_only = False
    agents: tuple[str, ...] = ()


def services(**wrong: str) -> Any:
    checks = {name: {"ok": name not in wrong, "sentence": wrong.get(name, "It runs.")} for name in ROWS}
    disks = [{"parts": ["data", "spool"], "total": 100_000_000_000, "free": 48_000_000_000}]
    disks.append({"parts": ["library"], "total": 2_000_000_000_000, "free": 1_240_000_000_000})
    return said(json.dumps({"checks": checks, "disks": disks, "heard": []}))


def pair(*, south: Mapping[str, Any] | None = None, **north: Any) -> None:
    """North's look with south's report in it."""
    beside = {**healthy().results, **SOUTH, "services": services(), **(south or {})}
    told = Told(Replies("south", 1_000_000.0, beside), NodeLink("1.4.0", "1.4.0", 0.01, 0.0))
    row = keep(node="north", **{"services": services(), **north})
    Observation.objects.filter(pk=row.pk).update(told=told.to_json())


def fresh() -> None:
    """As it is before anybody did anything."""
    for model in (Job, Event, HealthSample, Ticket):
        model._default_manager.using("node").all().delete()
    NodeIdentity.objects.using("node").update(
        name="north",
        role=Role.PRIMARY,
        activated_boot=clock.boot_id(),
        primary_address="",
        address="192.0.2.1",
        mask=24,
    )
    Pretended.runner, Pretended.read_only, Pretended.agents = FailedNode(), False, ()
    pair()


def done(kind: str, state: State, *, progress: int = 100, doing: str = "", error: str = "", **more: Any) -> Job:
    """A job as it stands now; `result` apart from its parameters."""
    result = more.pop("result", None)
    job = jobs.create(kind, scope="node", owner="anna", **more)
    finished = None if state in {State.QUEUED, State.RUNNING} else clock.now()
    changes = {"state": state, "progress": progress, "progress_text": doing, "error": error, "result": result}
    Job.objects.using("node").filter(pk=job.pk).update(**changes, finished_at=finished)
    return job


def _risk() -> None:
    alone = said(f"{NO_WITNESS}}}\n")
    pair(configuration=alone, south={"configuration": alone})
    done(ACT, State.DONE, name="switchover", result={"steps": COMMANDS[:1]})
    events.report(ACTIVE_CHANGED, after="north", before="south", cause="")
    now = clock.now()
    for minute in range(0, 300, 5):
        HealthSample.objects.create(
            at=now - timedelta(minutes=minute),
            behind=minute * 1024,
            percent=99.4 if minute > 200 else 100.0,
            active="north" if minute != 200 else "",
            ready=minute < 200,
            load=0.3 + minute / 400,
        )


def _troubled() -> None:
    wrong = services(web="Port 8000 answers with 500.", broker="Redis does not answer: connection refused.")
    pair(south={"services": wrong}, drbd_proc=said(replies.PROC_SYNC))


def _down() -> None:
    keep(node="north", **OFF)


def _acting() -> None:
    pair()
    done(ACT, State.RUNNING, progress=40, doing="agree", name="maintenance-on")


def _link_untested() -> None:
    pair()


def _link_running() -> None:
    done(KIND, State.RUNNING, progress=60)


def _link_done() -> None:
    done(KIND, State.DONE, result={"mbits": 412.4, "round_trip_ms": 1.84})


def _link_failed() -> None:
    done(KIND, State.FAILED, error="The other node does not answer: connection refused.")


def _recovery_open() -> None:
    _down()


def _recovery_refused() -> None:
    _down()
    Pretended.runner.now(other_database=said(STANDBY))


def _recovery_unseen() -> None:
    _down()
    Pretended.runner.now(other_database=said("", 2, "connection to server failed: No route to host"))


def _recovery_running() -> None:
    _down()
    tickets.open_ticket(case="failed-node", survivor="south", loser="north", by="anna")
    done(RECOVERY, State.RUNNING, progress=34, doing="copy-database", **SIDES)


def _recovery_done() -> None:
    pair()
    Pretended.runner = FailedNode()
    Pretended.runner.joined()
    result = {"steps": COMMANDS, "note": "copying-goes-on"}
    done(RECOVERY, State.DONE, result=result, **SIDES)


def _recovery_failed() -> None:
    _down()
    error = "Copying the database from the active node failed: pg_basebackup: error: no route to host"
    done(RECOVERY, State.FAILED, progress=34, error=error, result={"steps": COMMANDS[:1]}, **SIDES)


def _witness_none() -> None:
    alone = said(f"{NO_WITNESS}}}\n")
    pair(configuration=alone, south={"configuration": alone})


def _witness_adding() -> None:
    _witness_none()
    done(ACT, State.RUNNING, progress=62, doing="witness-service", name="witness-add", host="203.0.113.9")


def _witness_there() -> None:
    pair()


def _witness_unreachable() -> None:
    lost = said(replies.QUORUM.replace("0          1            Qdevice", "0          0            Qdevice (votes 1)"))
    away = {"quorum": lost, "witness": said(replies.WITNESS.replace("Connected", "Connecting"))}
    pair(south=away, **away)


def _witness_removing() -> None:
    pair()
    done(ACT, State.RUNNING, progress=33, doing="quorum-policy", name="witness-remove")


def _agents(*names: str) -> None:
    """The programs of fencing that seem to be installed."""
    Pretended.agents = names


def _fencing_none() -> None:
    pair()
    _agents("fence_ipmilan", "fence_virsh")


def _fencing_adding() -> None:
    _fencing_none()
    done(ACT, State.RUNNING, progress=25, doing="fence-check", name="fencing-add")


def _fencing_failed() -> None:
    _fencing_none()
    silent = finding("fence-no-answer", agent="fence_ipmilan", address="192.0.2.7", said="ERROR: No route to host")
    done(ACT, State.FAILED, progress=25, error=fill(FAILURES[silent.code], silent.parameters), name="fencing-add")


def _fencing_half() -> None:
    _fencing_none()
    pair(pacemaker=with_devices(SOUTHS))


def _fencing_on() -> None:
    _fencing_none()
    pair(pacemaker=with_devices(SOUTHS, NORTHS, on=True))
    done(ACT, State.DONE, name="fencing-test")


def _fencing_silent() -> None:
    _fencing_none()
    pair(pacemaker=with_devices(*(one.replace('failed="false"', 'failed="true"') for one in (SOUTHS, NORTHS)), on=True))


def _standby() -> None:
    pair()
    node.join_as_secondary("192.0.2.1")
    Pretended.read_only = True


STATES: Mapping[str, Callable[[], None]] = {
    "cluster-risk": _risk,
    "cluster-troubled": _troubled,
    "cluster-down": _down,
    "cluster-acting": _acting,
    "link": _link_done,
    "link-untested": _link_untested,
    "link-running": _link_running,
    "link-failed": _link_failed,
    "recovery-open": _recovery_open,
    "recovery-refused": _recovery_refused,
    "recovery-unseen": _recovery_unseen,
    "recovery-running": _recovery_running,
    "recovery-done": _recovery_done,
    "recovery-failed": _recovery_failed,
    "witness-none": _witness_none,
    "witness-adding": _witness_adding,
    "witness-there": _witness_there,
    "witness-unreachable": _witness_unreachable,
    "witness-removing": _witness_removing,
    "fencing-none": _fencing_none,
    "fencing-missing": _witness_there,
    "fencing-adding": _fencing_adding,
    "fencing-failed": _fencing_failed,
    "fencing-half": _fencing_half,
    "fencing-on": _fencing_on,
    "fencing-silent": _fencing_silent,
    "fencing-password": _fencing_none,
    "system-cluster": _troubled,
    "standby-call": _standby,
    "standby-calls": _standby,
}


def pretend(name: str) -> None:
    fresh()
    STATES[name]()

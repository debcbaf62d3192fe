"""What only the losing side's database knew: read from the kept one, sealed in a file of this node, handed on, merged.

A file is in one of two states, on whichever node it lies: waiting (`.jsonl`) or merged or handed on (`.done`). A crash
between any two steps leaves it waiting, and every step can be repeated: the same records, by the same keys (D4).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections, transaction

from apresa import database, handover
from apresa.audit import domain as audit
from apresa.database import DatabaseState
from apresa.events import domain as events
from apresa.events.models import Severity
from apresa.handover import BATCH, Alive, HandoverError, Origin, Record, sealed
from apresa.node.domain import identity, is_active
from apresa.nodelink import LinkError, other_node
from cluster.act import ActFailed, run_one
from cluster.catalogue.mark import gettext_noop as _
from cluster.findings import fill
from cluster.models import Observation, Ticket
from cluster.readers.reply import ReplyError
from cluster.recovery import orders
from cluster.runner import CommandUnavailable, Runner
from cluster.told import from_json

PATH = "/link/v1/recovery/handover/"
OLD = "old"
SOCKETS = "/run/apresa-kept"
MOST_TOLD = 100
WAITS = events.register(
    "cluster-handover-waits",
    Severity.WARNING,
    _("What only the old database of {name} knew is not yet merged: {reason} It is tried again by itself."),
    fill,
)
TAKEN = events.register(
    "cluster-handover-taken",
    Severity.INFO,
    _("What only the old database of {name} knew has been merged: {added} new records. {told} differences are listed."),
    fill,
)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What the old database had alone, by kind; `told` is for people to decide. `trouble`: why it could not be read."""

    kept: str
    counts: dict[str, int]
    told: tuple[Record, ...] = ()
    trouble: str = ""


def folder() -> Path:
    return Path(settings.APRESA.data) / "handover"


def kept(ticket: Ticket) -> str:
    return f"/database/db/main.before-{ticket.key}"


def secure(ticket: Ticket, runner: Runner, tell: Alive) -> Found:
    """The file of this recovery, made once. What goes wrong is told, and leaves the old database for another time.

    Raises what `tell` raises.
    """
    origin = Origin(identity().uuid.hex, identity().name, ticket.key)
    waiting = folder() / f"{origin.file}.jsonl"
    try:
        folder().mkdir(mode=0o700, exist_ok=True)
        if path := next((one for one in (waiting, waiting.with_suffix(".done")) if one.exists()), None):
            _quietly("close", ticket, runner)  # a worker that was killed may have left it open
        else:
            path = waiting
            with _old_database(ticket, runner, tell) as alias:
                sealed.write(waiting, origin, _lacking(alias, tell))
        found = _summary(path, kept(ticket))
    except ActFailed as error:
        trouble = str(error.reason.parameters.get("said") or error.reason.parameters.get("detail") or error.reason.code)
    except (HandoverError, OSError, DatabaseError) as error:
        trouble = str(error).splitlines()[0] if str(error) else type(error).__name__
    else:
        _quietly("read", ticket, runner)
        return found
    log.warning("the old database could not be read", kept=kept(ticket), reason=trouble)
    return Found(kept(ticket), {}, trouble=trouble[:300])


@contextmanager
def _old_database(ticket: Ticket, runner: Runner, tell: Alive) -> Iterator[str]:
    """Raises ActFailed."""
    try:
        run_one(orders.kept("open", ticket.key), runner, tell)
        with connected() as alias:
            yield alias
    finally:
        _quietly("close", ticket, runner)


def _quietly(action: str, ticket: Ticket, runner: Runner) -> None:
    with suppress(CommandUnavailable):
        runner.run(orders.kept(action, ticket.key))


@contextmanager
def connected() -> Iterator[str]:
    """The old database's server, by the same user on another socket."""
    connections.databases[OLD] = {**deepcopy(connections.databases["default"]), "HOST": SOCKETS}
    try:
        yield OLD
    finally:
        connections[OLD].close()
        del connections[OLD]
        del connections.databases[OLD]


def _lacking(alias: str, tell: Alive) -> Iterator[Record]:
    """Compared with the good side's own copy, which this node's database is by now."""
    for kind in handover.kinds():
        yield from kind.lacking(alias, "default", tell)


def _summary(path: Path, where: str) -> Found:
    sealed.check(path)
    counts: Counter[str] = Counter()
    told: list[Record] = []
    for record in sealed.records(path):
        counts[record.kind] += 1
        if handover.kind(record.kind).take_in is None and len(told) < MOST_TOLD:
            told.append(record)
    return Found(where, dict(counts), tuple(told))


def hand_on() -> bool:
    """Each waiting file: merged where this node is active, else given to the other one. Whether none waits any more."""
    done = [_hand_on(path) for path in sorted(folder().glob("*.jsonl"))]
    return all(done)


def under_way() -> bool:
    """Whether a recovery may still bring holds here: until it has, nothing that was deleted may be erased (U2)."""
    if any(folder().glob("*.jsonl")):
        return True
    observation = Observation.objects.first()
    try:
        return observation is not None and from_json(observation.told).repair is not None
    except ReplyError:
        return False


def _hand_on(path: Path) -> bool:
    name = path.stem.partition("-")[0][:8]
    try:
        origin = sealed.check(path)
        name = origin.name
        if not is_active():
            other_node().upload(f"{PATH}{origin.file}", path)
        elif database.state() is DatabaseState.WRITABLE:
            merge(path, origin)
        else:
            raise HandoverError("The cluster's database cannot be written.")
        path.rename(path.with_suffix(".done"))
    except FileNotFoundError:
        return True  # somebody else has just done it
    except LinkError as error:
        reason = error.sentence
    except (
        HandoverError,
        OSError,
        DatabaseError,
        ValueError,
    ) as error:  # ValueError: what PostgreSQL's text cannot hold
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    else:
        events.close_alarm(WAITS, subject=path.stem)
        return True
    events.open_alarm(WAITS, subject=path.stem, name=name, reason=reason[:300])
    return False


def merge(path: Path, origin: Origin) -> dict[str, int]:
    """Into the cluster's database, some hundred records at a time; again is without effect. Raises HandoverError."""
    added: Counter[str] = Counter()
    told: list[dict[str, Any]] = []
    for name, group in groupby(sealed.records(path), lambda record: record.kind):
        kind = handover.kind(name)
        while records := list(islice(group, BATCH)):
            if kind.take_in is None:
                told += [{"kind": name, "key": one.key, **one.values} for one in records][: MOST_TOLD - len(told)]
                continue
            with transaction.atomic(using="default"):
                added[name] += kind.take_in(records, origin)
    audit.record(origin.name, "handover-merged", origin.file, added=dict(added), told=told)
    events.report(TAKEN, subject=origin.name, name=origin.name, added=added.total(), told=len(told))
    return dict(added)

"""Spool entries go when both nodes have the call (PROTOCOL R1 to R4), on the active node and on the standby alike."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from celery import shared_task
from django.conf import settings
from django.db import Error as DatabaseError
from django.utils.translation import gettext_noop

from apresa import database
from apresa.database import DatabaseState
from apresa.events import domain as events
from apresa.events.models import Severity
from apresa.node import activation
from apresa.node.domain import identity, is_active, is_in_cluster
from apresa.shared import clock
from cluster.domain import fresh
from cluster.helper import runner_here
from cluster.queries.recovery import ticket_open
from cluster.release import OVERDUE, OnActive, OnStandby, Permission, Reason, ReleaseView, Verdict, decide_release
from cluster.runner import Runner
from cluster.types import Alone, NodeView
from recordings.domain import releasing
from recordings.domain.manifest import Manifest, StoredAs, read_manifest
from recordings.domain.releasing import START, Entry, Mark
from recordings.domain.standing import Standing, masked_standings
from recordings.pipeline.spool.errors import SpoolError

log = structlog.get_logger(__name__)
BATCH = 1000  # entries of one round; the next one goes on behind them
LATE = events.register(
    "spool-overdue",
    Severity.WARNING,
    gettext_noop(
        "%(calls)d calls have waited in this machine's spool for more than %(hours)d hours (%(reason)s). "
        "They are kept until both nodes have them."
    ),
)
_busy = threading.Lock()


@dataclass(slots=True)
class Memory:
    """Of this process: where the last round ended, and since when a certificate has been seen here."""

    behind: Mark = START
    seen: dict[Path, tuple[StoredAs, float]] = field(default_factory=dict)

    def certified_for(self, entry: Entry, standing: Standing) -> float | None:
        """Seconds; a worker that starts anew counts anew, and no clock of another node or boot counts (K3)."""
        if standing.certified is None:
            return None
        known = self.seen.get(entry.path)
        if known is None or known[0] != standing.certified:
            known = self.seen[entry.path] = (standing.certified, clock.monotonic())
        return clock.monotonic() - known[1]

    def forget_all_but(self, paths: set[Path]) -> None:
        self.seen = {path: seen for path, seen in self.seen.items() if path in paths}


_memory = Memory()


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry that stays, and why."""

    entry: Entry
    manifest: Manifest | None
    standing: Standing
    reason: Reason


@shared_task(name="worker.tasks.release.release", ignore_result=True)
def release() -> None:
    """One round; not while a slow one goes on, and not on a lone machine, whose settle releases at once."""
    if not is_in_cluster() or not _busy.acquire(blocking=False):
        return
    try:
        work(settings.APRESA.spool, runner_here(), _memory)
    except (OSError, DatabaseError) as error:
        if isinstance(error, DatabaseError):
            database.forget()
        log.warning("Nothing was released; it is tried again", reason=str(error))
    finally:
        _busy.release()


def work(spool: Path, runner: Runner, memory: Memory) -> list[Kept]:
    """Release what may go; what stays, and why. Raises OSError, a database error."""
    everything = releasing.entries(spool, str(identity().uuid))
    memory.forget_all_but({one.path for one in everything})
    batch, memory.behind = releasing.following(everything, memory.behind, BATCH)
    known: dict[Entry, Manifest] = _manifests(batch)
    found: dict[Entry, Standing] = {}
    if database.state() is not DatabaseState.ABSENT:
        known, found = masked_standings(known, releasing.known_again)
    kept, free, again = _judged(batch, known, found, runner, memory)
    if free or again:
        with releasing.undisturbed(spool):
            if free and ticket_open() is False:  # a recovery may have begun while this waited (R3)
                releasing.let_go(free)
            for entry in again:
                releasing.settle_again(entry)
    _tell_overdue(everything, kept)
    return kept


def _judged(
    batch: list[Entry], known: dict[Entry, Manifest], found: dict[Entry, Standing], runner: Runner, memory: Memory
) -> tuple[list[Kept], list[Entry], list[Entry]]:
    active, ticket, down = is_active(), ticket_open(), fresh.hold_down()
    seen = fresh.for_release(runner) if any(one.permitted for one in found.values()) else None
    last = activation.newest() if found else None
    kept, free, again = [], [], []
    for entry in batch:
        standing = found.get(entry)
        if standing is None:
            kept.append(Kept(entry, known.get(entry), Standing(), Reason.UNKNOWN))
            continue
        if active and not entry.settled:
            kept.append(Kept(entry, known[entry], standing, Reason.NO_PERMISSION))  # settle comes to it first
            continue
        if active and not releasing.is_settled_still(known[entry], standing):
            again.append(entry)
            continue
        view = ReleaseView(
            ended=True,  # signalling writes a call file when the call has ended here (R4)
            ticket=ticket,
            in_cluster=fresh.joined(seen) if seen else None,
            permission=Permission(standing.permission.value),
            covered=standing.covered,
            certified_for=memory.certified_for(entry, standing),
            side=_side(seen, standing, active=active, timeline=last.timeline if last else None),
            hold_down=down,
        )
        verdict, reason = decide_release(view)
        if verdict is Verdict.RELEASE:
            free.append(entry)
        else:
            kept.append(Kept(entry, known[entry], standing, reason if standing.permitted else Reason.NO_PERMISSION))
    return kept, free, again


def _side(
    seen: NodeView | Alone | None, standing: Standing, *, active: bool, timeline: int | None
) -> OnActive | OnStandby | None:
    if seen is None or isinstance(seen, Alone):
        return None
    if active:
        return fresh.active_side(seen, standing.lsn)
    return fresh.standby_side(seen, timeline)


def _manifests(batch: list[Entry]) -> dict[Entry, Manifest]:
    found = {}
    for entry in batch:
        try:
            found[entry] = read_manifest(entry.session, entry.path)
        except (OSError, SpoolError) as error:  # unknown is kept
            log.info("A spool entry cannot be read now", entry=entry.path.name, reason=str(error))
    return found


def _tell_overdue(everything: list[Entry], kept: list[Kept]) -> None:
    """Age never releases, it only alarms (R4)."""
    now = clock.now().timestamp()
    late = [one for one in everything if now - one.written > OVERDUE and one.path.exists()]
    if late:
        paths = {one.path for one in late}
        reasons = [one.reason for one in kept if one.entry.path in paths]
        reason = reasons[0].value if reasons else Reason.UNKNOWN.value
        events.open_alarm(LATE, calls=len(late), hours=round((now - late[0].written) / 3600), reason=reason)
    else:
        events.close_alarm(LATE)

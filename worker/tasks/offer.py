"""The standby offers the active node what only it heard (PROTOCOL R5)."""

import threading
from pathlib import Path

import structlog
from celery import shared_task
from django.conf import settings
from django.db import Error as DatabaseError

from apresa import database, nodelink
from apresa.database import DatabaseState
from apresa.node.domain import identity, is_active, is_in_cluster
from apresa.nodelink import LinkError
from apresa.shared import clock
from cluster.queries.recovery import ticket_open
from recordings.domain import offering, releasing
from recordings.domain.here import here
from recordings.domain.manifest import read_manifest
from recordings.domain.offering import Offered, Other
from recordings.domain.releasing import START, Entry
from recordings.domain.standing import Standing, masked_standings
from recordings.pipeline.spool.errors import SpoolError, SpoolLocked

log = structlog.get_logger(__name__)
SECONDS = 10.0  # of one round: a spool of a week goes slower than the calls of now (K9)
LOOKED_AT = 1000
"""Entries of one round; the next one goes on behind them."""


class Memory:
    """Of this process: what was offered when, and where the last round ended."""

    def __init__(self) -> None:
        self.offered: dict[Path, Offered] = {}
        self.behind = START


_memory = Memory()
_busy = threading.Lock()


@shared_task(name="worker.tasks.offer.offer", ignore_result=True)
def offer() -> None:
    """One round on the standby, whose replica can be read and follows the active node; not while a slow one goes on."""
    if (
        not is_in_cluster()
        or is_active()
        or database.state() is not DatabaseState.READ_ONLY
        or ticket_open() is not False
    ):
        return
    if not _busy.acquire(blocking=False):
        return
    try:
        work(settings.APRESA.spool, here().work, nodelink.other_node(), _memory)
    except (OSError, DatabaseError, LinkError) as error:
        if isinstance(error, DatabaseError):
            database.forget()
        log.info("Nothing is offered now; it is tried again", reason=str(error))
    finally:
        _busy.release()


def work(spool: Path, folder: Path, other: Other, memory: Memory) -> int:
    """One round; how many were offered. Raises OSError, a database error, and what the link raises."""
    wanted = _wanted(spool, memory)
    until = clock.monotonic() + SECONDS
    count = 0
    for entry, standing in wanted:
        if count and clock.monotonic() > until:
            break
        try:
            offering.offer(entry, read_manifest(entry.session, entry.path), other, folder)
        except (FileNotFoundError, SpoolLocked, SpoolError) as error:
            log.info("A spool entry cannot be offered now", entry=entry.path.name, reason=str(error))
            continue
        memory.offered[entry.path] = Offered(clock.monotonic(), standing.version)
        count += 1
    return count


def _wanted(spool: Path, memory: Memory) -> list[tuple[Entry, Standing]]:
    everything = releasing.entries(spool, str(identity().uuid))
    paths = {one.path for one in everything}
    memory.offered = {path: last for path, last in memory.offered.items() if path in paths}
    batch, memory.behind = releasing.following(everything, memory.behind, LOOKED_AT)
    known = {}
    for entry in batch:
        try:
            known[entry] = read_manifest(entry.session, entry.path)
        except (OSError, SpoolError):
            continue  # the release tells of it
    now, clocked = clock.now().timestamp(), clock.monotonic()
    return [
        (entry, standing)
        for entry, standing in masked_standings(known, releasing.known_again)[1].items()
        if offering.wants_offer(standing, age=now - entry.written, last=memory.offered.get(entry.path), now=clocked)
    ]

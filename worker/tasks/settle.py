"""Settle by the worker: a watch over the spool, so that a call is playable moments after its end.

The task takes no argument and remembers nothing (law 2): the call files themselves are the work that is left.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_shutting_down
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from apresa import database, replicated
from apresa.database import DatabaseState
from apresa.node.activation import Superseded
from apresa.node.domain import is_active
from apresa.shared import clock
from apresa.shared.files import sync_volume
from cluster.domain import fresh, handing
from cluster.helper import runner_here
from recordings.domain import trouble
from recordings.domain.claim import any_due
from recordings.domain.here import here
from recordings.domain.obsolete import Followed, erase_deleted, erase_obsolete
from recordings.domain.rendering import RenderFailure
from recordings.domain.settle import settle
from recordings.pipeline.render.request import RenderRequest
from recordings.store import Library, open_library
from worker.rendering import Renderer

log = structlog.get_logger(__name__)
WATCH_SECONDS = 30.0
POLL_SECONDS = 0.1
PAUSE_SECONDS = 5.0  # after a full disk, a lost volume or database
_stopping = threading.Event()
_renderer: list[Renderer] = []


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    _stopping.set()


@shared_task(name="worker.tasks.settle.settle", ignore_result=True)
def settle_calls() -> None:
    """Watch the spool for half a minute; when another task does already, there is nothing to do."""
    spool = settings.APRESA.spool
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(spool) as mine:
        if mine:
            watch(WATCH_SECONDS)


def watch(seconds: float) -> None:
    """Settle what ends within these seconds. Trouble makes it wait, with one alarm and no traceback."""
    try:
        _warm_up()
    except (RenderFailure, OSError) as error:
        trouble.waits(f"the render process cannot be started: {error}")
        _stopping.wait(PAUSE_SECONDS)
        return
    if not any_due(settings.APRESA.spool):
        trouble.goes_on()
    until = time.monotonic() + seconds
    while time.monotonic() < until and not _stopping.is_set():
        pause = POLL_SECONDS
        if any_due(settings.APRESA.spool):
            pause = _settle_once()
        _stopping.wait(pause)


def _settle_once() -> float:
    """One batch; the seconds to wait until the next."""
    if not is_active():
        return PAUSE_SECONDS
    if database.state() is not DatabaseState.WRITABLE:
        trouble.waits("the database cannot be written")
        return PAUSE_SECONDS
    try:
        outcome = settle(here(), _warm_up())
    except (OSError, DatabaseError, Superseded) as error:
        if isinstance(error, DatabaseError):
            database.forget()
            connections["default"].close_if_unusable_or_obsolete()
        trouble.waits(str(error))
        return PAUSE_SECONDS
    trouble.tell(outcome)
    if outcome.settled:
        trouble.goes_on()
    return 0.0 if outcome.settled else POLL_SECONDS


def _warm_up() -> Renderer:
    """The process-wide render process, started before the first call needs it; only the watch uses it."""
    if not _renderer:
        renderer = Renderer()
        try:
            renderer.render(RenderRequest((), str(here().work), "warm"))
        except RenderFailure:
            renderer.client.close()
            raise
        _renderer.append(renderer)
    return _renderer[0]


@contextmanager
def _alone(spool: Path) -> Iterator[bool]:
    handle = os.open(spool / "watch.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


@shared_task(name="worker.tasks.settle.erase", ignore_result=True)
def erase() -> None:
    """Erase the files of deleted calls and former versions that a crash left."""
    if not is_active() or database.state() is not DatabaseState.WRITABLE:
        return
    place = here()
    with open_library(place.library, place.marker) as library:
        other = Followed(replicated.flushed()) if place.cluster else None
        both = (lambda: _on_both(library)) if place.cluster else (lambda: True)
        if not handing.under_way():
            erase_deleted(library, other, both)
        erase_obsolete(library, other=other, on_both=both)


def _on_both(library: Library) -> bool:
    """Whether what was erased is erased on both disks, by DRBD's word after it was synced (as C1)."""
    sync_volume(Path(f"/proc/self/fd/{library.handle}"))
    return fresh.certification(runner_here(), settled_at=clock.monotonic()).certified

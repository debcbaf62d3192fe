"""The active node says of stored calls that both disks have them (PROTOCOL C1 to C4), and checks what it took over.

The recordings know the files, the cluster knows the disks; both meet here.
"""

import threading
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from celery import shared_task
from django.db import Error as DatabaseError
from django.db import connections
from django.utils.translation import gettext_noop

from apresa import database
from apresa.database import DatabaseState
from apresa.events import domain as events
from apresa.events.models import Severity
from apresa.node.activation import Superseded
from apresa.node.domain import is_active, is_in_cluster
from apresa.shared import clock
from apresa.shared.files import sync_volume
from cluster.domain import fresh
from cluster.helper import runner_here
from cluster.runner import Runner
from recordings.domain import adopting, certifying
from recordings.domain.here import here
from recordings.domain.place import Place
from recordings.store import Library, open_library

log = structlog.get_logger(__name__)
RECENT = timedelta(days=2)  # a version that never got its row was published in the last seconds of a node
ORPHANS = events.register(
    "library-orphans",
    Severity.WARNING,
    gettext_noop(
        "Recordings without a row were found after the takeover: %(adopted)d are settled again, %(kept)d cannot be "
        "read and are left as they are. The first is %(first)s."
    ),
)
_busy = threading.Lock()


@dataclass(slots=True)
class Memory:
    """Of one activation in this process: up to which row all is certified, and what it took over was checked."""

    activation: uuid.UUID | None
    certified: int = 0
    checked: int = 0
    adopted: bool = False


_memory: list[Memory] = []


@shared_task(name="worker.tasks.certify.certify", ignore_result=True)
def certify() -> None:
    """Check, certify, note positions; not while a slow round goes on."""
    if not is_in_cluster() or not is_active() or database.state() is not DatabaseState.WRITABLE:
        return
    if not _busy.acquire(blocking=False):
        return
    try:
        work(here(), runner_here())
    except (OSError, DatabaseError, Superseded) as error:
        if isinstance(error, DatabaseError):
            database.forget()
            connections["default"].close_if_unusable_or_obsolete()
        log.warning("Nothing was certified; it is tried again", reason=str(error))
    finally:
        _busy.release()


def work(place: Place, runner: Runner) -> int:
    """One round; how many were certified. Raises OSError, a database error, Superseded."""
    if not _memory or _memory[0].activation != place.activation:
        _memory[:] = [Memory(place.activation)]
    memory = _memory[0]
    memory.certified = certifying.all_certified(memory.certified)
    with open_library(place.library, place.marker) as library:
        _adopt(place, library, memory)
        adopting.take_back(place, library)
        _check_inherited(place, library, memory)
        count = _certify(place, library, runner, memory)
    certifying.place_in_log()
    return count


def _adopt(place: Place, library: Library, memory: Memory) -> None:
    """Once in an activation, and at once: what the former active node had published, and not committed."""
    if memory.adopted:
        return
    adopted, kept = adopting.adopt(place, library, clock.now() - RECENT)
    if adopted or kept:
        events.report(ORPHANS, adopted=len(adopted), kept=len(kept), first=(adopted + kept)[0])
    memory.adopted = True


def _check_inherited(place: Place, library: Library, memory: Memory) -> None:
    found = certifying.inherited(place.activation, max(memory.checked, memory.certified))
    bad = [one for one in found if not certifying.is_good(library, one, thorough=True)]
    if bad:
        certifying.await_audio(place, bad)
        log.warning("Stored calls have no good file here; they are settled again from a spool", calls=len(bad))
    memory.checked = found[-1].pk if found else memory.checked


def _certify(place: Place, library: Library, runner: Runner, memory: Memory) -> int:
    found = certifying.own(place.activation, memory.checked, memory.certified)
    found = [one for one in found if certifying.is_good(library, one, thorough=False)]
    if not found:
        return 0
    # What the page cache of an earlier process held is on the disk after this; only then DRBD is asked (C1, C2).
    sync_volume(Path(f"/proc/self/fd/{library.handle}"))
    said = fresh.certification(runner, settled_at=clock.monotonic())
    if not said.certified:
        log.info("Nothing is certified now", reason=said.reason)
        return 0
    return certifying.certify(place, found)

"""What keeps a node in order: the policy file, the audit trail's way to the cluster, lost jobs, old rows, spool."""

from contextlib import suppress
from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.db import Error as DatabaseError

from apresa import database
from apresa.accounts import copies, throttle
from apresa.accounts.models import EndedSession
from apresa.audit import domain as audit
from apresa.config import domain as config
from apresa.config.registry import KEEP_PARTIES
from apresa.database import DatabaseState
from apresa.events import domain as events
from apresa.jobs import domain as jobs
from apresa.node import licence
from apresa.node.domain import identity, is_active
from apresa.shared import clock
from cluster.queries.setup import KIND as SET_UP
from recordings.domain import gaps, ledger, offering, room, unlocking
from recordings.domain.claim import clear_streams, forget_imports
from recordings.domain.importing import forget_broken_off
from recordings.domain.policy import write_current
from recordings.pipeline.spool.errors import SpoolForeign
from recordings.pipeline.spool.layout import Session, sessions
from recordings.pipeline.spool.silences import forget_silences
from recordings.queries.live import how_many

SILENCES_KEPT = 14 * 86_400  # seconds; longer than any call goes on


@shared_task(name="worker.tasks.upkeep.policy", ignore_result=True)
def policy() -> None:
    """Compile the settings that capture must know."""
    write_current(Session(settings.APRESA.spool / "live"))


@shared_task(name="worker.tasks.upkeep.ship_audit", ignore_result=True)
def ship_audit() -> None:
    """Copy audit entries to the cluster's database; they wait here while it cannot be written."""
    if database.state() is DatabaseState.WRITABLE:
        audit.ship()


@shared_task(name="worker.tasks.upkeep.copies", ignore_result=True)
def refresh_copies() -> None:
    """What this machine must know of the cluster while the cluster's database is absent."""
    if database.state() is DatabaseState.ABSENT:
        return
    try:
        copies.refresh()
        config.refresh_copy()
    except DatabaseError as error:
        if database.classify(error) is None:
            raise
        database.forget()


@shared_task(name="worker.tasks.upkeep.node_jobs", ignore_result=True)
def node_jobs() -> None:
    """Find this machine's jobs whose worker died."""
    jobs.requeue_expired(scope="node")


@shared_task(name="worker.tasks.upkeep.cluster_jobs", ignore_result=True)
def cluster_jobs() -> None:
    """Find the cluster's jobs whose worker died."""
    if is_active() and database.state() is DatabaseState.WRITABLE:
        jobs.requeue_expired(scope="cluster")
        jobs.forget_old(scope="cluster")


@shared_task(name="worker.tasks.upkeep.licence", ignore_result=True)
def watch_licence() -> None:
    """Compare the calls in progress with this machine's licence; what nobody can count is no fault of it."""
    calls = how_many()
    if calls is not None:
        licence.watch(calls)


@shared_task(name="worker.tasks.upkeep.parties", ignore_result=True)
def forget_parties() -> None:
    """Take the numbers of the parties out of old lines of the ledger."""
    if is_active() and database.state() is DatabaseState.WRITABLE:
        ledger.forget_old_parties(clock.now() - timedelta(days=int(config.get(KEEP_PARTIES.name))))


@shared_task(name="worker.tasks.upkeep.ledger", ignore_result=True)
def watch_ledger() -> None:
    """Look for lines of the ledger that are gone."""
    if is_active() and database.state() is DatabaseState.WRITABLE:
        gaps.watch()


@shared_task(name="worker.tasks.upkeep.room", ignore_result=True)
def watch_room() -> None:
    """Compare what waits in the spool with the setting."""
    room.watch(settings.APRESA.spool)


@shared_task(name="worker.tasks.upkeep.unlock", ignore_result=True)
def unlock() -> None:
    """Open what an earlier boot left sealed, once the private key is there, and find the calls in it."""
    spool, node = settings.APRESA.spool, str(identity().uuid)
    unlocking.unlock(spool, node)
    unlocking.recover(spool, node)


@shared_task(name="worker.tasks.upkeep.forget", ignore_result=True)
def forget() -> None:
    """Remove old rows of this machine, and stream files of the spool that no call needs."""
    EndedSession.objects.filter(ended_at__lt=clock.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()
    throttle.forget_old()
    events.forget_old()
    jobs.forget_old(scope="node", resumed=(SET_UP,))  # else half a node would know nothing of it
    node = str(identity().uuid)
    offering.forget_broken_off(settings.APRESA.spool, clock.now().timestamp() - 3600)
    forget_imports(settings.APRESA.spool, clock.now().timestamp() - 3600)
    forget_broken_off(settings.APRESA.spool, clock.now().timestamp() - 3600)
    forget_silences(Session(settings.APRESA.spool / "live").silences, clock.now().timestamp() - SILENCES_KEPT)
    for session in sessions(settings.APRESA.spool):
        with suppress(SpoolForeign):  # another node's spool is not ours to clear
            session.check(node)
            clear_streams(session)
    unlocking.forget(settings.APRESA.spool, node)

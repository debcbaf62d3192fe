"""What a node does by the clock for its platform apps. The worker's schedule calls these; each is safe to repeat."""

from datetime import timedelta

from apresa import database
from apresa.accounts import copies, throttle
from apresa.accounts.models import EndedSession
from apresa.accounts.sessions import SessionStore
from apresa.audit import domain as audit
from apresa.config import domain as config
from apresa.database import DatabaseState
from apresa.events import domain as events
from apresa.jobs import domain as jobs
from apresa.node.domain import is_active
from apresa.shared import clock


def every_minute() -> None:
    """Refresh this machine's copies, ship its audit trail, find the work of dead workers.

    Raises a database error when the cluster's database goes away in between; the next minute does the rest.
    """
    jobs.requeue_expired(scope="node")
    state = database.state()
    if state is not DatabaseState.ABSENT:
        copies.refresh()
        config.refresh_copy()
    if state is DatabaseState.WRITABLE and is_active():
        audit.ship()
        jobs.requeue_expired(scope="cluster")


def every_day() -> None:
    """Remove what nobody needs any more."""
    throttle.forget_old()
    events.forget_old()
    jobs.forget_old(scope="node")
    oldest = clock.now() - timedelta(seconds=SessionStore().get_session_cookie_age())
    # A cookie as old as that is refused by its own date.
    EndedSession.objects.filter(ended_at__lt=oldest).delete()
    if database.state() is DatabaseState.WRITABLE and is_active():
        jobs.forget_old(scope="cluster")

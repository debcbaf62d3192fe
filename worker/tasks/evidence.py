"""The chains of evidence go on by themselves, on the active node."""

from celery import shared_task
from django.db import Error as DatabaseError
from django.utils.translation import gettext_noop

from apresa import database
from apresa.database import DatabaseState
from apresa.events import domain as events
from apresa.events.models import Severity
from apresa.node.domain import is_active, is_in_cluster
from recordings.domain.chaining import close_day, link_all
from recordings.domain.countersigning import ask
from recordings.domain.verification import go_on
from recordings.evidence.chain import ProofError

STOPPED = events.register(
    "evidence-stopped",
    Severity.CRITICAL,
    gettext_noop(
        "No evidence is written for new recordings: %(reason)s Recording goes on, and what is missing follows."
    ),
)


@shared_task(name="worker.tasks.evidence.link", ignore_result=True)
def link() -> None:
    """Link what was stored, deleted and done; sign."""
    if not is_active() or database.state() is not DatabaseState.WRITABLE:
        return
    try:
        link_all()
        close_day()
        if is_in_cluster():
            ask()
        events.close_alarm(STOPPED)
    except (OSError, ProofError) as error:
        events.open_alarm(STOPPED, reason=str(error))
    except DatabaseError as error:
        if database.classify(error) is None:
            raise
        database.forget()


@shared_task(name="worker.tasks.evidence.verify", ignore_result=True)
def verify() -> None:
    """A slice of the verification that somebody asked for."""
    if not is_active() or database.state() is not DatabaseState.WRITABLE:
        return
    try:
        go_on()
    except DatabaseError as error:
        if database.classify(error) is None:
            raise
        database.forget()

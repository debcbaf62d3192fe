"""What people are told when settling goes wrong: each thing once, not once per try."""

from django.utils.translation import gettext_noop

from apresa.events import domain as events
from apresa.events.models import Severity
from recordings.domain.settle import Outcome

WAITING = events.register(
    "settle-waiting", Severity.CRITICAL, gettext_noop("Calls wait in the spool and cannot be stored now: %(reason)s")
)
FAILED = events.register(
    "call-not-rendered",
    Severity.WARNING,
    gettext_noop("A call could not be rendered; its packets are kept: %(reason)s"),
)
DAMAGED = events.register(
    "call-file-damaged",
    Severity.CRITICAL,
    gettext_noop("A call file is damaged and was put aside: %(file)s: %(reason)s"),
)


def tell(outcome: Outcome) -> None:
    """Report what one batch met."""
    for item in outcome.damaged:
        events.report(DAMAGED, subject=item.path.name, file=item.path.name, reason=item.reason)
    for local, reason in outcome.failed:
        events.report(FAILED, subject=local, reason=reason)


def waits(reason: str) -> None:
    """Settling waits for a disk, a volume or a database."""
    events.open_alarm(WAITING, reason=reason)


def goes_on() -> None:
    events.close_alarm(WAITING)

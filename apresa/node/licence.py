"""What this machine's licence allows: shown and alarmed. It never stops a call from being recorded."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop

from apresa.config import domain as config
from apresa.config.registry import LICENCE_CALLS, LICENCE_TEXT
from apresa.events import domain as events
from apresa.events.models import Severity

EXCEEDED = events.register(
    "licence-exceeded",
    Severity.WARNING,
    gettext_noop("%(calls)d calls at once are more than the %(limit)d of this machine's licence. All are recorded."),
)


@dataclass(frozen=True, slots=True)
class Licence:
    """`calls`: how many at once; None for any number."""

    text: str
    calls: int | None


def licence() -> Licence:
    return Licence(str(config.get(LICENCE_TEXT.name)), config.get(LICENCE_CALLS.name) or None)


def watch(calls: int) -> None:
    """Compare the calls in progress with the licence."""
    limit = licence().calls
    if limit is not None and calls > limit:
        events.open_alarm(EXCEEDED, calls=calls, limit=limit)
    else:
        events.close_alarm(EXCEEDED)

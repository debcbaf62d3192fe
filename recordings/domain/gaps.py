"""The ledger's numbers have no gap; if lines are gone, somebody took them away, and that is an alarm."""

from django.utils.translation import gettext_noop

from apresa.events import domain as events
from apresa.events.models import Severity
from recordings.queries.decisions import numbers

GAP = events.register(
    "ledger-gap",
    Severity.CRITICAL,
    gettext_noop(
        "Lines of the ledger are gone: of %(last)d numbers that %(name)s gave, %(rows)d are there. "
        "“manage.py why --check” names those that are missing."
    ),
)


def watch() -> None:
    """Look through all numbers. Raises a database error."""
    for one in numbers():
        if one.whole:
            events.close_alarm(GAP, subject=one.node)
        else:
            events.open_alarm(GAP, subject=one.node, name=one.name, last=one.last, rows=one.rows)

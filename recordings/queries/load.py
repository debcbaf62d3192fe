"""The calls of the last weeks as spans with sizes: no word of who spoke with whom."""

from datetime import timedelta

from django.db.models import F, Q

from apresa import load
from apresa.load import Span
from apresa.shared import clock
from recordings.models import Version

MOST = 200_000  # the newest ones; more would not change what the busiest moment needs by much


@load.register
def recorded(days: int) -> list[Span]:
    """Each stored call once, with the size of its current version."""
    since = clock.now() - timedelta(days=days)
    current = Version.objects.filter(Q(number=F("call__version")), call__started__gte=since)
    rows = current.order_by("-call__started").values_list("call__started", "call__ended", "size")[:MOST]
    return [Span(begin.timestamp(), end.timestamp(), size) for begin, end, size in rows]

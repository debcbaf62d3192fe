"""Reading events."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from apresa.events.models import Event, Severity

_WORST_FIRST = Case(
    When(severity=Severity.CRITICAL, then=Value(0)),
    When(severity=Severity.WARNING, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def open_alarms() -> QuerySet[Event]:
    """The alarms that are open, the worst first, then the oldest."""
    return Event.objects.filter(alarm=True, closed_at=None).order_by(_WORST_FIRST, "id")

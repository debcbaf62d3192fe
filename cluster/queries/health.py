"""How the cluster did of late."""

from datetime import timedelta

from apresa.shared import clock
from cluster.health import Hour, Sample, by_hour
from cluster.models import HealthSample

DAY = 24  # hours


def hours(most: int = DAY) -> list[Hour]:
    """The last hours, the newest first."""
    rows = HealthSample.objects.filter(at__gt=clock.now() - timedelta(hours=most))
    return by_hour(
        Sample(row.at, row.behind, row.percent, row.active, row.ready, row.load) for row in rows.order_by("at")
    )

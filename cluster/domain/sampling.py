"""One sample a minute, kept for a month."""

import os
from datetime import timedelta

from apresa.shared import clock
from cluster.decide import decide
from cluster.health import sample
from cluster.models import HealthSample
from cluster.queries.state import state

KEPT_FOR = timedelta(days=30)


def take_sample() -> HealthSample | None:
    """Keep how the last look found the cluster; an old look is none, so nothing is made up."""
    found = state()
    if found.view is None or not found.fresh:
        return None
    taken = sample(found.view, decide(found.view), clock.now(), os.getloadavg()[0])
    if taken is None:
        return None
    HealthSample.objects.filter(at__lt=taken.at - KEPT_FOR).delete()
    return HealthSample.objects.create(
        at=taken.at,
        behind=taken.behind,
        percent=taken.percent,
        active=taken.active,
        ready=taken.ready,
        load=taken.load,
    )

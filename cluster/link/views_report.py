"""This node's report, for the other one to judge together with its own."""

import json
from typing import Any

from django.http import HttpRequest

from apresa.nodelink.answers import answers
from apresa.release import release
from apresa.shared import clock
from cluster.models import Observation

FRESH = 15.0  # seconds: a look comes every five, and takes ten at most


@answers("GET")
def report(_request: HttpRequest) -> dict[str, Any]:
    """The last look where it is fresh, else none; the time lets the other side measure how far the clocks differ."""
    last = Observation.objects.first()
    now = clock.now()
    age = (now - last.at).total_seconds() if last else None
    fresh = last is not None and age is not None and 0 <= age < FRESH
    replies = json.loads(last.report) if last and fresh else None
    return {"release": release(), "now": now.timestamp(), "age": age, "replies": replies}

"""The task that links: a damaged key is an alarm until it is back, and nothing is forgotten meanwhile."""

import pytest
from django.conf import settings

from apresa.audit import domain as audit
from apresa.events.models import Event
from recordings.evidence import keys
from recordings.models import Link
from worker.tasks import evidence

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def alarms() -> list[str]:
    return list(Event.objects.filter(alarm=True, closed_at=None).values_list("code", flat=True))


def test_a_damaged_key_is_an_alarm_until_it_is_back() -> None:
    keys.node_key(settings.APRESA.data)
    path = settings.APRESA.data / keys.NAME
    good = path.read_bytes()
    audit.record("anna", "call-listened", "call x")
    audit.ship()
    try:
        path.write_bytes(b"damaged")
        evidence.link()
        assert (alarms(), Link.objects.count()) == (["evidence-stopped"], 0)
    finally:
        path.write_bytes(good)
    evidence.link()
    assert (alarms(), Link.objects.count()) == ([], 1)

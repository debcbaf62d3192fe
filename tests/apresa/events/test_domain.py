"""Events and alarms."""

from datetime import timedelta

import pytest
import time_machine

from apresa.events import domain as events
from apresa.events.models import Event, Severity
from apresa.events.queries import open_alarms

pytestmark = pytest.mark.django_db(databases=["node"])
FULL = events.register("test.disk-full", Severity.CRITICAL, "The disk %(disk)s is full.")
SLOW = events.register("test.disk-slow", Severity.WARNING, "The disk %(disk)s is slow.")


def test_event_keeps_its_sentence_and_parameters() -> None:
    event = events.report(SLOW, disk="sda")
    assert (event.sentence, event.severity, event.parameters) == ("The disk sda is slow.", "warning", {"disk": "sda"})


def test_alarm_opened_twice_is_one_alarm() -> None:
    assert events.open_alarm(FULL, subject="sda", disk="sda") == events.open_alarm(FULL, subject="sda", disk="sda")
    assert Event.objects.count() == 1


def test_alarms_of_two_subjects_are_two() -> None:
    for disk in ("sda", "sdb"):
        events.open_alarm(FULL, subject=disk, disk=disk)
    assert events.close_alarm(FULL, subject="sda") is True
    assert [event.subject for event in open_alarms()] == ["sdb"]


def test_alarm_that_returns_is_a_new_one() -> None:
    first = events.open_alarm(FULL, disk="sda")
    events.close_alarm(FULL)
    assert events.open_alarm(FULL, disk="sda").pk != first.pk
    assert events.close_alarm(SLOW) is False


def test_worst_alarm_comes_first() -> None:
    events.open_alarm(SLOW, disk="sda")
    events.open_alarm(FULL, disk="sdb")
    assert [event.code for event in open_alarms()] == ["test.disk-full", "test.disk-slow"]


def test_event_that_lacks_a_parameter_still_has_a_sentence() -> None:
    assert events.report(FULL).sentence == "The disk %(disk)s is full."


def test_old_events_go_and_open_alarms_stay() -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as now:
        events.report(SLOW, disk="sda")
        alarm = events.open_alarm(FULL, disk="sda")
        now.shift(timedelta(days=366))
        assert events.forget_old() == 1
    assert Event.objects.get() == alarm


def test_room_with_other_places_in_its_texts_brings_its_own_fill() -> None:
    hot = events.register("test.hot", Severity.WARNING, "{where} is hot.", lambda text, given: text.format_map(given))
    event = events.report(hot, where="100 %")
    assert (event.sentence, events.text(event)) == ("100 % is hot.", "100 % is hot.")
    assert events.report(hot).sentence == "{where} is hot."

"""Telling what happened: events once, alarms from their cause's beginning to its end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import translation

from apresa.events.models import Event, Severity
from apresa.shared import clock

log = structlog.get_logger(__name__)
KEPT_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event: its code, severity, and sentence with %(name)s places (marked with gettext_noop)."""

    code: str
    severity: Severity
    sentence: str
    fill: "Fill"


Fill = Callable[[str, dict[str, Any]], str]
_kinds: dict[str, Kind] = {}


def by_percent(sentence: str, parameters: dict[str, Any]) -> str:
    return sentence % parameters


def register(code: str, severity: Severity, sentence: str, fill: Fill = by_percent) -> Kind:
    """Make a kind known; rooms do so when they are imported. A room whose texts have other places brings its `fill`."""
    kind = _kinds[code] = Kind(code, severity, sentence, fill)
    return kind


def report(kind: Kind, *, subject: str = "", **parameters: Any) -> Event:
    """Something happened once."""
    return _write(kind, subject, parameters, alarm=False)


def open_alarm(kind: Kind, *, subject: str = "", **parameters: Any) -> Event:
    """Something is wrong until `close_alarm`; while it is open, opening it again changes nothing."""
    with transaction.atomic(using="node"):
        known = Event.objects.filter(code=kind.code, subject=subject, alarm=True, closed_at=None).first()
        return known or _write(kind, subject, parameters, alarm=True)


def close_alarm(kind: Kind, *, subject: str = "") -> bool:
    """The cause is gone; True when the alarm was open."""
    opened = Event.objects.filter(code=kind.code, subject=subject, alarm=True, closed_at=None)
    closed = opened.update(closed_at=clock.now()) > 0
    if closed:
        log.info("The alarm is over", code=kind.code, subject=subject)
    return closed


def text(event: Event) -> str:
    """The event's sentence in the reader's language; the stored English one when its kind is no longer known."""
    kind = _kinds.get(event.code)
    return _fill(kind, translation.gettext(kind.sentence), event.parameters) if kind else event.sentence


def forget_old() -> int:
    """Remove events after a year, open alarms excepted; how many."""
    old = Event.objects.filter(at__lt=clock.now() - KEPT_FOR).exclude(alarm=True, closed_at=None)
    return old.delete()[0]


def _write(kind: Kind, subject: str, parameters: dict[str, Any], *, alarm: bool) -> Event:
    sentence = _fill(kind, kind.sentence, parameters)
    level = {"info": log.info, "warning": log.warning, "critical": log.error}[kind.severity.value]
    level(sentence, code=kind.code, subject=subject, alarm=alarm)
    return Event.objects.create(
        at=clock.now(),
        code=kind.code,
        severity=kind.severity,
        subject=subject[:200],
        parameters=parameters,
        sentence=sentence,
        alarm=alarm,
    )


def _fill(kind: Kind, sentence: str, parameters: dict[str, Any]) -> str:
    try:
        return kind.fill(sentence, parameters)
    except (KeyError, TypeError, ValueError):
        return sentence  # an event of another release may lack a parameter; a bare sentence says more than none

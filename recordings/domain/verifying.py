"""Comparing what lies in the library and the database with the chain. What differs is an alarm that names the call."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_noop

from apresa.events import domain as events
from apresa.events.models import Severity
from apresa.layout import check_library
from apresa.shared import clock
from recordings.domain.auditing import is_proved
from recordings.domain.chaining import link_of, stored_text
from recordings.evidence.chain import digest
from recordings.models import Call, Link, Version
from recordings.store import sha256_of

CHANGED = events.register(
    "recording-changed",
    Severity.CRITICAL,
    gettext_noop("Call %(call)s is not as it was stored: %(what)s. Its page shows it; restore it from a backup."),
)
NOT_LINKED, LINK, FACTS = "not-linked", "link", "facts"
Progress = Callable[[int, int], None]


def differences(version: Version) -> tuple[str, ...]:
    """Codes of what differs: a file's role, or what its link says. Raises OSError when the library is not there."""
    library = Path(settings.APRESA.library)
    check_library(library)
    files = {
        "recording": (version.file, version.sha256),
        "details": (version.details if version.details_sha256 else "", version.details_sha256),
        "packets": (version.packets, version.packets_sha256),
    }
    found = [role for role, (name, wanted) in files.items() if name and _digest(library / name) != wanted]
    return (*found, *_against_link(version))


def _against_link(version: Version) -> Iterator[str]:
    link = link_of(version.call_id, version.number)
    if link is None:
        yield NOT_LINKED  # whoever put a row in by hand made no link
        return
    now, said = json.loads(stored_text(version, link.salt)), _said(link)
    if said is None:
        yield LINK
        return
    other = {name for name in now if said.get(name) != now[name]}
    if other - {FACTS}:
        yield LINK
    elif other:
        yield FACTS


def _said(link: Link) -> dict[str, object] | None:
    """What the link says; None where it is not what was linked: then it may be anything."""
    try:
        found = json.loads(link.said)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and link.body == digest(link.said) else None


def _digest(path: Path) -> str:
    try:
        return sha256_of(path)
    except FileNotFoundError:
        return ""  # its volume is there, and it is not


def verify(call: uuid.UUID, *, alone: bool = True) -> tuple[str, ...] | None:
    """Check the call's current version now, note what was found, tell. None where there is nothing to check.

    `alone`: its link is followed to a signed head, too; a walk over whole chains does that for many at once.
    """
    with transaction.atomic():  # on a database that cannot be written this is refused before anything is read
        version = Version.objects.select_for_update().filter(call_id=call, number=F("call__version")).first()
        if version is None or not version.linked:
            return None
        found = differences(version)
        link = link_of(call, version.number) if alone else None
        if link and LINK not in found and not is_proved(link):
            found = (*found, LINK)
        version.checked_at, version.check_found = clock.now(), " ".join(found)
        version.save(update_fields=["checked_at", "check_found"])
    if found:
        events.open_alarm(CHANGED, subject=str(call), call=str(call), what=", ".join(found))
    else:
        events.close_alarm(CHANGED, subject=str(call))
    return found


@dataclass(slots=True)
class Report:
    """`changed`: the calls that differ, with the codes of what; `unchecked` are not linked yet, or have no version."""

    verified: int = 0
    unchecked: int = 0
    changed: dict[str, str] = field(default_factory=dict)


def of_day(day: date | None) -> QuerySet[Call]:
    """The calls that began on a day (UTC); all without one."""
    calls: QuerySet[Call] = Call.objects.all()
    if day is None:
        return calls
    begin = datetime.combine(day, time(), UTC)
    return calls.filter(started__gte=begin, started__lt=begin + timedelta(days=1))


def verify_many(day: date | None, progress: Progress) -> Report:
    """All calls, or those that began on a day (UTC). `progress` is told done and of how many, and may raise to stop."""
    wanted = of_day(day).order_by("pk")
    report, total = Report(), wanted.count()
    for done, name in enumerate(wanted.values_list("pk", flat=True).iterator(), 1):
        found = verify(name, alone=False)
        if found:
            report.changed[str(name)] = " ".join(found)
        elif found is None:
            report.unchecked += 1
        else:
            report.verified += 1
        progress(done, total)
    return report

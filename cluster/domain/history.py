"""Findings → events: an alarm from a finding's beginning to its end, and each change of the active node."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from apresa.events import domain as events
from apresa.events.models import Event, Severity
from apresa.shared import clock
from cluster.catalogue import KINDS, kind
from cluster.catalogue.mark import gettext_noop as _
from cluster.catalogue.remedies import CAUSES
from cluster.decide import Judgement
from cluster.findings import Finding, Level, fill

PREFIX = "cluster-"
_SEVERITY = {
    Level.WARNING: Severity.WARNING,
    Level.UNKNOWN: Severity.WARNING,
    Level.CRITICAL: Severity.CRITICAL,
}
ALARMS: Mapping[str, events.Kind] = MappingProxyType(
    {
        code: events.register(f"{PREFIX}{code}", _SEVERITY[one.level], one.sentence, fill)
        for code, one in KINDS.items()
        if one.level in _SEVERITY
    }
)
ACTIVE_CHANGED = events.register(
    f"{PREFIX}active-changed", Severity.WARNING, _("{after} is active now; before, {before} was. {cause}"), fill
)
REMINDER = events.register(f"{PREFIX}reminder", Severity.WARNING, _("Still so after {hours} h: {sentence}"), fill)
# What people start and then forget, or wait for, and after how long they are told.
REMIND_AFTER: Mapping[str, timedelta] = MappingProxyType(
    {
        "maintenance": timedelta(hours=1),
        "not-joined": timedelta(hours=1),
        "node-offline": timedelta(hours=1),
        "node-not-serving": timedelta(hours=1),
        "database-stopped": timedelta(hours=1),
        "drbd-standalone": timedelta(hours=1),
        "resource-unmanaged": timedelta(hours=1),
        "drbd-syncing": timedelta(hours=12),
        "mixed-version": timedelta(hours=12),
        "mixed-release": timedelta(hours=12),
        "node-link-down": timedelta(hours=1),
    }
)
REMIND_AGAIN = timedelta(hours=24)
_ENDS_A_NODE = ("node-unclean", "node-offline", "not-joined", "node-not-serving", "failed-action", "database-stopped")
_WHAT = ("node", "resource", "operation", "part", "link", "address")  # parameters that tell two findings apart


def subject(finding: Finding) -> str:
    """What a finding is about: of one code, one alarm for each."""
    return " ".join(str(finding.parameters[name]) for name in _WHAT if name in finding.parameters)[:200]


def note(judgement: Judgement, *, before: Judgement | None, last_active: str = "") -> None:
    """Open and close alarms by two looks in a row: what only one of them saw was a moment's passing."""
    seen = {(one.code, subject(one)): one for one in judgement.findings if one.code in ALARMS}
    earlier = {(one.code, subject(one)) for one in before.findings} if before else set()
    for (code, about), one in seen.items():
        if (code, about) in earlier or kind(one).level is Level.CRITICAL:
            events.open_alarm(ALARMS[code], subject=about, **one.parameters)
    if not _blind(judgement):
        _close(set(seen) | earlier)
    if last_active and judgement.active and last_active != judgement.active:
        found = (*judgement.findings, *(before.findings if before else ()))
        why = _why_changed(found, last_active)
        events.report(ACTIVE_CHANGED, before=last_active, after=judgement.active, cause=why)


def _why_changed(found: tuple[Finding, ...], former: str) -> str:
    """What is known to be wrong with the node that was active; "" where nobody saw anything."""
    about = [one for one in found if one.code in _ENDS_A_NODE and one.parameters.get("node") == former]
    about.sort(key=lambda one: _ENDS_A_NODE.index(one.code))
    return fill(kind(about[0]).sentence, about[0].parameters) if about else ""


def _blind(judgement: Judgement) -> bool:
    """While Pacemaker tells nothing, most findings are missing because nobody sees them."""
    parts = [one.parameters.get("part", "") for one in judgement.findings if one.code == "not-known"]
    return any("Pacemaker" in str(part) for part in parts)


def _close(keep: set[tuple[str, str]]) -> None:
    for alarm in Event.objects.filter(code__startswith=PREFIX, alarm=True, closed_at=None):
        code = alarm.code.removeprefix(PREFIX)
        if code in ALARMS and (code, alarm.subject) not in keep:
            events.close_alarm(ALARMS[code], subject=alarm.subject)


def remind() -> int:
    """Tell again, once a day, of what has been open for long; how many were told."""
    told = 0
    now = clock.now()
    for alarm in Event.objects.filter(code__startswith=PREFIX, alarm=True, closed_at=None):
        code = alarm.code.removeprefix(PREFIX)
        after = REMIND_AFTER.get(code)
        about = f"{code} {alarm.subject}".strip()[:200]
        if after is None or now - alarm.at < after or _told_since(about, max(alarm.at, now - REMIND_AGAIN)):
            continue
        hours = int((now - alarm.at).total_seconds() // 3600)
        events.report(REMINDER, subject=about, hours=hours, sentence=alarm.sentence)
        told += 1
    return told


def _told_since(about: str, since: datetime) -> bool:
    return Event.objects.filter(code=REMINDER.code, subject=about, at__gte=since).exists()


def cause(event: Event, translate: Callable[[str], str] = str) -> str:
    """The technical fact behind an event; "" where its sentence says all."""
    if tried := CAUSES.get(event.code.removeprefix(f"{PREFIX}tried-")):
        return translate(tried)
    about = KINDS.get(event.code.removeprefix(PREFIX))
    if about is None:
        return ""
    try:
        return fill(about.fact, event.parameters, translate)
    except (KeyError, IndexError, ValueError):  # an event of another release
        return ""

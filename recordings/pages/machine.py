"""What this machine can say of itself without any database of the cluster."""

import json
import platform
import shutil
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.utils.translation import gettext_lazy

from apresa.events.models import Event
from apresa.events.queries import open_alarms
from apresa.jobs.models import Job
from apresa.release import release
from apresa.shared import clock
from recordings.queries.live import live_session

STALE_AFTER = 5.0  # seconds; the holder writes its status every second
LARGEST_STATUS = 1 << 20


COUNTERS = {
    "packets": gettext_lazy("Packets"),
    "rtp": gettext_lazy("of them sound (RTP)"),
    "streams": gettext_lazy("Open streams"),
    "frames": gettext_lazy("Frames in the journal"),
    "lost": gettext_lazy("Not written: the disk refused"),
    "refused": gettext_lazy("Refused: too many streams"),
    "malformed": gettext_lazy("Malformed"),
    "unknown": gettext_lazy("In an unknown wrapping"),
    "poisoned": gettext_lazy("Blocks put aside"),
}


@dataclass(frozen=True, slots=True)
class Interface:
    """One capture interface; `dropped` packets found the ring full."""

    name: str
    up: bool
    received: int
    dropped: int


@dataclass(frozen=True, slots=True)
class Capture:
    """The recording component as its status file shows it; `running` means that the file is fresh."""

    running: bool
    seen: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def counters(self) -> list[tuple[str, int]]:
        return [(str(label), _number(self.facts[name])) for name, label in COUNTERS.items() if name in self.facts]

    @property
    def disk_error(self) -> str:
        return str(self.facts.get("disk_error", ""))[:200]

    @property
    def interfaces(self) -> list[Interface]:
        items = self.facts.get("interfaces")
        return [
            Interface(
                str(item.get("name", "")),
                bool(item.get("up")),
                _number(item.get("received")),
                _number(item.get("dropped")),
            )
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict)
        ]

    @property
    def restarts(self) -> int:
        children = _mapping(self.facts.get("children")).values()
        return sum(_number(child.get("restarts")) for child in children if isinstance(child, dict))


@dataclass(frozen=True, slots=True)
class Disk:
    """One volume, sizes in bytes."""

    path: Path
    total: int
    free: int

    @property
    def used_percent(self) -> int:
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


def facts() -> dict[str, Any]:
    return {
        "versions": _versions(),
        "capture": capture(),
        "disks": _disks(),
        "alarms": list(open_alarms()[:20]),
        "events": list(Event.objects.order_by("-id")[:15]),
        "jobs": list(Job.objects.using("node").order_by("-created_at")[:10]),
        "settings": settings.APRESA,
    }


def capture() -> Capture:
    path = live_session() / "status.json"
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open("rb") as file:
            found = json.loads(file.read(LARGEST_STATUS))
    except (OSError, ValueError, RecursionError):
        return Capture(running=False)
    age = (clock.now() - written).total_seconds()
    return Capture(running=age < STALE_AFTER, seen=written, facts=_mapping(found))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _versions() -> list[tuple[str, str]]:
    return [
        ("Apresa", release()),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Celery", version_of("celery")),
        ("SQLite", sqlite3.sqlite_version),
        ("Linux", platform.release()),
    ]


def _disks() -> list[Disk]:
    found: dict[int, Disk] = {}
    for path in (Path(settings.APRESA.library), Path(settings.APRESA.spool), Path(settings.APRESA.data)):
        try:
            use = shutil.disk_usage(path)
            found.setdefault(path.stat().st_dev, Disk(path, use.total, use.free))
        except OSError:
            continue
    return list(found.values())

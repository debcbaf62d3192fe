"""What this machine can say of itself without any database of the cluster."""

import platform
import shutil
import sqlite3
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from apresa.events.models import Event
from apresa.events.queries import open_alarms
from apresa.jobs.models import Job
from apresa.release import release
from recordings.queries.capture import capture
from recordings.queries.listeners import listeners


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
        "listeners": listeners(),
        "disks": _disks(),
        "alarms": list(open_alarms()[:20]),
        "events": list(Event.objects.order_by("-id")[:15]),
        "jobs": list(Job.objects.using("node").order_by("-created_at")[:10]),
        "settings": settings.APRESA,
    }


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

"""The recording component as its status file shows it; no database is asked."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from apresa.shared import clock
from recordings.queries.live import live_session

STALE_AFTER = 5.0  # seconds; the holder writes its status every second
LARGEST_STATUS = 1 << 20
LARGEST_NUMBER = 1 << 63

COUNTERS = {
    "packets": _("Packets"),
    "rtp": _("of them sound (RTP)"),
    "streams": _("Open streams"),
    "frames": _("Frames in the journal"),
    "lost": _("Not written: the disk refused"),
    "refused": _("Refused: too many streams"),
    "malformed": _("Malformed"),
    "unknown": _("In an unknown wrapping"),
    "poisoned": _("Blocks put aside"),
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
        return [(str(label), number(self.facts[name])) for name, label in COUNTERS.items() if name in self.facts]

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
                number(item.get("received")),
                number(item.get("dropped")),
            )
            for item in (items if isinstance(items, list) else [])
            if isinstance(item, dict)
        ]

    @property
    def restarts(self) -> int:
        children = _mapping(self.facts.get("children")).values()
        return sum(number(child.get("restarts")) for child in children if isinstance(child, dict))


def capture() -> Capture:
    """What listens on this machine's interfaces."""
    return read_status(live_session())


def read_status(session: Path) -> Capture:
    """Of a session of the spool."""
    path = session / "status.json"
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open("rb") as file:
            found = json.loads(file.read(LARGEST_STATUS))
    except (OSError, ValueError, RecursionError):
        return Capture(running=False)
    age = (clock.now() - written).total_seconds()
    return Capture(running=age < STALE_AFTER, seen=written, facts=_mapping(found))


def number(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value < LARGEST_NUMBER else 0


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

"""How much of this machine's disk waits in the spool: an alarm beyond the setting, never a silent loss."""

import os
from pathlib import Path

from django.utils.translation import gettext_noop

from apresa.config import domain as config
from apresa.config.registry import SPOOL_LIMIT
from apresa.events import domain as events
from apresa.events.models import Severity

MEGABYTE = 1_000_000
LARGE = events.register(
    "spool-large",
    Severity.WARNING,
    gettext_noop(
        "Calls that are not settled yet take %(megabytes)d MB of this machine's disk, more than the %(limit)d MB of "
        "the setting capture.spool_limit. Nothing is dropped."
    ),
)


def spool_bytes(spool: Path) -> int:
    """Bytes in all files below the spool; files that go meanwhile count as gone."""
    total = 0
    for folder, _, names in os.walk(spool):
        for name in names:
            try:
                total += (Path(folder) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def watch(spool: Path) -> None:
    """Compare the spool with the setting."""
    megabytes, limit = spool_bytes(spool) // MEGABYTE, int(config.get(SPOOL_LIMIT.name))
    if megabytes > limit:
        events.open_alarm(LARGE, megabytes=megabytes, limit=limit)
    else:
        events.close_alarm(LARGE)

"""The clock: the one place that asks for the time and for this boot's name."""

import time
from datetime import UTC, datetime
from pathlib import Path

UNKNOWN_BOOT = "unknown"


def now() -> datetime:
    """The time now, aware, UTC."""
    return datetime.now(UTC)


def now_ns() -> int:
    """Nanoseconds since 1970."""
    return time.time_ns()


def monotonic() -> float:
    """Seconds on a clock that never steps; only differences mean something."""
    return time.monotonic()


def boot_id() -> str:
    """The kernel's name for this boot (a UUID), or "unknown" where the kernel has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return UNKNOWN_BOOT

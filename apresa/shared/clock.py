"""The clock: the one place that asks for the time and for this boot's name."""

import ctypes
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

UNKNOWN_BOOT = "unknown"
_TIMEX_BYTES = 512  # struct timex (adjtimex(2)) is smaller on every machine
_TIME_ERROR = 5


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
    """This boot's name (a UUID), or "unknown": made of the kernel's name for it and the start of process 1.

    A container is switched off and on under one and the same kernel; its process 1 is another then.
    """
    try:
        kernel = uuid.UUID(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        started = Path("/proc/1/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]  # proc_pid_stat(5)
    except (OSError, ValueError, IndexError):
        return UNKNOWN_BOOT
    return str(uuid.uuid5(kernel, started))


def is_synchronised() -> bool | None:
    """Whether the kernel counts the clock as one that follows a time server; None where it says nothing."""
    question = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: nothing is changed
    try:
        state = ctypes.CDLL(None).adjtimex(question)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR

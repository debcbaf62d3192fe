"""Attempts to settle a call file, counted in the spool before they start: what kills its reader is known by then."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

BACK_OFF = (10.0, 60.0, 600.0, 3600.0)  # seconds after the first, second, … failure
MOST_DEATHS = 3


@dataclass(frozen=True, slots=True)
class Attempts:
    """started counts every beginning, deaths those that killed the renderer or the worker; set_aside ends retries."""

    started: int = 0
    deaths: int = 0
    under_way: bool = False
    not_before: float = 0.0
    set_aside: bool = False
    reason: str = ""

    def begun(self) -> "Attempts":
        return Attempts(self.started + 1, self.deaths, True, 0.0, False, self.reason)

    def survived(self) -> "Attempts":
        return replace(self, under_way=False)

    def worker_died(self, now: float) -> "Attempts":
        """The first time at once again: a machine that was switched off is no fault of the call."""
        after = self.failed("the worker ended in the middle of it", now, killed=True)
        return replace(after, not_before=now) if after.deaths == 1 else after

    def failed(self, reason: str, now: float, *, killed: bool) -> "Attempts":
        deaths = self.deaths + killed
        wait = BACK_OFF[min(self.started, len(BACK_OFF)) - 1]
        return Attempts(self.started, deaths, False, now + wait, deaths >= MOST_DEATHS, reason[:500])


def read_attempts(call: Path) -> Attempts:
    """What is known of a call file's attempts; none when there is no record or it is damaged."""
    try:
        return Attempts(**json.loads(_sidecar(call).read_bytes()))
    except (OSError, ValueError, TypeError):
        return Attempts()


def write_attempts(call: Path, attempts: Attempts) -> None:
    # Without fsync: what must be remembered here is the death of a process, not of the machine.
    sidecar = _sidecar(call)
    temporary = sidecar.with_suffix(".attempts.tmp")
    temporary.write_text(json.dumps(asdict(attempts)), encoding="utf-8")
    os.replace(temporary, sidecar)


def forget_attempts(call: Path) -> None:
    _sidecar(call).with_suffix(".attempts.tmp").unlink(missing_ok=True)
    _sidecar(call).unlink(missing_ok=True)


def _sidecar(call: Path) -> Path:
    return call.with_suffix(".attempts")

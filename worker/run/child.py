"""One supervised program: start, prefix its output, start again with back-off, end it politely."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from apresa.env import PROJECT
from worker.run.privileges import ServiceUser, hardening

LONGEST_LINE = 16 << 10
STEADY = 30.0  # seconds alive after which a death counts as the first again
LONGEST_WAIT = 30.0
Say = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `rights` keeps root's rights (the recording component alone); `fatal` maps exit codes that a new
    start cannot cure to nothing more than a long wait."""

    name: str
    argv: tuple[str, ...]
    rights: bool = False
    pass_fds: tuple[int, ...] = ()
    patience: float = 10.0  # seconds for a polite end
    death_signal: int = signal.SIGTERM
    environment: dict[str, str] = field(default_factory=dict)
    fatal: frozenset[int] = frozenset()


def wait_before(failures: int) -> float:
    """Seconds before the next start: at once after the first death, then 1, 2, 4 … 30."""
    return 0.0 if failures <= 1 else min(LONGEST_WAIT, 2.0 ** min(failures - 2, 10))


class Child:
    """A program and its present process."""

    def __init__(self, program: Program, user: ServiceUser | None, data: Path, say: Say) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.next_start: float | None = 0.0
        self.starts = 0
        self._failures = 0
        self._began = 0.0
        self._partial = b""
        self._user = user
        self._data = data
        self._say = say

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def start(self) -> None:
        """Start the process; a start that fails counts as a death."""
        program, user = self.program, self._user
        drop = user is not None and not program.rights
        self.next_start, self._began, self._partial = None, time.monotonic(), b""
        self.starts += 1
        try:
            self.process = subprocess.Popen(  # the output is read by the supervisor's loop
                program.argv,
                cwd=PROJECT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=program.pass_fds,
                process_group=0,  # Ctrl-C is for the supervisor, which ends them in order
                umask=0o077,
                user=user.uid if user and drop else None,
                group=user.gid if user and drop else None,
                extra_groups=[] if drop else None,
                # Safe: the supervisor has no threads.
                preexec_fn=hardening(death_signal=program.death_signal, keep_rights=program.rights),  # noqa: PLW1509
            )
        except OSError as error:
            self._say(program.name, f"cannot be started: {error}")
            self._retry()
            return
        if self.process.stdout:
            os.set_blocking(self.process.stdout.fileno(), False)
        self._say(program.name, f"started (process {self.process.pid})")

    def read(self) -> bool:
        """Pass on what the process wrote, line by line; False when there is no more to come."""
        if not self.process or not self.process.stdout:
            return False
        try:
            data = os.read(self.process.stdout.fileno(), 1 << 16)
        except BlockingIOError:
            return True
        self._pass_on(data)
        return bool(data)

    def _pass_on(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > LONGEST_LINE:
            lines, self._partial = [*lines, self._partial], b""
        for line in lines:
            self._say(self.program.name, line[:LONGEST_LINE].decode("utf-8", "replace").rstrip("\r"))

    def ended(self) -> bool:
        """Reap the process if it is gone, and decide when to start it again."""
        if not self.process or self.process.poll() is None:
            return False
        code = self.process.returncode
        self._forget()
        if time.monotonic() - self._began >= STEADY:
            self._failures = 0
        if code in self.program.fatal:
            self._failures = 10
        self._retry()
        reason = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        wait = max(0.0, (self.next_start or 0.0) - time.monotonic())
        self._say(self.program.name, reason + (f"; starting again in {wait:.0f} s" if wait else "; starting again"))
        return True

    def ask_to_end(self) -> None:
        self.next_start = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def force_end(self) -> None:
        if self.process and self.process.poll() is None:
            self._say(self.program.name, f"did not end within {self.program.patience:.0f} s and is killed")
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        """Pass on the last words of a process that has ended."""
        if self.process:
            self._forget()

    def _forget(self) -> None:
        """Pass on the last words; helpers that outlived their process go with it, or two would do the same work."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            if self.process.stdout:
                with contextlib.suppress(BlockingIOError):
                    self._pass_on(os.read(self.process.stdout.fileno(), 1 << 20))
                self.process.stdout.close()
        self.process = None

    def _retry(self) -> None:
        self._failures += 1
        self.process = None
        self.next_start = time.monotonic() + wait_before(self._failures)

    def _environment(self) -> dict[str, str]:
        home = {"HOME": str(self._data), "USER": self._user.name} if self._user and not self.program.rights else {}
        own = {"APRESA_DATA": str(self._data), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        if sys.stdout.isatty():  # the children write to a pipe, but a person reads it
            own["APRESA_LOG_FORMAT"] = os.environ.get("APRESA_LOG_FORMAT", "console")
        path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
        return {**os.environ, **path, **own, **home, **self.program.environment}

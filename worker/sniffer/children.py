"""A child process that is started again when it dies: at once, and later and later when it dies at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from worker.sniffer.privileges import as_child

ROOT = Path(__file__).resolve().parents[2]
_STEADY_SECONDS = 10.0
_FIRST_DELAY = 0.1
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "HOME", "PYTHONDONTWRITEBYTECODE")


class Child:
    """`python -m module` with arguments and open files; `poll` in a loop keeps it alive.

    `held`: it begins with SIGTERM blocked, and lets it in when it can end politely.
    """

    def __init__(self, name: str, module: str, *, held: bool = False, longest_delay: float = 5.0) -> None:
        self.name = name
        self.module = module
        self.held = held
        self.longest_delay = longest_delay
        self.arguments: list[str] = []
        self.files: list[int] = []
        self.restarts = 0
        self.last_exit: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._start_at = 0.0
        self._early = 0

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def age(self) -> float:
        return time.monotonic() - self._started

    def start(self) -> None:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module, *self.arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            pass_fds=self.files,
            preexec_fn=self._prepare,  # noqa: PLW1509 - the holder has one thread
        )

    def _prepare(self) -> None:
        if self.held:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        as_child()

    def poll(self) -> bool:
        """Start it again if it is time; True when it has just been found dead."""
        if self._process is not None:
            if self._process.poll() is None:
                return False
            self.last_exit = self._process.returncode
            self._process = None
            self.restarts += 1
            self._early = 0 if self.age > _STEADY_SECONDS else self._early + 1
            delay = 0.0 if self._early < 2 else min(self.longest_delay, _FIRST_DELAY * 2.0 ** min(self._early - 2, 10))
            self._start_at = time.monotonic() + delay
            return True
        if time.monotonic() >= self._start_at:
            self.start()
        return False

    def send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def end(self, seconds: float) -> None:
        """Ask it to end, and make it when it has not after these seconds. None that is held ends before it began."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        if self._process is None and self.held:
            self.start()  # somebody must take what the rings hold
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

"""The programs of a node, as argv lists."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from worker.run.child import Program
from worker.run.privileges import ServiceUser

HOLDER_HOPELESS = frozenset({2, 3, 4})  # usage, no right to capture, an interface that can't be used


def recording(session: Path, node: str, interfaces: Sequence[str], user: ServiceUser | None, *words: str) -> Program:
    """The recording component: the holder, which starts sniffer and signalling."""
    argv = [sys.executable, "-m", "worker.sniffer.holder", "--session", str(session), "--node", node]
    argv += ["--keys", str(settings.APRESA.spool_keys)]
    argv += [part for interface in interfaces for part in ("--interface", interface)]
    argv += [*(["--user", user.name] if user else []), *words]
    return Program("recording", tuple(argv), rights=True, patience=10.0, fatal=HOLDER_HOPELESS)


def worker() -> Program:
    """Settling, and all that runs by the clock: one Celery worker with beat for both queues."""
    argv = [sys.executable, "-m", "celery", "-q", "-A", "apresa", "worker", "-B", "-P", "threads", "-c", "4"]
    argv += ["-Q", "node,active", "-n", "apresa@localhost", "--without-mingle", "--without-gossip", "-l", "WARNING"]
    return Program("worker", tuple(argv), patience=20.0)


def web(socket_number: int) -> Program:
    argv = (sys.executable, "-m", "worker.run.web", "--fd", str(socket_number))
    # It keeps nothing, so it may go at once and free the port for the supervisor that comes next.
    return Program("web", argv, pass_fds=(socket_number,), patience=6.0, death_signal=signal.SIGKILL)

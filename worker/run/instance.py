"""One supervisor for one data directory, and one socket for the web."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worker.run.privileges import ServiceUser

PORT_PATIENCE = 5.0  # seconds: the web of a supervisor that was killed lets go of the port a moment later


class InstanceError(RuntimeError):
    """We cannot run here beside something else; the text says beside what."""


@contextmanager
def only_instance(data: Path, user: ServiceUser | None) -> Iterator[None]:
    """Be the one supervisor of this data directory. Raises InstanceError."""
    folder = data / "run"
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        handle = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if user:
            os.chown(folder, user.uid, user.gid, follow_symlinks=False)
    except OSError as error:
        raise InstanceError(f"The data directory {data} cannot be used: {error}.") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstanceError(
                f"Apresa already runs on {data}; stop it, or set another directory in APRESA_DATA."
            ) from None
        yield
    finally:
        os.close(handle)


def listen(host: str, port: int) -> socket.socket:
    """The web's socket: it stays open while the web starts again, so that nobody is refused. Raises InstanceError."""
    limit = time.monotonic() + PORT_PATIENCE
    while True:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
            server = socket.create_server((host, port), family=family, backlog=512)
        except OSError as error:
            if not isinstance(error, socket.gaierror) and time.monotonic() < limit:
                time.sleep(0.2)
                continue
            reason = os.strerror(error.errno) if isinstance(error.errno, int) and error.errno > 0 else error
            raise InstanceError(f"Cannot serve on {host} port {port}: {reason}; choose another with --port.") from None
        server.set_inheritable(True)
        return server

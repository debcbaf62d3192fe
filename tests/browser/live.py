"""What the recording component shows of itself, for pages: a status file and the socket of its signalling process."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

COUNTERS = {"packets": 184_203, "rtp": 181_777, "frames": 2_426, "lost": 0, "refused": 0, "streams": 6, "unknown": 0}
STATUS = {
    "component": "sniffer",
    **COUNTERS,
    "disk_error": "",
    "interfaces": [{"name": "eth1", "up": True, "received": 184_203, "dropped": 0}],
    "children": {"sniffer": {"pid": 2, "restarts": 0}, "signalling": {"pid": 3, "restarts": 1}},
}


def running_call(caller: str, callee: str, *, ago: float, answered: float | None) -> dict[str, Any]:
    """A call that began `ago` seconds ago and was answered `answered` seconds ago."""
    now = time.time_ns()
    answered_ns = None if answered is None else now - round(answered * 1e9)
    return {
        "local": f"{caller}{callee}",
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{caller}-{callee}")),
        "caller": caller,
        "callee": callee,
        "state": "ringing" if answered is None else "answered",
        "started_ns": now - round(ago * 1e9),
        "answered_ns": answered_ns,
        "call_ids": [],
        "streams": 0 if answered is None else 2,
    }


def write_status(session: Path) -> None:
    """As the holder does: whole or not at all."""
    temporary = session / "status.json.new"
    temporary.write_text(json.dumps(STATUS))
    temporary.rename(session / "status.json")


@contextmanager
def capture_running(session: Path, calls: list[dict[str, Any]]) -> Iterator[None]:
    """Until the end of the block the status file stays fresh and the socket tells of these calls."""
    session.mkdir(parents=True, exist_ok=True)
    path = session / "signalling.sock"
    path.unlink(missing_ok=True)
    over = threading.Event()
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(path))
    door.listen()
    door.settimeout(0.2)
    answer = json.dumps({"calls": calls, "counters": {}}).encode() + b"\n"

    def serve() -> None:
        while not over.is_set():
            write_status(session)
            with suppress(OSError):
                visitor, _ = door.accept()
                with visitor:
                    visitor.sendall(answer)

    write_status(session)
    worker = threading.Thread(target=serve)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()
        door.close()
        path.unlink(missing_ok=True)
        (session / "status.json").unlink(missing_ok=True)

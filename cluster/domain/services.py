"""This node's own services, disks and ears, gathered for the report."""

import http.client
import json
import math
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from apresa import layout, services
from apresa.health import Finding
from apresa.node.domain import is_active
from apresa.shared import clock
from cluster.commands import DATABASE
from cluster.models import HeardMinute, Observation
from cluster.stale import STALE_AFTER

WEB = ("127.0.0.1", 8000)  # where apresa-web.service listens
PATIENCE = 2.0
HOUR = 60  # minutes
ALIVE_FOR = 60.0  # seconds; the active worker says every ten that it is alive
ALIVE = "active-worker"
LOOKS = "The worker looks at the cluster every few seconds."


def tell(*, by_worker: bool = False) -> str:
    """For the report, as JSON that `cluster.readers.services` reads. The worker that asks is alive."""
    checks = {name: {"ok": one.ok, "sentence": one.sentence} for name, one in services.findings().items()}
    if by_worker:
        checks["node-worker"] = {"ok": True, "sentence": LOOKS}
    rows = HeardMinute.objects.order_by("-minute").values_list("minute", "calls")[1:HOUR]  # the last one still grows
    return json.dumps({"checks": checks, "disks": disks(), "heard": [list(row) for row in rows]})


def disks() -> list[dict[str, Any]]:
    """Each disk that something of ours lies on. A library whose volume is not here is no part of this node now."""
    wanted = {"data": settings.APRESA.data, "spool": settings.APRESA.spool, "database": Path(DATABASE)}
    if (settings.APRESA.library / layout.MARKER).exists():
        wanted["library"] = settings.APRESA.library
    found: dict[int, dict[str, Any]] = {}
    for name, path in wanted.items():
        with suppress(OSError):
            room = os.statvfs(path)
            one = {"parts": [], "total": room.f_blocks * room.f_frsize, "free": room.f_bavail * room.f_frsize}
            if one["total"]:
                found.setdefault(path.stat().st_dev, one)["parts"].append(name)
    return list(found.values())


def note_heard() -> None:
    """Add the calls that ended since the last look to this minute. A count that began anew counts from nothing."""
    counter = services.calls_heard()
    if counter is None:
        return
    minute = int(clock.now().timestamp() // 60)
    last = HeardMinute.objects.order_by("-minute").first()
    since = last is not None and minute - 1 <= last.minute <= minute  # else a gap: what ended in it has no minute
    more = (counter - last.counter if counter >= last.counter else counter) if last and since else 0
    row, _ = HeardMinute.objects.get_or_create(minute=minute, defaults={"counter": counter})
    row.calls, row.counter = row.calls + more, counter
    row.save()
    HeardMinute.objects.filter(minute__lt=minute - HOUR).delete()


def say_alive() -> None:
    """The active worker's word, for the check below."""
    (settings.APRESA.run / ALIVE).touch()


@services.register("node-worker")
def node_worker() -> Finding:
    last = Observation.objects.first()
    age = (clock.now() - last.at).total_seconds() if last else None
    if age is not None and age <= STALE_AFTER:
        return Finding(ok=True, sentence=LOOKS)
    said = f"{age:.0f} seconds ago" if age is not None else "never yet"
    return Finding(ok=False, sentence=f"The worker last looked at the cluster {said}.")


class ActiveWorker:
    """A machine that has just become active waits for its worker's first word as long as for any other."""

    def __init__(self) -> None:
        self._since: float | None = None

    def check(self) -> Finding:
        now = clock.monotonic()
        self._since = (self._since or now) if is_active() else None
        if self._since is None:
            return Finding(ok=True, sentence="This machine is not active, so it needs no active worker.")
        try:
            age = max(0.0, clock.now().timestamp() - (settings.APRESA.run / ALIVE).stat().st_mtime)
        except FileNotFoundError:
            age = math.inf
        said = f"{age:.0f} seconds ago" if math.isfinite(age) else "never yet"
        return Finding(min(age, now - self._since) <= ALIVE_FOR, f"The active worker was last heard {said}.")


services.register("active-worker")(ActiveWorker().check)


@services.register("web")
def web() -> Finding:
    if settings.APRESA.mode == "embedded":
        return Finding(ok=True, sentence="The pages are looked after by the program that started them.")
    connection = http.client.HTTPConnection(*WEB, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz", headers={"Host": settings.HOST_NAMES[0]})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return Finding(ok=False, sentence=f"Port {WEB[1]} does not answer: {error}.")
    finally:
        connection.close()
    return Finding(ok=status == 200, sentence=f"Port {WEB[1]} answers with {status}.")

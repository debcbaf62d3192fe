"""What a set-up does itself, without root: recordings and database move, the library gives way, the role is kept."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from apresa.audit import domain as audit
from apresa.env import PROJECT
from apresa.node.domain import become, identity, know_library
from apresa.node.models import Role
from cluster.act import ActFailed, run_one
from cluster.commands import Command
from cluster.domain import setup_witness
from cluster.domain.setup_looking import KEPT, library_aside, volume
from cluster.findings import finding
from cluster.pairing.domain import store
from cluster.pairing.store import LIBRARY
from cluster.setup import orders
from cluster.setup.copying import CopyError, mirror

if TYPE_CHECKING:
    from cluster.domain.setup_doing import Run

FULL = {
    "APRESA_MODE": "full",
    "APRESA_DATABASE_HOST": "/var/run/postgresql",
    "APRESA_DATABASE_NAME": "apresa",
    "APRESA_DATABASE_USER": "apresa",
    "APRESA_REDIS_URL": "redis://127.0.0.1:6379/0",
}
PATIENCE = 60.0  # seconds until this process is asked to end
TELL_EVERY = 2.0
_holding: list["subprocess.Popen[str]"] = []  # what outlives this process


def switch(name: str, run: "Run", width: int, stopping: Callable[[], bool]) -> None:
    """The lone machine's service ends. On the primary its database is held, moved and compared before that, and stays
    held, so that nothing is written that would stay behind; meanwhile calls wait in the spool. Raises ActFailed."""
    if name != "move":
        _restart(orders.SWITCH_BACK if name == "return" else orders.switch(run.one), run, stopping)
        return
    with _mover() as mover:
        _hear(mover, run, width, "locked")
        _copy(run, 0)  # what was stored since the first copy
        _write(mover)
        moved = _hear(mover, run, width, "moved")
        run.keep("move_database", 0, f"{moved['rows']} rows, compared: {moved['digest']}")
        _restart(orders.switch(run.one), run, stopping)


def _restart(order: Command, run: "Run", stopping: Callable[[], bool]) -> None:
    run_one(order, run, run.tell)
    end = time.monotonic() + PATIENCE
    while not stopping():
        if time.monotonic() > end:
            raise ActFailed(finding("not-stopped"))
        run.tell()
        time.sleep(0.1)


@contextmanager
def _mover() -> Iterator["subprocess.Popen[str]"]:
    """A process of the node to come. It outlives this one, which ends first, and holds the old database to the last
    moment: only systemd, when the lone machine's service is gone, ends it."""
    argv = [sys.executable, "manage.py", "move_database", str(settings.APRESA.default_database)]
    environment = {**os.environ, **FULL, "APRESA_DATA": str(settings.APRESA.data)}
    process = subprocess.Popen(
        argv,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _holding.append(process)
    try:
        yield process
    except BaseException:
        _holding.remove(process)
        process.kill()
        process.wait()
        raise
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError):  # with words in it for one that is gone
                if pipe:
                    pipe.close()


def _write(mover: "subprocess.Popen[str]") -> None:
    with suppress(OSError):  # one that is gone is told of by what it said last
        if mover.stdin:
            mover.stdin.write("go\n")
            mover.stdin.flush()


def _hear(mover: "subprocess.Popen[str]", run: "Run", width: int, wanted: str) -> dict[str, Any]:
    """What it says until that word. Raises ActFailed with its own sentence where it ends before."""
    parts = [0.0]
    while (line := _line(mover, lambda: run.tell(parts[-1], width))) is not None:
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:
            continue
        if said.get("state") == wanted:
            return said
        if said.get("state") == "moving":
            parts.append(said["done"] / max(1, said["whole"]))
    mover.wait()
    detail = mover.stderr.read().strip().splitlines()[-1:] if mover.stderr else []
    raise ActFailed(finding("move-failed", detail=" ".join(detail)[-300:] or "It said nothing."))


def _line(mover: "subprocess.Popen[str]", alive: Callable[[], None]) -> str | None:
    """Its next one; None when it has ended. While it thinks, `alive` is called every few seconds."""
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(mover.stdout.readline if mover.stdout else str)
        while True:
            try:
                return reading.result(timeout=TELL_EVERY) or None
            except NotYet:
                alive()


def _copy(run: "Run", width: int) -> None:
    told = 0.0

    def tell(done: int, whole: int) -> None:
        nonlocal told
        if time.monotonic() > told + TELL_EVERY:
            told = time.monotonic()
            run.tell(done / max(1, whole), width)

    try:
        copied = mirror(settings.APRESA.library, volume(), tell)
    except CopyError as error:
        raise ActFailed(finding("library-incomplete", detail=str(error))) from None
    run.keep(f"copy {settings.APRESA.library} {volume()}", 0, f"{copied} files copied and compared")


def _aside(run: "Run", _width: int) -> None:
    """The lone machine's files are kept until somebody removes them. The library is last: its place says "done"."""
    _keep_database(settings.APRESA.default_database)
    if run.one.role == "secondary":
        _become(run)  # before its database can come up: it never was the active one
    library: Path = settings.APRESA.library
    library.mkdir(mode=0o750, exist_ok=True)
    library.rename(library_aside())
    library.mkdir(mode=0o750)
    run.keep(f"mv {library} {library_aside()}", 0, "")


def _keep_database(old: Path) -> None:
    if not old.exists():
        return
    with suppress(sqlite3.Error):  # whole by itself, without its journal
        connection = sqlite3.connect(old)
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("pragma journal_mode=delete")
        connection.close()
    kept = old.with_name(KEPT)
    old.rename(kept)
    kept.chmod(0o400)


def _finish(run: "Run", _width: int) -> None:
    """The primary is one by its first activation; here it learns the rest."""
    _become(run)
    audit.record(run.job.owner, "cluster-setup-done", run.one.role, job=str(run.job.pk), node=identity().name)


def _become(run: "Run") -> None:
    """From now on this machine knows itself as a node."""
    own = run.one.own
    role = Role.PRIMARY if run.one.role == "primary" else Role.SECONDARY
    if role == Role.SECONDARY:
        _know_library()
    become(role, str(own.address.ip), own.address.network.prefixlen, str(run.one.plan.floating))


def _know_library() -> None:
    """As the primary told it with the pairing. Raises ActFailed."""
    try:
        know_library(store().read(LIBRARY).decode("ascii").strip())
    except (OSError, ValueError):
        raise ActFailed(finding("pairing-incomplete", detail="The primary did not name its library.")) from None


WORKS: Mapping[str, Callable[["Run", int], None]] = {
    "library": _copy,
    "aside": _aside,
    "finish": _finish,
    "witness": setup_witness.add,
}

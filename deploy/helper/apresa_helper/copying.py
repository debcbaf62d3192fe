"""The database anew from the other node: copied beside the old one, checked, and only then put in its place.

A copy is named by a key, so that a step that is asked for twice knows what it has done.
"""

import fcntl
import os
import re
import shutil
from pathlib import Path

from apresa_helper.keeping import PREFIX, forget_read, kept_as
from apresa_helper.machine import BIN, DATA, Failed, as_postgres, owner, server_runs, sync
from apresa_helper.questions import CONNECTION
from apresa_helper.values import Refused

NEW = DATA.with_name("main.new")
MARK = ".apresa-copy"
LOCK = Path("/run/apresa-copy.lock")
DAY = 86_000.0
SYSTEM = re.compile(r"^Database system identifier:\s+(\d+)$", re.MULTILINE)
BACKUP = (f"{BIN}/pg_basebackup", "-D", str(NEW), "-X", "stream", "-c", "fast", "--no-password")


def copy(address: str, key: str) -> str:
    """A whole copy of the other node's database in `main.new`; the old one is not touched."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of one whose asker has gone away
        if _mark(NEW) == key or _mark(DATA) == key:
            return "the copy is there already"
        if server_runs(NEW):
            raise Refused(f"A server runs on {NEW}: it is not touched.")
        _remove(NEW)
        _room()
        as_postgres(*BACKUP, "-d", CONNECTION.format(address=address).replace(" replication=true", ""), seconds=DAY)
        as_postgres(f"{BIN}/pg_verifybackup", "-q", str(NEW), seconds=DAY)
        _same_system()
        user = owner()
        (NEW / "standby.signal").touch(0o600)
        (NEW / MARK).write_text(key, encoding="ascii")
        for name in ("standby.signal", MARK):
            os.chown(NEW / name, user.pw_uid, user.pw_gid)
        as_postgres("/bin/sync", "-f", str(NEW))  # all of it is on the disk before the old one goes
        return "the database is copied and checked"


def swap(key: str, ticket: str) -> str:
    """The copy takes the place of the old database, which is kept as `main.before-TICKET`: until the next recovery
    where it has been read, else until root removes it."""
    if _mark(DATA) == key:
        return "the copy is in its place already"
    if _mark(NEW) != key:
        raise Refused("There is no whole copy of the other node's database: copy it first.")
    if server_runs(DATA):
        raise Refused("The server of this node runs: its files are not touched.")
    kept = kept_as(ticket)
    unread = forget_read(kept)
    if DATA.exists():
        _put_aside(kept)
    NEW.rename(DATA)
    sync(DATA.parent)
    more = f"; nobody has read {', '.join(unread)} yet" if unread else ""
    return f"the old database is kept in {kept}{more}"


def _put_aside(kept: Path) -> None:
    if not kept.exists():
        DATA.rename(kept)
    elif _mark(DATA) and (DATA / "standby.signal").exists():
        _remove(DATA)  # an earlier copy of this very recovery, which never took a write of its own
    else:
        raise Refused(f"{kept} is there already, and {DATA} is no copy made by this recovery: look at both.")
    sync(DATA.parent)


def _mark(data: Path) -> str:
    try:
        return (data / MARK).read_text(encoding="ascii")[:8]
    except (OSError, UnicodeDecodeError):
        return ""


def _remove(data: Path) -> None:
    if data.is_symlink():
        raise Refused(f"{data} is a link: it is not followed.")
    if data.exists():
        shutil.rmtree(data)


def _room() -> None:
    """The other database is about as large as this one was."""
    free = shutil.disk_usage(DATA.parent).free
    size = sum(path.lstat().st_size for path in DATA.rglob("*") if path.is_file()) if DATA.exists() else 0
    if free < size:
        kept = ", ".join(sorted(path.name for path in DATA.parent.glob(f"{PREFIX}*")))
        older = (
            f" Old databases are kept there: {kept}; docs/recovery.md says how to read and remove them." if kept else ""
        )
        raise Refused(f"A copy of the database needs some {size} bytes, and {free} are free on {DATA.parent}.{older}")


def _same_system() -> None:
    """Both are copies of one database; else somebody gave the address of another system."""
    if not (DATA / "global" / "pg_control").exists():
        return
    found = [SYSTEM.search(as_postgres(f"{BIN}/pg_controldata", str(data)).stdout) for data in (DATA, NEW)]
    if None in found:
        raise Failed("pg_controldata does not tell whose databases these are.")
    if len({match[1] for match in found if match}) != 1:
        raise Refused("The other node's database is not a copy of this one's: nothing is replaced.")

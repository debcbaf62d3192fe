"""The old database of a recovery, started for a moment to be read: on a socket of its own, for nobody but this machine.

It takes no writes of people or programs; what it lacks to be consistent it finds in its own log.
"""

import os
import shutil
from pathlib import Path

from apresa_helper.machine import BIN, DATA, Failed, as_postgres, owner, run, server_runs, sync
from apresa_helper.values import Refused

PREFIX = "main.before-"
READ = ".apresa-read"
SOCKETS = Path("/run/apresa-kept")
CONFIGURATION = "/etc/postgresql/15/main/postgresql.conf"
LOG = "/var/log/postgresql/postgresql-15-kept.log"
# Whatever the cluster's configuration says: it follows nobody, sends nothing, and is read only.
SETTINGS = (
    "listen_addresses=",
    f"unix_socket_directories={SOCKETS}",
    "external_pid_file=",
    "default_transaction_read_only=on",
    "primary_conninfo=",
    "primary_slot_name=",
    "restore_command=",
    "recovery_target_timeline=current",  # a history that came from the other node is not this one's
    "synchronous_standby_names=",
    "archive_mode=off",
    "autovacuum=off",
    "shared_buffers=32MB",  # beside the node's own server
    "restart_after_crash=off",
)


def kept_as(ticket: str) -> Path:
    """Where the old files of a recovery are."""
    return DATA.with_name(f"{PREFIX}{ticket}")


def mark_read(ticket: str) -> str:
    """What it alone knew is handed over: the next recovery may remove it."""
    data = kept_as(ticket)
    if not (data / "PG_VERSION").is_file():
        return "there is no old database"
    (data / READ).touch(0o600)
    sync(data)
    return "the old database has been read"


def remove_kept(ticket: str) -> str:
    """For root, who has looked himself; an unread one goes no other way."""
    data = kept_as(ticket)
    close_kept(ticket)
    if data.is_symlink():
        raise Refused(f"{data} is a link: it is not followed.")
    if data.exists():
        shutil.rmtree(data)
    return "the old database is removed"


def forget_read(but: Path) -> list[str]:
    """Remove what earlier recoveries left, save what nobody has read; those are named."""
    unread = []
    for other in sorted(but.parent.glob(f"{PREFIX}*")):
        if other == but:
            continue
        if (other / READ).exists():
            remove_kept(other.name.removeprefix(PREFIX))
        else:
            unread.append(other.name)
    return unread


def open_kept(ticket: str) -> str:
    """Start a server on the old files, in a unit of its own: it must outlive this program, and its sandbox."""
    data = kept_as(ticket)
    if not (data / "PG_VERSION").is_file():
        raise Refused(f"There is no old database {data}.")
    if server_runs(data):
        return "the old database can be read already"
    user = owner()
    SOCKETS.mkdir(mode=0o755, exist_ok=True)
    SOCKETS.chmod(0o755)
    os.chown(SOCKETS, user.pw_uid, user.pw_gid)
    options = " ".join(f"-c {one}" for one in (f"config_file={CONFIGURATION}", f"data_directory={data}", *SETTINGS))
    unit = ("/usr/bin/systemd-run", "--quiet", "--collect", "--unit=apresa-kept", "--property=Type=forking")
    command = (f"{BIN}/pg_ctl", "-D", str(data), "-w", "-s", "-t", "150", "-l", LOG, "start", "-o", options)
    run(*unit, "--property=User=postgres", *command, seconds=170.0)
    return "the old database can be read"


def close_kept(ticket: str) -> str:
    data = kept_as(ticket)
    if not server_runs(data):
        return "the old database is closed already"
    stopping = ("-D", str(data), "-s", "-w", "stop", "-m")
    if as_postgres(f"{BIN}/pg_ctl", *stopping, "fast", "-t", "60", check=False).returncode:
        as_postgres(f"{BIN}/pg_ctl", *stopping, "immediate", "-t", "30", check=False)
    if server_runs(data):
        raise Failed("The server of the old database does not stop.")
    return "the old database is closed"

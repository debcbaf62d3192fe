"""Steps of a recovery, and one of a witness: each looks before it acts, and is without effect where it is done already.

`python3 -I -S deploy/helper recover STEP …`, as root. Exit codes: 0 done, 3 refused with one sentence, 1 failed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from apresa_helper import copying, keeping, rejoining, witness
from apresa_helper.machine import BIN, DATA, Failed, as_postgres, owner, query, run, server_runs, sync
from apresa_helper.questions import RECOVERING
from apresa_helper.values import Refused

AGENT_FILES = Path("/var/lib/pgsql/tmp")
CONFIGURATION = "/etc/postgresql/15/main/postgresql.conf"
LOG = "/var/log/postgresql/postgresql-15-main.log"
ROLE = re.compile(r"Secondary(/\w+)?\s*", re.ASCII)


def main(arguments: list[str]) -> int:
    step, *given = [*arguments, ""]
    given = given[:-1]
    try:
        if step not in STEPS or len(given) != STEPS[step][1]:
            raise Refused(f"The steps are: {', '.join(sorted(STEPS))}.")
        sys.stdout.write(f"{STEPS[step][0](*given)}\n")
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 3
    except (Failed, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def stop() -> str:
    """Stop the server of this node; never one that the other node follows."""
    if not server_runs(DATA):
        return "the server is stopped already"
    followers = query("select count(*) from pg_stat_replication where state = 'streaming' and not pg_is_in_recovery()")
    if followers not in {"0", ""}:
        raise Refused("The other node follows this database: it is the active one, and is not stopped here.")
    stopping = ("-D", str(DATA), "-s", "-w", "stop", "-m")
    if as_postgres(f"{BIN}/pg_ctl", *stopping, "fast", "-t", "60", check=False).returncode:
        as_postgres(f"{BIN}/pg_ctl", *stopping, "immediate", "-t", "30", check=False)
    if server_runs(DATA):
        raise Failed("The server does not stop.")
    return "the server is stopped"


def marks() -> str:
    """What the agent leaves behind where a primary did not end in order, and what its configuration includes.

    From here to the recovery's last step a mark of our own keeps the agent from promoting: it holds before Pacemaker
    has been told anything, and where the other node cannot be asked.
    """
    handle = os.open(AGENT_FILES / RECOVERING, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    os.close(handle)
    gone = [path.name for path in sorted(AGENT_FILES.glob("xlog_note.*"))]
    for name in (*gone, "PGSQL.lock"):
        (AGENT_FILES / name).unlink(missing_ok=True)
    user = owner()
    for name in ("rep_mode.conf", "recovery.conf"):
        handle = os.open(AGENT_FILES / name, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        os.fchown(handle, user.pw_uid, user.pw_gid)
        os.close(handle)
    sync(AGENT_FILES)
    return "the agent's marks are gone"


def promotable() -> str:
    """The last step: this node may become active again."""
    (AGENT_FILES / RECOVERING).unlink(missing_ok=True)
    sync(AGENT_FILES)
    return "this node may become active"


def first() -> str:
    """Where the cluster is started first: the mark of a primary that crashed would keep its database off."""
    if run("/bin/systemctl", "is-active", "pacemaker", check=False).stdout.strip() not in {"inactive", "failed"}:
        raise Refused("Pacemaker runs on this node: the mark is its agent's, and stays.")
    for name in ("PGSQL.lock", RECOVERING):
        (AGENT_FILES / name).unlink(missing_ok=True)
    sync(AGENT_FILES)
    return "the agent's mark is gone"


def primary() -> str:
    """The files of a standby become those of a primary. Only in maintenance mode, where nobody else starts them."""
    _in_maintenance()
    if server_runs(DATA):
        if query("select pg_is_in_recovery()") == "f":
            return "the server takes writes already"
        raise Refused("The server runs: stop it first.")
    if not (DATA / "PG_VERSION").exists():
        raise Refused(f"There is no database in {DATA}.")
    for path in (
        DATA / "standby.signal",
        DATA / "recovery.signal",
        AGENT_FILES / "PGSQL.lock",
        AGENT_FILES / RECOVERING,
    ):
        path.unlink(missing_ok=True)
    sync(DATA)
    sync(AGENT_FILES)
    return "the files are those of a primary"


def start() -> str:
    """Start the server in maintenance mode, in a unit of its own: it must outlive this program, and its sandbox."""
    _in_maintenance()
    if server_runs(DATA):
        return "the server runs already"
    unit = ("/usr/bin/systemd-run", "--quiet", "--collect", "--unit=apresa-database", "--property=Type=forking")
    command = (f"{BIN}/pg_ctl", "-D", str(DATA), "-w", "-s", "-t", "150", "-l", LOG, "start")
    run(*unit, "--property=User=postgres", *command, "-o", f"-c config_file={CONFIGURATION}", seconds=170.0)
    return "the server runs"


def discard() -> str:
    """This node's copy of the recordings gives way to the other one; never one that is in use (Primary)."""
    if not ROLE.fullmatch(run("/sbin/drbdadm", "role", "r0", check=False).stdout):
        raise Refused(
            "This node's copy of the recordings is in use (Primary), or nobody can tell: it is not discarded."
        )
    connection = run("/sbin/drbdadm", "cstate", "r0", check=False).stdout.strip()
    if connection == "Connected" or connection.startswith(("Sync", "PausedSync")):
        return "the copies are connected already"
    if connection != "StandAlone":  # while it waits, DRBD takes no new words for its connection
        run("/sbin/drbdadm", "disconnect", "r0")
    run("/sbin/drbdadm", "connect", "--discard-my-data", "r0")
    return "this copy gives way to the other one"


def _in_maintenance() -> None:
    argv = ("/usr/sbin/crm_attribute", "-t", "crm_config", "-n", "maintenance-mode", "-G", "-q")
    if run(*argv, check=False).stdout.strip() not in {"true", "on", "yes", "1"}:
        raise Refused("The cluster is not in maintenance mode: nothing is started beside it.")


STEPS: Mapping[str, tuple[Callable[..., str], int]] = {
    "copy": (copying.copy, 2),
    "discard": (discard, 0),
    "first": (first, 0),
    "kept-close": (keeping.close_kept, 1),
    "kept-open": (keeping.open_kept, 1),
    "kept-read": (keeping.mark_read, 1),
    "kept-remove": (keeping.remove_kept, 1),
    "marks": (marks, 0),
    "primary": (primary, 0),
    "promotable": (promotable, 0),
    "rejoin": (rejoining.rejoin, 4),
    "reach": (witness.reach, 1),
    "start": (start, 0),
    "stop": (stop, 0),
    "swap": (copying.swap, 2),
}

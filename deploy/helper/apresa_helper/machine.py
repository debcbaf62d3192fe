"""What the steps of a recovery share: programs run with a time limit, as root or as the database's own user."""

import os
import pwd
import subprocess
from pathlib import Path

from apresa_helper.commands import ENVIRONMENT

BIN = "/usr/lib/postgresql/15/bin"
DATA = Path("/database/db/main")


class Failed(Exception):
    """A program did not do what it should; the text is one sentence."""


def run(*argv: str, seconds: float = 60.0, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """Raises Failed with the program's last words where it says no."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env=ENVIRONMENT,
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{argv[0]} did not end within {seconds:g} seconds.") from None
    if check and done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise Failed(f"{argv[0]} ended with exit code {done.returncode}: {said[-1][:300] if said else 'nothing'}")
    return done


def as_postgres(*argv: str, seconds: float = 120.0, check: bool = True) -> "subprocess.CompletedProcess[str]":
    return run("/usr/sbin/runuser", "-u", "postgres", "--", *argv, seconds=seconds, check=check)


def query(text: str) -> str:
    """What the server of this node answers; "" where it does not."""
    return as_postgres(
        "/usr/bin/psql", "-X", "-w", "-A", "-t", "-d", "postgres", "-c", text, check=False
    ).stdout.strip()


def server_runs(data: Path) -> bool:
    """Whether a server runs on these files. Raises Failed where pg_ctl cannot tell."""
    if not data.exists():
        return False
    code = as_postgres(f"{BIN}/pg_ctl", "-D", str(data), "status", check=False).returncode
    if code not in {0, 3, 4}:  # 4: no data directory that a server could run on
        raise Failed(f"It cannot be told whether a server runs on {data}.")
    return code == 0


def owner() -> pwd.struct_passwd:
    return pwd.getpwnam("postgres")


def sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

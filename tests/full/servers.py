"""PostgreSQL and Redis of Debian's packages, started on private sockets in a temporary directory."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

BINARIES = Path("/usr/lib/postgresql/15/bin")
SETTINGS = """
listen_addresses = ''
fsync = off
wal_level = replica
max_wal_senders = 5
hot_standby = on
max_connections = 60
"""


@dataclass(frozen=True, slots=True)
class Postgres:
    """One PostgreSQL server; `port` names its socket in `sockets`."""

    folder: Path
    sockets: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://apresa@/apresa?host={self.sockets}&port={self.port}"

    def start(self) -> None:
        options = f"-k {self.sockets} -p {self.port}"
        _run(
            "pg_ctl", "-D", self.folder, "-w", "-t", "60", "-l", self.folder.with_suffix(".log"), "-o", options, "start"
        )

    def stop(self, mode: str = "fast") -> None:
        _run("pg_ctl", "-D", self.folder, "-w", "-t", "60", "-m", mode, "stop")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All of its processes stand still: it takes connections and answers nothing, like a hung machine."""
        first = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(first, signal.SIGSTOP)  # before its children are listed: it starts no more
        stopped = [first]
        try:
            children = subprocess.run(["pgrep", "-P", str(first)], capture_output=True, text=True, check=True).stdout
            for process in map(int, children.split()):
                with suppress(ProcessLookupError):  # one that had come to its end
                    os.kill(process, signal.SIGSTOP)
                    stopped.append(process)
            yield
        finally:
            for process in reversed(stopped):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def is_running(self) -> bool:
        return (self.folder / "postmaster.pid").exists()

    def execute(self, statement: str) -> str:
        """The answer of one statement, as text."""
        return _run("psql", *self._address(), "-d", "apresa", "-XAtqc", statement)

    def standby(self, folder: Path, port: int) -> "Postgres":
        """A streaming hot standby of this server, started."""
        _run("pg_basebackup", *self._address(), "-D", folder, "-R", "-X", "stream", "-c", "fast")
        made = Postgres(folder, self.sockets, port)
        made.start()
        return made

    def wait_for(self, standby: "Postgres") -> None:
        """Until the standby has replayed all that this server wrote."""
        target = self.execute("SELECT pg_current_wal_lsn()")
        deadline = time.monotonic() + 30
        while standby.execute(f"SELECT pg_last_wal_replay_lsn() >= '{target}'") != "t":
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.05)

    def _address(self) -> tuple[str, ...]:
        return ("-h", str(self.sockets), "-p", str(self.port), "-U", "apresa")


def start_primary(folder: Path, port: int = 5432) -> Postgres:
    """A new server with an empty database `apresa`, started. Skips the test where Debian's package is missing."""
    if not (BINARIES / "initdb").exists():
        pytest.skip("needs PostgreSQL 15: apt install postgresql-15")
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data = folder / "primary"
    _run("initdb", "-D", data, "-U", "apresa", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    with (data / "postgresql.conf").open("a") as file:
        file.write(SETTINGS)
    server = Postgres(data, folder, port)
    server.start()
    _run("createdb", "-h", folder, "-p", str(port), "-U", "apresa", "apresa")
    return server


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Redis on a Unix socket without TCP; its address. Skips the test where Debian's package is missing."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("needs Redis: apt install redis-server")
    socket = folder / "redis.sock"
    arguments = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 30
        while not socket.exists():
            assert time.monotonic() < deadline, "Redis does not start"
            time.sleep(0.02)
        try:
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(20)


def _run(program: str, *arguments: str | Path) -> str:
    command = [str(BINARIES / program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
    # A server that pg_ctl starts keeps its output open, so a pipe would never end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, cwd="/", check=False, timeout=120)
        output.seek(0)
        text = output.read().decode(errors="replace").strip()
    assert done.returncode == 0, f"{program}: {text}"
    return text

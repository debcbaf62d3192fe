"""Two paired machines and the link's server of the first as a process of its own."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster.link.client import Link, link_of
from cluster.pairing.store import Store
from tests.cluster.pairing.houses import HERE, Guest, House

PROJECT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Served:
    """The first machine's data and the port of its link; the other one's store."""

    data: Path
    port: int
    server: "subprocess.Popen[str]"
    first: Store
    second: Store

    def link(self, *addresses: str) -> Link:
        return link_of(self.second, addresses or (HERE,), self.port)


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("APRESA_")}
    return {**kept, "APRESA_DATA": str(data), "PYTHONUNBUFFERED": "1", "APRESA_LOG_FORMAT": "json"}


def manage(data: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env=environment(data),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def paired(folder: Path) -> tuple[House, Guest]:
    """Two stores that know each other, each in its own data directory."""
    house, guest = House(folder / "first" / "cluster"), Guest(folder / "second" / "cluster")
    with house.listening() as port:
        guest.join(house, port)
    return house, guest


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Served]:
    """`settings`: what the server's own settings have besides."""
    (folder / "first").mkdir()
    (folder / "second").mkdir()
    house, guest = paired(folder)
    data = folder / "first"
    manage(data, "migrate", "--database=node", "--verbosity=0")
    port = free_port()
    with listening(data, port, **settings) as server:
        yield Served(data, port, server, house.store, guest.store)


@contextmanager
def listening(data: Path, port: int, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """The server, once it has said that it listens."""
    with started(data, port, **settings) as server:
        assert said_next(server) == "The link listens"
        yield server


@contextmanager
def started(data: Path, port: int, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    server = subprocess.Popen(
        [sys.executable, "-m", "worker.link", f"--listen={HERE}", f"--port={port}"],
        cwd=PROJECT,
        env=environment(data) | {f"APRESA_{name.upper()}": value for name, value in settings.items()},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield server
    finally:
        server.terminate()
        server.communicate(timeout=60)


def said_next(server: "subprocess.Popen[str]") -> str:
    assert server.stderr is not None
    line = server.stderr.readline()
    return str(json.loads(line)["event"])


def free_port() -> int:
    with socket.create_server((HERE, 0)) as free:
        return int(free.getsockname()[1])

"""A node of full mode: its own data directory, `manage.py`, and its web server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.full.browser import Browser

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Node:
    """One machine, as its environment says."""

    data: Path
    database_url: str
    redis_url: str

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "APRESA_MODE": "full",
            "APRESA_DATA": str(self.data),
            "APRESA_DATABASE_URL": self.database_url,
            "APRESA_REDIS_URL": self.redis_url,
            "APRESA_SECRET_KEY": "a key of the tests that both nodes of a cluster share",
            "DJANGO_SETTINGS_MODULE": "apresa.settings",
        }

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run one command of manage.py; its output."""
        done = subprocess.run(
            [sys.executable, str(PROJECT / "manage.py"), *arguments],
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def web(self) -> Iterator[Browser]:
        """The web server, answering, and a browser that has not signed in."""
        port = _free_port()
        arguments = ["-m", "uvicorn", "apresa.asgi:application", "--port", str(port), "--log-level", "warning"]
        log = self.data.with_suffix(".web.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments], env=self.environment(), cwd=PROJECT, stdout=output, stderr=output
            )
        try:
            _wait_until_it_answers(process, port, log)
            yield Browser(port)
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the web server does not start: {log.read_text()}")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])

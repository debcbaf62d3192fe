"""The node of a demonstration: start it, make its user, ask its API, stop it."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from worker.run.privileges import ServiceUser, run_as

PROJECT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
Found = TypeVar("Found")


class DemoError(RuntimeError):
    """The demonstration cannot go on; the text says why."""


def wait_for(what: str, ask: Callable[[], Found | None], seconds: float = PATIENCE) -> Found:
    """Ask until there is an answer. Raises DemoError."""
    limit = time.monotonic() + seconds
    while (found := ask()) is None:
        if time.monotonic() > limit:
            raise DemoError(f"{what} did not come within {seconds:.0f} s.")
        time.sleep(0.1)
    return found


class Node:
    """One embedded node on its own data directory, as `manage.py run` makes it."""

    def __init__(self, data: Path, user: ServiceUser | None) -> None:
        self.data = data
        self.user = user
        self.log = data / "demo.log"
        self.address = ""
        self.token = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, interface: str, port: int) -> None:
        """Start the node and wait until it is ready; again after a kill, too. Raises DemoError."""
        self.data.mkdir(mode=0o750, parents=True, exist_ok=True)
        command = [sys.executable, "manage.py", "run", "--port", str(port), "--interface", interface]
        command += ["--user", self.user.name] if self.user else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**os.environ, "APRESA_DATA": str(self.data)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.address = wait_for("the supervisor", self._published)
        wait_for("the web", self._ready)

    def wait_for_capture(self) -> None:
        """Wait until the recording component hears. Raises DemoError."""
        wait_for("the recording component", self._hears, 20)

    def manage(self, *words: str, given: str = "") -> str:
        """Run one management command as the node's user. Raises DemoError."""
        command = [sys.executable, "manage.py", *words]
        done = run_as(self.user, command, cwd=PROJECT, timeout=300, data=self.data, words=given)
        if done.returncode:
            raise DemoError(f"manage.py {' '.join(words[:2])} failed: {done.stderr.strip()[-1000:]}")
        return done.stdout.strip()

    def make_user(self, name: str) -> str:
        """Make the user, or give it a new password if it is there from an earlier time; the password comes back."""
        password = secrets.token_urlsafe(12)
        try:
            self.manage("user", "add", name, "--role", "administrator", "--password-stdin", given=f"{password}\n")
        except DemoError:
            self.manage("user", "password", name, "--password-stdin", given=f"{password}\n")
        self.token = self.manage("user", "token", name, "--token-name", "demonstration")
        return password

    def get(self, path: str) -> bytes:
        """GET from the REST API with our token. Raises urllib.error.URLError, also for a refusal."""
        request = urllib.request.Request(f"{self.address}{path}")  # noqa: S310 -- the address is our own node's
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- as above
            content: bytes = answer.read()
        return content

    def calls(self) -> list[dict[str, Any]]:
        """The newest calls, or none while the API cannot answer."""
        try:
            found = json.loads(self.get("/api/v1/calls/"))
        except urllib.error.URLError:
            return []
        listed: list[dict[str, Any]] = found["results"]
        return listed

    def programs(self) -> dict[str, int]:
        """The process ids of the programs that run now, by name."""
        facts = json.loads((self.data / "run" / "run.json").read_text(encoding="utf-8"))
        return {name: program["pid"] for name, program in facts["programs"].items() if program["pid"]}

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:])

    def kill(self) -> None:
        """As a crash would: nothing is told to anyone."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def wait(self) -> None:
        if self._process:
            self._process.wait()

    def stop(self) -> None:
        """End the node politely; it ends its programs."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _published(self) -> str | None:
        self._gone()
        try:
            facts = json.loads((self.data / "run" / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        ours = self._process is not None and facts["pid"] == self._process.pid
        return str(facts["address"]) if ours else None

    def _ready(self) -> bool | None:
        self._gone()
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:  # noqa: S310 -- our own node
                return True if answer.status == 200 else None
        except OSError:
            return None

    def _hears(self) -> bool | None:
        self._gone()
        status = self.data / "spool" / "live" / "status.json"
        try:
            fresh = time.time() - status.stat().st_mtime < 5
        except FileNotFoundError:
            return None
        return True if fresh else None

    def _gone(self) -> None:
        if self._process and self._process.poll() is not None:
            raise DemoError("manage.py run ended; its last words stand above.")

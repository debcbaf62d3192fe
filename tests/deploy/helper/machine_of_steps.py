"""One node of a recovery for the helper's steps: its files are real, its programs answer what a test says."""

import os
import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from apresa_helper import copying, keeping, steps

KEY, TICKET = "0123abcd", "4567cdef"


class Machine:
    """The programs of one node. `says`: what a program's words are answered with; `servers`: the files in use."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = root / "main"
        self.agent = root / "agent"
        self.sockets = root / "sockets"
        self.done: list[str] = []
        self.says: dict[str, str] = {}
        self.servers: set[Path] = set()
        self.does: dict[str, Callable[[tuple[str, ...]], None]] = {}
        self.data.mkdir()
        self.agent.mkdir()
        me = pwd.getpwuid(os.getuid())
        for module in (copying, keeping, steps):
            for name, value in {
                "DATA": self.data,
                "NEW": root / "main.new",
                "AGENT_FILES": self.agent,
                "SOCKETS": self.sockets,
                "LOCK": root / "lock",
                "run": self.run,
                "as_postgres": self.run,
                "server_runs": lambda data: data in self.servers,
                "query": lambda _text: self.says.get("query", ""),
                "owner": lambda: me,
            }.items():
                if hasattr(module, name):
                    monkeypatch.setattr(module, name, value)
        for name in ("PG_VERSION", "global/pg_control"):
            path = self.data / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("15\n")

    def run(self, *argv: str, **_limits: object) -> "subprocess.CompletedProcess[str]":
        line = " ".join(argv)
        self.done.append(line)
        for words, act in self.does.items():
            if words in line:
                act(argv)
        said = next((answer for words, answer in self.says.items() if words in line), "")
        return subprocess.CompletedProcess(argv, 0, said, "")


def a_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine(tmp_path, monkeypatch)
    found.says["pg_controldata"] = "Database system identifier:           77\n"

    def copied(_argv: tuple[str, ...]) -> None:
        new = tmp_path / "main.new"
        new.mkdir()
        (new / "PG_VERSION").write_text("15\n")

    found.does["pg_basebackup"] = copied
    return found


def stops(node: Machine) -> None:
    node.does["stop -m fast"] = lambda _argv: node.servers.clear()


def old(node: Machine, ticket: str = TICKET) -> Path:
    path = node.data.with_name(f"main.before-{ticket}")
    path.mkdir()
    (path / "PG_VERSION").write_text("15\n")
    return path

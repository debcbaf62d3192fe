"""Children are started again, end politely, and get nothing that they need not have."""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.samples.cable import wait_for
from worker.sniffer import privileges
from worker.sniffer.children import Child


def child(answer: Path, *words: str, held: bool = False) -> Child:
    made = Child("test", "tests.samples.child_process", held=held)
    made.arguments = [str(answer), *words]
    return made


def said(answer: Path) -> Any:
    wait_for(lambda: answer.exists() and answer.stat().st_size > 0)
    return json.loads(answer.read_text())


def test_a_child_gets_no_secret_of_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRESA_SECRET_KEY", "hush")
    monkeypatch.setenv("TZ", "UTC")
    one = child(tmp_path / "answer", "wait")
    one.start()
    found = set(said(tmp_path / "answer")["environment"])
    one.end(10)
    assert "TZ" in found
    assert "APRESA_SECRET_KEY" not in found


def test_a_killed_child_is_started_again_at_once(tmp_path: Path) -> None:
    one = child(tmp_path / "answer", "wait")
    one.start()
    first = said(tmp_path / "answer")["pid"]
    (tmp_path / "answer").unlink()
    os.kill(first, signal.SIGKILL)
    wait_for(one.poll)
    assert (one.restarts, one.last_exit, one.pid) == (1, -9, 0)
    one.poll()
    assert said(tmp_path / "answer")["pid"] == one.pid != first
    one.end(10)


def test_a_child_that_dies_at_once_is_started_later_and_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, now, starts = child(tmp_path / "answer"), 1000.0, []
    monkeypatch.setattr("worker.sniffer.children.time.monotonic", lambda: now)
    monkeypatch.setattr(one, "start", lambda: starts.append(round(now, 1)))
    for _ in range(6):
        one._process = _Dead()  # type: ignore[assignment]
        one._started = now
        assert one.poll()
        while not one.poll() and len(starts) < one.restarts:
            now += 0.1
    delays = [round(later - earlier, 1) for earlier, later in zip([1000.0, *starts], starts, strict=False)]
    assert delays == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6]


class _Dead:
    returncode = 1

    def poll(self) -> int:
        return 1


def test_a_held_child_ends_only_after_it_began(tmp_path: Path) -> None:
    one = child(tmp_path / "answer", "wait", held=True)
    one.start()
    one.end(10)
    assert said(tmp_path / "answer")["held"] is True


def test_systemd_is_told_when_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    privileges.notify("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        privileges.notify("READY=1")
        assert listener.recv(100) == b"READY=1"
    privileges.notify("WATCHDOG=1")

"""`manage.py run` as a whole, started as root if we are root."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.demo.check import family, user_ids
from worker.demo.node import PROJECT, Node, wait_for
from worker.demo.place import ready_user
from worker.run.embedded import Prepared, why_no_capture

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A running node; tmp_path of pytest is closed to the service user, so its data lie elsewhere."""
    data = Path(tempfile.mkdtemp(prefix="apresa-embedded-", dir="/var/tmp"))
    user = ready_user()
    if user:
        os.chown(data, user.uid, user.gid)
    made = Node(data, user)
    try:
        made.start("lo", 0)
        yield made
    finally:
        made.stop()
        shutil.rmtree(data, ignore_errors=True)


def run_again(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "APRESA_DATA": str(data)}
    command = [sys.executable, "manage.py", "run", *words]
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def capabilities(pid: int) -> int:
    """What a process may do here. In a user namespace of its own (the renderer's) it may do nothing to others."""
    if os.readlink(f"/proc/{pid}/ns/user") != os.readlink("/proc/self/ns/user"):
        return 0
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("CapEff:")), 16)


def test_a_second_run_on_the_same_data_is_refused_with_one_sentence(node: Node) -> None:
    done = run_again(node.data, "--port", "0")
    assert (done.returncode, done.stderr) == (
        1,
        f"CommandError: Apresa already runs on {node.data}; stop it, or set another directory in APRESA_DATA.\n",
    )


def test_a_web_that_was_killed_refuses_nobody(node: Node) -> None:
    os.kill(node.programs()["web"], signal.SIGKILL)
    with urllib.request.urlopen(f"{node.address}/healthz", timeout=30) as answer:
        assert json.loads(answer.read()) == {"ok": True}


def test_a_worker_that_was_killed_comes_back(node: Node) -> None:
    first = node.programs()["worker"]
    os.kill(first, signal.SIGKILL)

    def again() -> int | None:
        pid = node.programs().get("worker")
        return pid if pid != first else None

    assert wait_for("another worker", again, 30) != first


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
def test_no_program_but_the_holder_keeps_any_right(node: Node) -> None:
    assert node.user
    node.wait_for_capture()
    programs = node.programs()
    holder = programs["recording"]
    others = [member for pid in programs.values() for member in family(pid) if member != holder]
    assert (user_ids(holder), capabilities(holder)) == ({node.user.uid}, 1 << 13)  # CAP_NET_RAW alone
    assert len(others) >= 4  # sniffer, signalling, worker, web
    assert [(user_ids(pid), capabilities(pid)) for pid in others] == [({node.user.uid}, 0)] * len(others)


def test_the_recording_component_is_restarted_from_the_shell_and_heard_again(node: Node) -> None:
    node.wait_for_capture()
    before = node.programs()
    command = [sys.executable, "manage.py", "recorder_restart", "--yes"]
    environment = {**os.environ, "APRESA_DATA": str(node.data)}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["Done."]), done.stderr
    after = node.programs()
    # Not of the worker, which another test has just killed and which may still be on its way up.
    assert (after["recording"] != before["recording"], after["web"]) == (True, before["web"])


def test_a_missing_interface_stops_neither_worker_nor_web(tmp_path: Path) -> None:
    data = Path(tempfile.mkdtemp(prefix="apresa-embedded-", dir="/var/tmp"))
    user = ready_user()
    if user:
        os.chown(data, user.uid, user.gid)
    other = Node(data, user)
    try:
        other.start("no-such-interface", 0)
        wait_for("the reason", lambda: "no-such-interface" in other.last_words() or None, 20)
        assert set(other.programs()) >= {"worker", "web"}
    finally:
        other.stop()
        shutil.rmtree(data, ignore_errors=True)


@pytest.mark.parametrize(
    ("prepared", "words"),
    [
        (
            Prepared("n1", (), ("192.0.2.5:9060",), ("192.0.2.7",)),
            ("--hep", "192.0.2.5:9060", "--hep-source", "192.0.2.7"),
        ),
        (Prepared("n1", (), (), ("192.0.2.7",)), ()),
    ],
)
def test_the_recorder_is_told_of_agents_where_it_is_to_listen(prepared: Prepared, words: tuple[str, ...]) -> None:
    assert prepared.listening == words
    assert (why_no_capture((), prepared.hep) == "") is bool(words)

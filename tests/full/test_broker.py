"""The doorbell: a worker answers through either broker, and a broker that is gone stops nobody."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.full.nodes import PROJECT
from tests.full.servers import redis_server

pytestmark = pytest.mark.full
NOWHERE = "postgresql:///none?host=/nowhere"


def environment(data: Path, redis_url: str = "") -> dict[str, str]:
    full = {"APRESA_MODE": "full", "APRESA_REDIS_URL": redis_url, "APRESA_DATABASE_URL": NOWHERE}
    return {"PATH": os.environ["PATH"], "APRESA_DATA": str(data), **(full if redis_url else {})}


def run(variables: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=variables, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60)


def assert_worker_answers(variables: dict[str, str], data: Path) -> None:
    assert run(variables, "manage.py", "migrate", "-v0", "--database", "node").returncode == 0
    for folder in ("broker", "control"):
        (data / "run" / folder).mkdir(parents=True, exist_ok=True)
    arguments = ["-m", "celery", "-A", "apresa", "worker", "-P", "threads", "-c", "1", "-Q", "node,active"]
    with (data / "worker.log").open("wb") as log:
        worker = subprocess.Popen([sys.executable, *arguments], env=variables, cwd=PROJECT, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while run(variables, "-m", "celery", "-A", "apresa", "inspect", "ping", "-t", "2").returncode != 0:
            assert worker.poll() is None, (data / "worker.log").read_text()
            assert time.monotonic() < deadline, (data / "worker.log").read_text()
    finally:
        worker.terminate()
        worker.wait(30)


def test_worker_answers_through_files(tmp_path: Path) -> None:
    assert_worker_answers(environment(tmp_path), tmp_path)


def test_worker_answers_through_redis(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="apresa-redis-") as folder, redis_server(Path(folder)) as url:
        assert_worker_answers(environment(tmp_path, url), tmp_path)


def test_ring_without_redis_costs_little_time_and_no_error(tmp_path: Path) -> None:
    begun = time.monotonic()
    program = "from apresa.celery import ring; ring('worker.tasks.settle.settle', queue='active')"
    done = run(environment(tmp_path, f"unix://{tmp_path}/none.sock"), "-c", program)
    assert (done.returncode, time.monotonic() - begun < 15) == (0, True), done.stderr
    assert "The broker took no message" in done.stdout + done.stderr

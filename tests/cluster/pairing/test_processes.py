"""Pairing as two people do it: two data directories, two commands, and a code that is carried from one to the other."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
pytestmark = pytest.mark.embedded


def words(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]


def around(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("APRESA_")}
    return {**kept, "APRESA_DATA": str(data), "DJANGO_SETTINGS_MODULE": "apresa.settings", "PYTHONUNBUFFERED": "1"}


def manage(data: Path, *arguments: str, typed: str = "") -> str:
    done = subprocess.run(
        words(*arguments),
        cwd=PROJECT,
        env=around(data),
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_two_machines_are_paired_by_two_commands(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for data, name in ((first, "myrec1"), (second, "myrec2")):
        manage(data, "migrate", "--database=node", "--verbosity=0")
        manage(data, "node", f"--name={name}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = f"--port={free.getsockname()[1]}"
    offer = subprocess.Popen(
        words("cluster_pair", port, "offer", "--listen=127.0.0.1"),
        cwd=PROJECT,
        env=around(first),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert offer.stdout is not None
        code = offer.stdout.readline().removeprefix("Pairing code: ")
        joined = manage(second, "cluster_pair", port, "join", "127.0.0.1", typed=code)
        told = offer.communicate(timeout=120)[0]
    finally:
        offer.kill()
        offer.wait()
    assert joined.startswith("Paired with myrec1.")
    assert (told.splitlines()[-1], offer.returncode) == ("Paired with 'myrec2' at 127.0.0.1.", 0)
    assert (first / "secret_key").read_bytes() == (second / "secret_key").read_bytes()
    assert manage(first, "cluster_pair", "show").startswith("myrec2 127.0.0.1 ")

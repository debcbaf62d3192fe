"""The script that Pacemaker's unit asks before each start, with programs that say what the test wants."""

import configparser
import os
import subprocess
import time
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
GUARD = DEPLOY / "pacemaker" / "start-guard"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "guard").mkdir()
    (tmp_path / "home").mkdir()
    programs = {
        "systemctl": 'case $1 in show) echo "$CRASHES" ;; *) echo "$*" >>"$ASKED.stop" ;; esac',
        "runuser": 'echo "asked: $*" >>"$ASKED"; echo "The database was the active one."; exit "$ANSWER"',
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def start(place: Path, answer: int, crashes: str = "0", home: str = "home") -> tuple[int, str, bool]:
    """Exit code, what is said, and whether Apresa was asked."""
    environment = {
        "PATH": f"{place}:{os.environ['PATH']}",
        "APRESA_HOME": str(place / home),
        "APRESA_GUARD": str(place / "guard"),
        "ANSWER": str(answer),
        "CRASHES": crashes,
        "ASKED": str(place / "asked"),
    }
    done = subprocess.run([GUARD], env=environment, capture_output=True, text=True, timeout=20, check=False)
    return done.returncode, done.stderr, (place / "asked").exists()


def test_what_apresa_allows_starts(place: Path) -> None:
    assert start(place, 0)[::2] == (0, True)
    command = "asked: -u apresa -- .venv/bin/python manage.py cluster_join --check\n"
    assert (place / "asked").read_text() == command


def test_what_apresa_refuses_does_not_and_is_told_why_and_what_to_do(place: Path) -> None:
    code, said, _ = start(place, 4)
    assert code == 1
    assert said.splitlines()[:2] == [
        "The database was the active one.",
        "Pacemaker is not started. Repair what stands above, and join on the page Cluster or with "
        "manage.py cluster_join.",
    ]


@pytest.mark.parametrize("answer", [1, 2, 127, 124, 137])
def test_a_broken_apresa_refuses_and_says_that_it_is_no_answer(place: Path, answer: int) -> None:
    code, said, _ = start(place, answer)
    assert code == 1
    assert f"Apresa gave no answer whether this node may join (exit code {answer})." in said.splitlines()


def test_an_apresa_that_is_not_there_refuses(place: Path) -> None:
    assert start(place, 0, home="nowhere")[::2] == (1, False)


def test_an_override_lasts_one_start_without_asking_and_is_kept(place: Path) -> None:
    (place / "guard" / "override").write_text("the other is burnt (root)\n")
    code, said, asked = start(place, 4)
    assert (code, asked) == (0, False)
    assert said == "The check is overridden for this start: the other is burnt (root)\n"
    when, _, reason = (place / "guard" / "used").read_text().partition(" ")
    assert (abs(int(when) - time.time()) < 60, reason) == (True, "the other is burnt (root)\n")
    assert start(place, 4)[0] == 1


def test_an_old_override_does_not_count(place: Path) -> None:
    file = place / "guard" / "override"
    file.write_text("last week\n")
    os.utime(file, (time.time() - 1000, time.time() - 1000))
    assert start(place, 4)[0] == 1
    assert not file.exists()


@pytest.mark.parametrize(("crashes", "code"), [("1", 0), ("12", 0), ("0", 1), ("", 1), ("what", 1)])
def test_after_a_crash_systemd_may_start_it_again(place: Path, crashes: str, code: int) -> None:
    """Its resources may still run: with nobody to look after them, the other node would become active, too."""
    assert start(place, 0)[0] == 0
    assert start(place, 4, crashes)[0] == code


def test_a_start_that_was_refused_is_not_let_through_by_its_own_restart(place: Path) -> None:
    """The unit has Restart=on-failure, and a refusal is a failure: systemd is told to stop."""
    assert [start(place, 0)[0], start(place, 4)[0], start(place, 4, "1")[0], start(place, 4, "2")[0]] == [0, 1, 1, 1]
    assert (place / "asked.stop").read_text() == "--no-block stop pacemaker.service\n" * 3


def test_a_start_that_passes_stops_nothing(place: Path) -> None:
    assert start(place, 0)[0] == 0
    assert not (place / "asked.stop").exists()


def test_the_unit_asks_the_script() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.read(DEPLOY / "systemd" / "pacemaker.service.d" / "apresa.conf")
    assert unit["Service"]["ExecStartPre"] == "/opt/apresa/deploy/pacemaker/start-guard"
    assert os.access(GUARD, os.X_OK)

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from worker.run.child import wait_before

HELPER = Path(__file__).with_name("serve_programs.py")


@contextmanager
def supervising(data: Path, *programs: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(HELPER), str(data), *programs]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(found: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not found():
        assert time.monotonic() < limit, "it did not happen within 20 s"
        time.sleep(0.02)


def state(data: Path) -> dict[str, dict[str, int]]:
    try:
        programs: dict[str, dict[str, int]] = json.loads((data / "run" / "run.json").read_text())["programs"]
    except FileNotFoundError:
        return {}
    return programs


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def finish(process: subprocess.Popen[str]) -> list[str]:
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    return output.splitlines()


def test_output_is_passed_on_with_the_name_of_its_program(tmp_path: Path) -> None:
    with supervising(tmp_path, "one=echo hello; exec sleep 60") as process:
        assert process.stdout
        lines = [process.stdout.readline().rstrip() for _ in range(2)]
    assert lines[1] == "one        | hello"


def test_a_program_that_was_killed_starts_again_at_once(tmp_path: Path) -> None:
    with supervising(tmp_path, "one=exec sleep 60") as process:
        until(lambda: "one" in state(tmp_path))
        first = state(tmp_path)["one"]
        os.kill(first["pid"], signal.SIGKILL)
        until(lambda: state(tmp_path)["one"]["starts"] == 2)
        assert state(tmp_path)["one"]["pid"] != first["pid"]
        assert "one        | killed by SIGKILL; starting again" in finish(process)


def test_helpers_of_a_killed_program_end_with_it(tmp_path: Path) -> None:
    helper = tmp_path / "helper"
    with supervising(tmp_path, f"one=sleep 60 & echo $! > {helper}.new; mv {helper}.new {helper}; wait"):
        until(lambda: helper.exists() and "one" in state(tmp_path))  # it is told of once it runs
        pid = int(helper.read_text())
        os.kill(state(tmp_path)["one"]["pid"], signal.SIGKILL)
        until(lambda: not alive(pid))
        until(lambda: state(tmp_path)["one"]["starts"] == 2)


def test_programs_end_in_their_order_and_a_deaf_one_is_killed(tmp_path: Path) -> None:
    deaf, polite = (
        "trap '' TERM; echo deaf; while :; do sleep 1; done",
        "trap 'echo bye; exit 0' TERM; while :; do sleep 0.1; done",
    )
    with supervising(tmp_path, f"deaf={deaf}", f"polite={polite}") as process:
        assert process.stdout
        until(lambda: len(state(tmp_path)) == 2)
        while "deaf       | deaf" not in process.stdout.readline():
            pass
        lines = finish(process)
    assert process.returncode == 0
    assert [line for line in lines if "killed" in line or "bye" in line] == [
        "deaf       | did not end within 1 s and is killed",
        "polite     | bye",
    ]
    assert not (tmp_path / "run" / "run.json").exists()


def test_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with supervising(tmp_path, "one=exec sleep 60") as process:
        until(lambda: "one" in state(tmp_path))
        pid = state(tmp_path)["one"]["pid"]
        process.kill()
        until(lambda: not alive(pid))


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.0), (2, 1.0), (3, 2.0), (5, 8.0), (9, 30.0), (99, 30.0)])
def test_the_wait_doubles_up_to_half_a_minute(failures: int, seconds: float) -> None:
    assert wait_before(failures) == seconds


def test_the_recording_component_starts_again_as_the_settings_are_now_when_asked(tmp_path: Path) -> None:
    with supervising(tmp_path, "recording=echo first; exec sleep 60", "other=exec sleep 60") as process:
        until(lambda: set(state(tmp_path)) == {"recording", "other"})
        before = state(tmp_path)
        (tmp_path / "renewed").write_text("echo second; exec sleep 60")
        (tmp_path / "run" / "restart-recording").touch()
        until(lambda: state(tmp_path)["recording"]["pid"] not in {None, before["recording"]["pid"]})
        assert not alive(before["recording"]["pid"])
        assert state(tmp_path)["other"] == before["other"]
        assert not (tmp_path / "run" / "restart-recording").exists()
        lines = finish(process)
    assert [line for line in lines if line.endswith(("first", "second"))] == [
        "recording  | first",
        "recording  | second",
    ]


def test_a_recording_component_that_has_nothing_to_hear_any_more_is_ended(tmp_path: Path) -> None:
    with supervising(tmp_path, "recording=exec sleep 60", "other=exec sleep 60") as process:
        until(lambda: set(state(tmp_path)) == {"recording", "other"})
        (tmp_path / "run" / "restart-recording").touch()
        until(lambda: set(state(tmp_path)) == {"other"})
        finish(process)


def test_a_recording_component_goes_on_where_its_settings_cannot_be_read(tmp_path: Path) -> None:
    with supervising(tmp_path, "recording=exec sleep 60") as process:
        until(lambda: "recording" in state(tmp_path))
        before = state(tmp_path)["recording"]
        (tmp_path / "renewed").write_text("refuse")
        (tmp_path / "run" / "restart-recording").touch()
        until(lambda: not (tmp_path / "run" / "restart-recording").exists())
        lines = finish(process)
    assert "run        | the recording component goes on as it is: The databases could not be made ready." in lines
    assert not any("restarting" in line for line in lines)
    assert before["starts"] == 1

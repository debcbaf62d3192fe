import sys
from dataclasses import replace
from pathlib import Path

import pytest

from script import setup, testing
from script.stages import Stage, stages
from script.testing import COUNT, SUMMARY, Outcome, report, run_stage


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("383 passed in 8.11s", {"passed": 383}),
        ("1 failed, 910 passed in 74.18s (0:01:14)", {"failed": 1, "passed": 910}),
        (
            "==== 2 failed, 3 passed, 4 skipped, 1 error in 0.50s ====",
            {"failed": 2, "passed": 3, "skipped": 4, "error": 1},
        ),
        ("5 passed, 22 deselected in 48.92s", {"passed": 5}),
    ],
)
def test_a_summary_of_pytest_is_counted(line: str, counts: dict[str, int]) -> None:
    assert SUMMARY.match(line)
    assert {word: int(number) for number, word in COUNT.findall(line)} == counts


@pytest.mark.parametrize("line", ["no tests ran in 0.01s", "installed 3 packages in 2s", "E  1 failed", "12 passed"])
def test_other_lines_are_no_summary(line: str) -> None:
    assert not (SUMMARY.match(line) and COUNT.findall(line))


def stage(*commands: str, seconds: int = 20) -> Stage:
    return Stage("one", "for a test", [[sys.executable, "-c", command] for command in commands], seconds)


def test_a_stage_counts_the_tests_of_all_its_commands() -> None:
    outcome = run_stage(stage("print('3 passed in 1.00s')", "print('4 passed, 1 skipped in 1.00s')"))
    assert (outcome.verdict, outcome.tests["passed"], outcome.tests["skipped"], outcome.failed) == ("passed", 7, 1, 0)


def test_a_stage_goes_on_after_a_command_that_failed() -> None:
    outcome = run_stage(stage("raise SystemExit(3)", "print('4 passed in 1.00s')"))
    assert (outcome.verdict, outcome.tests["passed"], outcome.failed) == ("failed", 4, 1)


def test_a_stage_that_takes_too_long_is_ended_and_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run_stage(stage("import time; time.sleep(600)", seconds=1))
    assert (outcome.verdict, outcome.note) == ("failed", "ended after its 1 s")


def test_a_stage_that_cannot_run_here_is_skipped_with_its_reason() -> None:
    outcome = run_stage(Stage("one", "for a test", (), missing=lambda: "no root"))
    assert (outcome.verdict, outcome.note, outcome.failed) == ("skipped", "no root", 0)


def test_the_last_line_sums_all_stages(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = Outcome("one"), Outcome("two", "failed")
    first.tests.update(passed=5)
    second.tests.update(passed=2, failed=3)
    assert not report([first, second], took=9.0)
    assert capsys.readouterr().out.splitlines()[-1] == "7 passed, 3 failed"


def test_two_lanes_run_side_by_side_and_neither_mixes_into_the_others_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    waits = """
import pathlib, sys, time
mine, other = map(pathlib.Path, {paths!r})
print("begin", flush=True)
mine.touch()
until = time.monotonic() + 60
while not other.exists():  # one after the other, it would wait in vain
    if time.monotonic() > until:
        raise SystemExit("the other lane never began")
    time.sleep(0.01)
print("end")
"""
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    first = replace(stage(waits.format(paths=(one, two)), seconds=120), name="first")
    second = replace(stage(waits.format(paths=(two, one)), seconds=120), name="second", lane="machine")
    found = testing.run_lanes([second, first])
    assert [(outcome.name, outcome.verdict) for outcome in found] == [("second", "passed"), ("first", "passed")]
    told = capfd.readouterr().out
    assert [told.count(f"== {name}: for a test\nbegin\nend\n") for name in ("first", "second")] == [1, 1]


def test_each_stage_has_its_own_name() -> None:
    names = [found.name for found in stages()]
    assert sorted(set(names)) == sorted(names)


def test_an_unknown_stage_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["script/test", "--stage", "nonsense"])
    assert testing.main() == 2
    assert capsys.readouterr().err == "No stage is called nonsense; script/test --help lists them.\n"


def test_requirements_that_have_not_changed_are_not_installed_again(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nexit 1\n")  # an installation would fail
    python.chmod(0o755)
    lock = tmp_path / "requirements.txt"
    lock.write_text("one==1 --hash=sha256:00\n")
    with pytest.raises(setup.SetupError, match="The packages could not be installed"):
        setup.install_requirements(python, lock)
    python.write_text("#!/bin/sh\nexit 0\n")
    setup.install_requirements(python, lock)
    python.write_text("#!/bin/sh\nexit 1\n")
    setup.install_requirements(python, lock)
    lock.write_text("one==2 --hash=sha256:00\n")
    with pytest.raises(setup.SetupError, match="The packages could not be installed"):
        setup.install_requirements(python, lock)


def test_missing_packages_without_rights_are_named_with_their_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "administrator", lambda: None)
    with pytest.raises(setup.SetupError, match="apt-get install --no-install-recommends no-such-package-here"):
        setup.need_packages(("no-such-package-here",))

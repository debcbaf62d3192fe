"""The door to commands, with real processes."""

import time

import pytest

from cluster.commands import Command
from cluster.runner import LONGEST_REPLY, CommandUnavailable, SystemRunner
from cluster.types import Result, Why
from tests.fakes.runner import Call, expecting

SHELL = {"sh": "/bin/sh"}


def script(text: str, seconds: float = 20.0) -> Command:
    return Command("script", ("sh", "-c", text), seconds=seconds)


def test_both_outputs_and_the_exit_code_come_back() -> None:
    command = script("echo out; echo err >&2; exit 3")
    assert SystemRunner(SHELL).run(command) == Result(command.argv, 3, "out\n", "err\n")


def test_a_command_inherits_no_environment_and_no_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRESA_TEST_SECRET", "hidden")
    result = SystemRunner(SHELL).run(script('cat; echo "$APRESA_TEST_SECRET|$LC_ALL|$HOME|$PWD"'))
    assert result.out == "|C||/\n"


def test_no_shell_looks_at_the_arguments() -> None:
    command = Command("echo", ("echo", "$HOME", "; id"))
    assert SystemRunner({"echo": "/bin/echo"}).run(command).out == "$HOME ; id\n"


def test_a_command_that_hangs_is_ended_with_its_children() -> None:
    started = time.monotonic()
    with pytest.raises(CommandUnavailable, match=r"no answer within 0\.3 seconds") as caught:
        SystemRunner(SHELL).run(script("sleep 100 & sleep 100", seconds=0.3))
    assert (caught.value.why, time.monotonic() - started < 20) == (Why.LATE, True)


def test_a_command_that_closes_its_output_and_stays_is_late() -> None:
    with pytest.raises(CommandUnavailable) as caught:
        SystemRunner(SHELL).run(script("exec >&- 2>&-; sleep 100", seconds=0.3))
    assert caught.value.why == Why.LATE


def test_a_command_that_drips_for_ever_is_late() -> None:
    with pytest.raises(CommandUnavailable) as caught:
        SystemRunner(SHELL).run(
            script("while :; do echo x; done | head -c 100; while :; do sleep 0.01; echo; done", 0.5)
        )
    assert caught.value.why == Why.LATE


def test_a_command_that_says_too_much_is_ended() -> None:
    with pytest.raises(CommandUnavailable, match="said more than") as caught:
        SystemRunner(SHELL).run(script(f"head -c {LONGEST_REPLY + 100000} /dev/zero; sleep 100"))
    assert caught.value.why == Why.UNREADABLE


def test_a_program_that_is_not_installed_is_missing() -> None:
    with pytest.raises(CommandUnavailable, match="/nowhere/sh is not installed") as caught:
        SystemRunner({"sh": "/nowhere/sh"}).run(script("true"))
    assert caught.value.why == Why.MISSING


def test_a_program_that_may_not_be_started_is_missing() -> None:
    with pytest.raises(CommandUnavailable, match="cannot be started: Permission denied") as caught:
        SystemRunner({"sh": "/etc/passwd"}).run(script("true"))
    assert caught.value.why == Why.MISSING


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert SystemRunner(SHELL).run(script(r"printf 'a\377b'")).out == "a\ufffdb"


def test_the_fake_refuses_a_call_out_of_order() -> None:
    one, two = script("1"), script("2")
    with expecting(Call(one), Call(two)) as runner:
        with pytest.raises(AssertionError, match="was not expected"):
            runner.run(two)
        assert [runner.run(one).code, runner.run(two).code] == [0, 0]


def test_the_fake_refuses_calls_that_were_never_made() -> None:
    with pytest.raises(AssertionError, match="never called"), expecting(Call(script("1"))):
        pass

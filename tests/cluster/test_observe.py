"""Asking a node everything at once."""

import threading
import time

import pytest

from cluster import commands
from cluster.commands import Command
from cluster.observe import observe
from cluster.replies import Replies
from cluster.runner import CommandUnavailable
from cluster.types import Result, Unknown, Why
from tests.fakes.runner import Call, FakeRunner, expecting
from tests.samples.cluster import replies
from tests.samples.cluster.answers import ABSENT, calls, healthy


def moment() -> float:
    return 1_000_000.0


def test_every_command_is_asked_once() -> None:
    with expecting(*calls(), in_order=False) as runner:
        assert observe(runner, "north", now=moment) == healthy()


def test_a_machine_without_a_cluster_is_asked_for_nothing_else() -> None:
    with expecting(ABSENT) as runner:
        assert list(observe(runner, "north").results) == ["configuration"]


def test_a_configuration_that_may_not_be_read_hides_nothing_else() -> None:
    asked = [call for call in calls() if call.command not in (commands.CONFIGURATION, commands.WITNESS)]
    denied = Call(commands.CONFIGURATION, code=1, err="cat: /etc/corosync/corosync.conf: Permission denied")
    with expecting(denied, *asked, in_order=False) as runner:
        assert set(observe(runner, "north").results) == set(healthy().results) - {"witness"}


def test_drbd_9_is_asked_by_its_tool() -> None:
    asked = calls(
        (commands.DRBD_PROC, replies.PROC_9), (commands.DRBD_JSON, replies.JSON), (commands.DRBD_SHOW, replies.SHOW)
    )
    with expecting(*asked, in_order=False) as runner:
        found = observe(runner, "north").results
    assert [name for name in found if name.startswith("drbd")] == ["drbd-proc", "drbd-json", "drbd-show"]


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("proc", [(commands.DRBD_PROC, replies.PROC)]),
        ("status", [(commands.DRBD_STATUS, replies.STATUS), (commands.DRBD_SHOW, replies.SHOW)]),
        ("events", [(commands.DRBD_EVENTS, replies.EVENTS), (commands.DRBD_SHOW, replies.SHOW)]),
    ],
)
def test_the_setting_chooses_the_source(source: str, asked: list[tuple[Command, str]]) -> None:
    with expecting(*calls(*asked), in_order=False) as runner:
        found = observe(runner, "north", drbd_source=source).results
    assert [name for name in found if name.startswith("drbd")] == [command.name for command, _ in asked]


def test_a_program_that_is_missing_is_told() -> None:
    asked = [call for call in calls() if call.command is not commands.LINKS]
    missing = Call(commands.LINKS, unavailable=CommandUnavailable(Why.MISSING, "x is not installed."))
    with expecting(*asked, missing, in_order=False) as runner:
        assert observe(runner, "north").results["links"] == Unknown(Why.MISSING, "x is not installed.")


class Hanging:
    """A runner whose two commands never come back, as if the kernel held them."""

    def __init__(self) -> None:
        self.rest = FakeRunner(calls(), in_order=False)
        self.released = threading.Event()

    def run(self, command: Command) -> Result:
        if command.name in {commands.PACEMAKER.name, commands.DRBD_PROC.name}:
            self.released.wait(60)
        return self.rest.run(command)


def test_a_command_that_hangs_holds_nobody_up() -> None:
    runner = Hanging()
    started = time.monotonic()
    found: Replies = observe(runner, "north", deadline=0.5)
    took = time.monotonic() - started
    runner.released.set()
    late = Unknown(Why.LATE, "No answer within 0.5 seconds.")
    assert {name: found.results[name] for name in ("pacemaker", "drbd-proc")} == {"pacemaker": late, "drbd-proc": late}
    assert (found.results["quorum"], took < 30) == (healthy().results["quorum"], True)

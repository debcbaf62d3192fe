"""`manage.py cluster_status`."""

import io
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from apresa.config import domain as config
from apresa.node import domain as node
from cluster import commands
from cluster.commands import Command
from cluster.management.commands.cluster_status import Command as ClusterStatus
from cluster.observe import observe
from cluster.replies import from_json
from cluster.types import Result
from tests.fakes.runner import Call, expecting
from tests.samples.cluster import replies
from tests.samples.cluster.answers import ABSENT, calls

pytestmark = pytest.mark.django_db(databases=["default", "node"])
Status = Callable[..., tuple[int, str]]


@pytest.fixture
def status(monkeypatch: pytest.MonkeyPatch, platform: None) -> Status:
    """Runs the command on "north" over expected calls: its exit code and what it says."""
    monkeypatch.setattr("socket.gethostname", lambda: "north.example.org")

    def run(asked: list[Call], *arguments: str) -> tuple[int, str]:
        out = io.StringIO()
        with expecting(*asked, in_order=False) as runner:
            command = ClusterStatus(stdout=out)
            command.runner = runner
            try:
                call_command(command, *arguments)
            except SystemExit as end:
                return int(end.code or 0), out.getvalue()
        return 0, out.getvalue()

    return run


def broken(command: Command, text: str) -> list[Call]:
    return [Call(command, text) if call.command is command else call for call in calls()]


def test_a_lone_machine_says_so_and_is_good(status: Status) -> None:
    assert status([ABSENT]) == (0, "north stands alone: it records, and no other node takes over.\n")


def test_a_healthy_pair_is_one_sentence(status: Status) -> None:
    assert status(calls()) == (0, "north records. south is ready. If north fails now, south takes over.\n")


def test_a_finding_is_told_with_fact_and_step(status: Status) -> None:
    text = replies.PACEMAKER.replace('maintenance-mode="false"', 'maintenance-mode="true"')
    code, said = status(broken(commands.PACEMAKER, text))
    assert code == 1
    assert said.splitlines() == [
        "north records. The cluster is in maintenance mode. If north fails now, no node takes over.",
        "",
        "WARNING: The cluster is in maintenance mode: recording goes on, but no node takes over.",
        '    maintenance-mode=true; the resources are "unmanaged".',
        "    -> Switch maintenance mode off when the work is done.",
    ]


@pytest.mark.parametrize(
    ("command", "text", "code"),
    [
        (commands.DRBD_PROC, replies.PROC_SYNC, 1),
        (commands.DRBD_PROC, replies.PROC_ALONE, 2),
        (commands.CLOCK, "what is this", 3),
    ],
)
def test_the_exit_code_tells_the_state(status: Status, command: Command, text: str, code: int) -> None:
    assert status(broken(command, text))[0] == code


def test_json_is_for_programs(status: Status) -> None:
    code, said = status(broken(commands.DRBD_PROC, replies.PROC_SYNC), "--json")
    data = json.loads(said)
    assert (code, data["exit_code"], data["level"]) == (1, 1, "warning")
    assert [one["code"] for one in data["findings"]] == ["drbd-syncing"]


def test_the_report_of_one_node_is_compared_by_the_other(status: Status, tmp_path: Path) -> None:
    code, said = status(calls(), "--report")
    report = from_json(said)
    assert (code, report.node, len(report.results)) == (0, "north", 14)
    split = said.replace('"node": "north"', '"node": "south"')
    (tmp_path / "south.json").write_text(split, encoding="utf-8")
    code, said = status(calls(), "--peer", str(tmp_path / "south.json"))
    assert (code, said.splitlines()[0]) == (2, "Both nodes act as primary (split brain).")


def test_a_peers_report_may_come_by_standard_input(status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("rubbish"))
    with pytest.raises(CommandError, match=r"This is no report of a node\. Make it on the other node") as caught:
        status([], "--peer", "-")
    assert caught.value.returncode == 3


def test_a_report_that_is_not_there_is_told(status: Status, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read") as caught:
        status([], "--peer", str(tmp_path / "nothing"))
    assert caught.value.returncode == 3


def test_a_secondary_without_its_configuration_is_in_trouble(status: Status) -> None:
    node.join_as_secondary("192.0.2.1")
    code, said = status([ABSENT])
    assert (code, said.splitlines()[0]) == (2, "north cannot see which node records.")


def test_the_setting_chooses_the_source_of_drbds_state(status: Status) -> None:
    config.set("cluster.drbd_source", "events", by="test")
    asked = calls((commands.DRBD_EVENTS, replies.EVENTS), (commands.DRBD_SHOW, replies.SHOW))
    assert status(asked)[0] == 0


def test_it_speaks_when_this_machines_own_database_is_gone(status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    with connections["node"].cursor() as cursor:
        cursor.execute("DROP TABLE node_nodeidentity")
        cursor.execute("DROP TABLE config_setting")
    assert status(calls())[0] == 0


def test_the_help_tells_the_exit_codes_and_how_long_it_takes() -> None:
    text = " ".join(ClusterStatus().create_parser("manage.py", "cluster_status").format_help().split())
    for words in ("0 good, or this machine stands alone; 1 warning; 2 critical; 3 unknown", "within 20 seconds"):
        assert words in text


class Hanging:
    """A machine whose tools never answer, but for the one file that says that there is a cluster."""

    def __init__(self) -> None:
        self.never = threading.Event()

    def run(self, command: Command) -> Result:
        if command is not commands.CONFIGURATION:
            self.never.wait(60)
        return Result(command.argv, 0, replies.CONFIGURATION, "")


@pytest.mark.usefixtures("platform")
def test_it_answers_in_bounded_time_while_everything_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "north.example.org")
    monkeypatch.setitem(observe.__kwdefaults__ or {}, "deadline", 0.2)
    out, hanging, began = io.StringIO(), Hanging(), time.monotonic()
    command = ClusterStatus(stdout=out)
    command.runner = hanging
    try:
        with pytest.raises(SystemExit) as end:
            call_command(command)
    finally:
        hanging.never.set()
    assert (end.value.code, out.getvalue().splitlines()[0]) == (3, "north cannot see which node records.")
    assert time.monotonic() - began < 30

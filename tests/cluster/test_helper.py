"""The door to what needs root, with the real helper behind a real socket."""

import json
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from apresa_helper import serve, verbs
from apresa_helper.deeds import Run
from hypothesis import given
from hypothesis import strategies as st

from cluster import commands, orders
from cluster.commands import Command, Order
from cluster.helper import HelperRunner, OrderRefused, parse, runner_here
from cluster.runner import CommandUnavailable, SystemRunner
from cluster.types import Result, Why

MAINTENANCE = Command("maintenance", ("crm_attribute",), order=Order("maintenance", (("on", True),)))


@pytest.fixture
def listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[socket.socket], None]], Path]:
    """Answers one connection on a socket as asked; gives the socket's path."""
    monkeypatch.setattr(serve, "LOCK", tmp_path / "lock")

    def start(answer: Callable[[socket.socket], None]) -> Path:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(tmp_path / "s"))
        server.listen(1)

        def work() -> None:
            with server, server.accept()[0] as connection:
                answer(connection)

        threading.Thread(target=work, daemon=True).start()
        return tmp_path / "s"

    return start


Listen = Callable[[Callable[[socket.socket], None]], Path]


def helper(connection: socket.socket) -> None:
    serve.serve(connection, os.getuid())


def test_order_is_done_by_the_helper(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "VERBS", {"maintenance": lambda given: Run(("/bin/echo", str(given["on"])), 5.0)})
    assert HelperRunner(listen(helper)).run(MAINTENANCE) == Result(("/bin/echo", "True"), 0, "True\n", "")


def test_question_goes_by_its_name(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "QUESTIONS", {"quorum": (("/bin/echo", "Quorate: Yes"), 5.0)})
    assert HelperRunner(listen(helper)).run(commands.QUORUM).out == "Quorate: Yes\n"


def test_refusal_is_the_helpers_own_sentence(listen: Listen) -> None:
    order = Command("maintenance", ("crm_attribute",), order=Order("maintenance", (("on", 1),)))
    with pytest.raises(OrderRefused, match=r"^on is true or false\.$"):
        HelperRunner(listen(helper)).run(order)


def test_program_that_is_missing_says_so(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "VERBS", {"maintenance": lambda _: Run(("/nowhere/crm",), 5.0)})
    with pytest.raises(CommandUnavailable, match="is not installed") as caught:
        HelperRunner(listen(helper)).run(MAINTENANCE)
    assert caught.value.why is Why.MISSING


def test_missing_helper_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(CommandUnavailable, match=r"start apresa-helper\.socket") as caught:
        HelperRunner(tmp_path / "none").run(MAINTENANCE)
    assert caught.value.why is Why.MISSING


def test_what_needs_no_rights_is_run_here(tmp_path: Path) -> None:
    assert HelperRunner(tmp_path / "none").run(commands.Command("file", ("cat", "/dev/null"))).code == 0


@pytest.mark.parametrize(
    "answer", [b"", b"[]\n", b"{}\n", b"\xff", b'{"argv": [], "code": "0", "out": "", "err": ""}\n']
)
def test_answer_that_nobody_understands_is_unreadable(listen: Listen, answer: bytes) -> None:
    def say(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with pytest.raises(CommandUnavailable) as caught:
        HelperRunner(listen(say)).run(MAINTENANCE)
    assert caught.value.why is Why.UNREADABLE


def test_root_runs_programs_itself_and_nobody_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    as_root = type(runner_here())
    monkeypatch.setattr(os, "geteuid", lambda: 999)
    assert (as_root, type(runner_here())) == (SystemRunner, HelperRunner)


@given(st.binary(max_size=200) | st.dictionaries(st.text(), st.text()).map(lambda v: json.dumps(v).encode()))
def test_any_bytes_of_an_answer_are_read_or_unreadable(data: bytes) -> None:
    with suppress(CommandUnavailable):
        parse(data)


ORDERS = [
    orders.maintenance(on=True),
    orders.maintenance(on=False),
    orders.standby("myrec1", on=True),
    orders.standby("myrec1", on=False),
    orders.refresh("postgresql", "myrec1"),
    orders.JOIN,
]


@pytest.mark.parametrize("command", ORDERS, ids=lambda command: " ".join(command.argv))
def test_helper_does_what_root_would_run_itself(command: Command) -> None:
    assert command.order is not None
    deed = verbs.deed(command.order.verb, dict(command.order.values))
    assert isinstance(deed, Run)
    assert deed.argv == (commands.PROGRAMS[command.argv[0]], *command.argv[1:])
    assert deed.seconds <= command.seconds

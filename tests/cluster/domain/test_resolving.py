"""Names are resolved side by side, and one that hangs holds nobody."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cluster.domain import resolving
from cluster.domain.resolving import lead_to

KNOWN = {"myrec1": "192.0.2.1", "myrec2": "192.0.2.2"}


class Door:
    """The system's resolver: names of `KNOWN` are told, once `together` of them are asked at one time; "dead" hangs."""

    def __init__(self, together: int = 1) -> None:
        self.barrier, self.over = threading.Barrier(together), threading.Event()

    def ask(self, name: str, *_more: Any, **_options: Any) -> list[Any]:
        if name == "dead":
            self.over.wait()
            raise socket.gaierror("nobody told")
        self.barrier.wait(timeout=60)
        return [(None, None, None, "", (KNOWN[name], 0))]


@pytest.fixture
def door() -> Iterator[Door]:
    found = Door()
    yield found
    found.over.set()


def test_a_name_that_leads_to_the_machine_itself_or_nowhere_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "PATIENCE", 60.0)
    assert lead_to(["localhost", "192.0.2.7", "a" * 300]) == {
        "localhost": frozenset(),
        "192.0.2.7": {"192.0.2.7"},
        "a" * 300: frozenset(),
    }


def test_both_names_are_asked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "PATIENCE", 60.0)
    monkeypatch.setattr(socket, "getaddrinfo", Door(together=2).ask)  # one after the other would wait for ever
    assert lead_to(["myrec1", "myrec2"]) == {"myrec1": {"192.0.2.1"}, "myrec2": {"192.0.2.2"}}


def test_a_name_server_that_hangs_costs_its_own_names_alone(monkeypatch: pytest.MonkeyPatch, door: Door) -> None:
    told: list[str] = []

    def ask(name: str, *more: Any, **options: Any) -> list[Any]:
        found = door.ask(name, *more, **options)
        told.append(name)
        return found

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    monkeypatch.setattr(resolving, "PATIENCE", 60.0)
    monkeypatch.setattr(resolving, "monotonic", lambda: 60.0 * len(told))  # the other answer took all the time
    found = lead_to(["dead", "myrec2"])
    assert found == {"dead": frozenset(), "myrec2": {"192.0.2.2"}}
    assert told == ["myrec2"]

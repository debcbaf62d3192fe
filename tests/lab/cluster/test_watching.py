"""What the lab asks while two nodes might both take writes, and what a management board says of a node's power."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from tests.lab.cluster import watching
from tests.lab.cluster.board import Power
from tests.lab.cluster.place import LabError


class Machine:
    """A node without namespaces: `answers` are what its server says, one after the other."""

    def __init__(self, name: str, answers: Sequence[str] = (), *, power: bool = True) -> None:
        self.name, self.answers, self.power = name, list(answers), power
        self.boots = threading.Event()

    def sh(self, _script: str, **_more: Any) -> str:
        if not self.power:
            raise LabError("off")
        return self.answers.pop(0)

    def process(self) -> int | None:
        return 1 if self.power else None

    def off(self) -> None:
        self.power = False

    def on(self) -> None:
        self.boots.wait(60)
        self.power = True


def pair(first: Machine, second: Machine) -> Any:
    return [first, second]


def test_two_that_take_writes_end_the_watch() -> None:
    nodes = pair(Machine("one", ["f\n", "f\n", "f\n"]), Machine("two", ["t\n", "f\n", "f\n"]))
    with pytest.raises(LabError, match="one and two take writes at once"):
        watching.watch(nodes, lambda _: False, 60)


def test_one_that_ended_while_the_other_was_asked_is_no_second_one() -> None:
    nodes = pair(Machine("one", ["f\n", ""]), Machine("two", ["f\n", "f\n"]))
    assert watching.watch(nodes, lambda found: found == ["two"], 60) == 1


def test_a_node_without_power_and_one_that_says_nothing_take_no_writes() -> None:
    assert watching.writers(pair(Machine("one", power=False), Machine("two", [""]))) == []


def test_a_watch_without_end_says_who_takes_writes() -> None:
    with pytest.raises(LabError, match="No end within 0 s: two takes writes"):
        watching.watch(pair(Machine("one", ["t\n"]), Machine("two", ["f\n"])), lambda _: False, 0)


def test_a_board_tells_the_nodes_power_and_cuts_it(capsys: pytest.CaptureFixture[str]) -> None:
    machine: Any = Machine("one")
    power = Power(machine)
    states = [power.state()]
    power.off()
    states.append(power.state())
    assert (states, float(capsys.readouterr().out) > 0) == (["on", "off"], True)


def test_a_node_that_boots_has_power_already() -> None:
    machine: Any = Machine("one", power=False)
    power = Power(machine)
    power.on()
    assert (power.state(), machine.power) == ("on", False)
    machine.boots.set()

"""A cluster behind the door to commands: it answers questions from its state, and orders change that state."""

from collections.abc import Callable, Mapping
from typing import Any

from cluster.commands import Command
from cluster.types import Result, Unknown
from tests.samples.cluster.answers import healthy

Change = Callable[["FakeCluster"], Result | None]


class FakeCluster:
    """Strict: a question without a reply and an order that nobody expects fail the test."""

    def __init__(self, orders: Mapping[tuple[str, ...], Change] | None = None, **others: Result | Unknown) -> None:
        self.replies: dict[str, Result | Unknown] = dict(healthy(**others).results)
        self._orders = dict(orders or {})
        self.done: list[str] = []
        """The orders that were given, as they would be typed."""

    def run(self, command: Command) -> Result:
        if command.argv in self._orders:
            self.done.append(" ".join(command.argv))
            return self._orders[command.argv](self) or Result(command.argv, 0, "", "")
        found = self.replies.get(command.name)
        assert isinstance(found, Result), f"{command.argv} was not expected"
        return Result(command.argv, found.code, found.out, found.err)

    def now(self, **others: Any) -> None:
        """The state changes: other replies, by the names of their commands."""
        self.replies.update({name.replace("_", "-"): reply for name, reply in others.items()})

"""A strict stand-in for the one door to commands."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cluster.commands import Command
from cluster.runner import CommandUnavailable
from cluster.types import Result


@dataclass(frozen=True, slots=True)
class Call:
    """One expected call, and what it gives."""

    command: Command
    out: str = ""
    code: int = 0
    err: str = ""
    unavailable: CommandUnavailable | None = None


class FakeRunner:
    """Answers exactly the expected calls, each once; in order, unless the caller runs them side by side."""

    def __init__(self, calls: Iterable[Call], *, in_order: bool) -> None:
        self._left = list(calls)
        self._in_order = in_order
        self._lock = threading.Lock()

    def run(self, command: Command) -> Result:
        call = self._take(command)
        if call.unavailable:
            raise call.unavailable
        return Result(command.argv, call.code, call.out, call.err)

    def _take(self, command: Command) -> Call:
        with self._lock:
            for index, call in enumerate(self._left[:1] if self._in_order else self._left):
                if call.command == command:
                    return self._left.pop(index)
            raise AssertionError(f"{command.argv} was not expected; left: {[call.command.name for call in self._left]}")

    def finish(self) -> None:
        assert self._left == [], f"never called: {[call.command.name for call in self._left]}"


@contextmanager
def expecting(*calls: Call, in_order: bool = True) -> Iterator[FakeRunner]:
    """A runner for these calls; each one that is left over at the end fails the test."""
    runner = FakeRunner(calls, in_order=in_order)
    yield runner
    runner.finish()

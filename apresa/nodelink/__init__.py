"""What the rooms know of the link between the two nodes: the other one, and the one error; `cluster.link` asks it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class LinkError(Exception):
    """The other node could not be asked, or refused; the text is one sentence.

    `code` is the reason, `status` the number of its answer (0: there was none)."""

    def __init__(self, sentence: str, *, code: str = "unreachable", status: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.code, self.status = sentence, code, status


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that comes piece by piece; headers by their small names."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Caller(Protocol):
    """The other node, as the rooms ask it. Each way raises LinkError, and nothing else."""

    def get(self, path: str, *, seconds: float = ..., most: int = ...) -> dict[str, Any]: ...

    def post(self, path: str, body: Mapping[str, Any], *, seconds: float = ..., most: int = ...) -> dict[str, Any]: ...

    def download(self, path: str, *, to: Path, sha256: str = "") -> int: ...

    def upload(self, path: str, file: Path) -> dict[str, Any]: ...

    def stream(self, path: str, *, headers: Mapping[str, str] = ...) -> AbstractContextManager[Stream]: ...


_finders: list[Callable[[], Caller]] = []


def register(finder: Callable[[], Caller]) -> None:
    """The room that has the link says how it is found."""
    _finders[:] = [finder]


def other_node() -> Caller:
    """The paired node. Raises LinkError where there is none."""
    if not _finders:
        raise LinkError("This machine is paired with no other node.", code="not-paired")
    return _finders[0]()

"""What the helper can do: run one program, or replace one file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """Run one program, once the guard's output says that it may (law 7)."""

    argv: tuple[str, ...]
    seconds: float
    guard: tuple[str, ...] = ()
    wanted: re.Pattern[str] | None = None
    otherwise: str = ""
    changes: bool = True
    alone: bool = True
    """Whether no other change may go on meanwhile."""
    stdin: bytes = b""
    """What the program reads: secrets go this way, never in argv; never logged."""


@dataclass(frozen=True, slots=True)
class Write:
    """Replace one file as a whole; its content is never logged. `owner`: "" for root, else that user and its group."""

    path: str
    content: bytes
    mode: int
    owner: str = ""


Deed = Run | Write
Verb = Callable[[Mapping[str, Any]], Deed]

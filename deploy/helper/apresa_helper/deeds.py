"""What the helper can do: run one program, replace or change one file, or several of these one after the other."""

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
    guard_code: int = 0
    """The one exit code with which the guard's output counts."""
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
    only_new: bool = False
    """Whether a file that is there stays as it is."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Change a file that is others', too; what `change` leaves as it was is not written. A missing file is empty."""

    path: str
    change: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Chain:
    """One after the other, up to the first program that says no."""

    deeds: "tuple[Run | Write | Edit, ...]"


Deed = Run | Write | Edit | Chain
Verb = Callable[[Mapping[str, Any]], Deed]

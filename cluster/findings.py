"""A finding: its code and parameters. The texts stand in `cluster.catalogue`; log and API say both, pages translate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

Value = str | int | float
LONGEST = 400  # characters of a parameter that are shown


class Level(IntEnum):
    """Worst last. Unknown is worse than a warning: it may hide anything."""

    NOTE = 0
    WARNING = 1
    UNKNOWN = 2
    CRITICAL = 3


class Takeover(IntEnum):
    """What a finding means for a takeover if the active node fails now."""

    UNTOUCHED = 0
    UNCERTAIN = 1
    IMPOSSIBLE = 2


@dataclass(frozen=True, slots=True)
class Kind:
    """What all findings of one code have in common. Texts are templates for str.format, in English."""

    level: Level
    takeover: Takeover
    sentence: str
    fact: str
    step: str


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    parameters: Mapping[str, Value] = field(default_factory=dict)


def finding(code: str, **parameters: Value) -> Finding:
    return Finding(code, parameters)


def fill(template: str, parameters: Mapping[str, Value], translate: Callable[[str], str] = str) -> str:
    """The template in the reader's language, with its parameters, cut and safe for a terminal."""
    return translate(template).format_map({name: _plain(value) for name, value in parameters.items()})


def _plain(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    return "".join(one if one.isprintable() else " " for one in value[:LONGEST])

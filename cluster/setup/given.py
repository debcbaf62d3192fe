"""Answers as people and programs write them (TOML, JSON) → Answers; what is missing is empty, and so gets a fault."""

import sys
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from cluster.setup.answers import Answers, NodeAnswers
from cluster.setup.kept import NODES, AnswersError

LONGEST = 64 * 1024
Kind = TypeVar("Kind", Answers, NodeAnswers)


def read(name: str) -> Answers:
    """A TOML file; "-" is standard input. Raises AnswersError."""
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LONGEST)
        else:
            with Path(name).open("rb") as file:
                data = file.read(LONGEST)
        found = tomllib.loads(data.decode())
    except OSError as error:
        raise AnswersError(f"{name} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise AnswersError(f"{name} is no valid TOML: {error}.") from None
    return answers(found)


def answers(found: dict[str, Any]) -> Answers:
    """Raises AnswersError."""
    nodes = {place: _filled(NodeAnswers, found.get(place, {}), f"{place}.") for place in NODES}
    return _filled(Answers, {**found, **nodes}, "")


def _filled(kind: type[Kind], found: object, where: str) -> Kind:
    if not isinstance(found, dict):
        raise AnswersError(f"{where.rstrip('.')} is a table of answers.")
    known = {field.name: field.default for field in fields(kind)}
    if unknown := sorted(str(name) for name in set(found) - set(known)):
        raise AnswersError(f"Nothing is asked by the name {where}{unknown[0][:60]!r}; there are: {', '.join(known)}.")
    given = {name: found.get(name, "" if default is MISSING else default) for name, default in known.items()}
    if wrong := [name for name, value in given.items() if not isinstance(value, str | NodeAnswers)]:
        raise AnswersError(f"{where}{wrong[0]} is a text: write it in quotes.")
    return kind(**given)

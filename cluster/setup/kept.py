"""Answers as a file: kept by the primary, crossing to the secondary with the pairing."""

import json
from dataclasses import MISSING, asdict, fields
from typing import TypeVar

from cluster.setup.answers import Answers, NodeAnswers

LONGEST = 16 * 1024
LONGEST_ANSWER = 300
NODES = ("first", "second")
Kind = TypeVar("Kind", Answers, NodeAnswers)


class AnswersError(ValueError):
    """These are no answers of a set-up; the text is one sentence."""


def as_bytes(answers: Answers) -> bytes:
    return json.dumps(asdict(answers)).encode()


def load(data: bytes) -> Answers:
    """Raises AnswersError whatever the bytes. Whether the answers are right is asked elsewhere."""
    try:
        found = json.loads(data) if len(data) <= LONGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise AnswersError("The answers of the set-up cannot be read; answer the set-up screen again.")
    nodes = {place: _filled(NodeAnswers, found.get(place)) for place in NODES}
    return _filled(Answers, {**found, **nodes})


def _filled(kind: type[Kind], found: object) -> Kind:
    """What is missing has its default where there is one; a name that nobody asks, or no text, is a fault."""
    if isinstance(found, dict) and set(found) <= {field.name for field in fields(kind)}:
        missing = {field.name for field in fields(kind) if field.default is MISSING} - set(found)
        if not missing and all(_is_answer(value) for value in found.values()):
            return kind(**found)
    raise AnswersError("The answers of the set-up are of another release; answer the set-up screen again.")


def _is_answer(value: object) -> bool:
    if isinstance(value, NodeAnswers):
        return True
    # Half of a surrogate pair can stand in JSON, and nowhere else.
    return isinstance(value, str) and len(value) <= LONGEST_ANSWER and value.isascii()

"""Two nodes with different releases: which one is updated next. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Running:
    node: str
    release: str


def next_one(one: Running, other: Running, active: str | None) -> str:
    """Of two nodes with different releases the one that is updated now: the older, or the one that is not active where
    the names tell no order."""
    first, second = _numbers(one.release), _numbers(other.release)
    if first is not None and second is not None and first != second:
        return one.node if first < second else other.node
    return one.node if active == other.node else other.node


def _numbers(release: str) -> tuple[int, ...] | None:
    """Of "1.10.2"; None of anything else, such as a release before its time."""
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9}){0,9}", release, re.ASCII):
        return None
    numbers = [int(one) for one in release.split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)

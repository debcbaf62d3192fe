"""What a node tells of its own services (JSON) → Services."""

import json
from typing import Any

from cluster.readers.reply import ReplyError
from cluster.types import Check, Disk, Services

MOST = 200  # checks, disks or minutes
LONGEST = 500


def read_services(text: str) -> Services:
    """Raises ReplyError."""
    try:
        found = json.loads(text)
        checks = tuple(_check(name, one) for name, one in list(found["checks"].items())[:MOST])
        disks = tuple(_disk(one) for one in found["disks"][:MOST])
        heard = tuple((_count(at), _count(calls)) for at, calls in found["heard"][:MOST])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReplyError("What the node tells of its own services cannot be read.") from None
    return Services(checks, disks, heard)


def _check(name: str, one: dict[str, Any]) -> Check:
    if not isinstance(one["ok"], bool):
        raise TypeError(one)
    return Check(name[:LONGEST], one["ok"], _text(one["sentence"]))


def _disk(one: dict[str, Any]) -> Disk:
    total = _count(one["total"])
    if not total:
        raise ValueError(total)
    return Disk(tuple(_text(part) for part in one["parts"]), total, _count(one["free"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value[:LONGEST]


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**63:
        raise TypeError(value)
    return value

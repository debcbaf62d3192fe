"""The calls that a node holds, for two nodes to compare; the room of the calls says how they are found."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MOST = 1000  # of the newest calls that are compared one by one


@dataclass(frozen=True, slots=True)
class Calls:
    """`stored` and `count` are None where the database cannot be asked; `last` is the end of the newest call."""

    count: int | None
    last: datetime | None
    stored: tuple[str, ...] | None
    spooled: tuple[str, ...]


class Holder(Protocol):
    """What this node holds."""

    def held(self) -> Calls: ...

    def known(self, names: Collection[str]) -> set[str] | None:
        """Those of these calls that this node's database knows, also as deleted; None where it cannot be asked."""
        ...


_holders: list[Holder] = []


def register(holder: Holder) -> None:
    _holders[:] = [holder]


def holder() -> Holder | None:
    return _holders[0] if _holders else None

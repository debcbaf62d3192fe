"""What only the losing side's database knows, handed over before that database is gone (PROTOCOL D4, U1 to U5).

Each room registers the kinds that it owns: how they are found in an old database, and how the good side takes them in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BATCH = 500  # records of one transaction
Alive = Callable[[], None]
"""Called every few hundred rows: a search through years of rows must show that it lives, and may be stopped by it."""


class HandoverError(Exception):
    """What was handed over cannot be used; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row that the good side lacks. `key` names it for ever, on every node."""

    kind: str
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: the losing node, and the recovery that found them."""

    node: str
    name: str
    ticket: str

    @property
    def file(self) -> str:
        return f"{self.node}-{self.ticket}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. Without `take_in` it is only told to people, who decide (U3)."""

    name: str
    lacking: Callable[[str, str, Alive], Iterator[Record]]
    """(alias of the old database, alias of the good one) → what the good one lacks."""
    take_in: Callable[[Sequence[Record], Origin], int] | None = None
    """Idempotent, within the caller's transaction; how many were new. Raises HandoverError for what it cannot read."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    _kinds[kind.name] = kind
    return kind


def kinds() -> tuple[Kind, ...]:
    return tuple(_kinds.values())


def kind(name: str) -> Kind:
    """Raises HandoverError for a kind of another release."""
    try:
        return _kinds[name]
    except KeyError:
        raise HandoverError(
            f"There is a record of the unknown kind {name[:40]!r}: is it of the same release?"
        ) from None

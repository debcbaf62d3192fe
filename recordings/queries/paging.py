"""Keyset pages: as fast on the millionth call as on the first, and steady while new calls come in."""

import base64
import binascii
import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

SORTS = ("started", "duration_ms", "caller", "callee")
SIZES = (50, 100, 250)
LARGEST_CURSOR = 1000


class CursorError(ValueError):
    """The cursor was not made by this list; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the asked order, and the cursors of the neighbours; an empty cursor means there is none."""

    items: list[Any]
    next: str
    previous: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: before or after the row with this value and id."""

    value: Any
    id: uuid.UUID
    backwards: bool = False


def keyset_page(queryset: QuerySet[Any], *, sort: str = "-started", cursor: str = "", size: int = 50) -> Page:
    """One page of calls; sort is a name of SORTS, "-" before it turns the order round. Raises CursorError."""
    field = sort.removeprefix("-")
    if field not in SORTS:
        raise CursorError("This list cannot be sorted that way.")
    place = decode(cursor, field) if cursor else None
    backwards = place is not None and place.backwards
    falling = sort.startswith("-") != backwards
    if place:
        queryset = queryset.filter(_beyond(field, place, falling=falling))
    sign = "-" if falling else ""
    rows = list(queryset.order_by(f"{sign}{field}", f"{sign}id")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = bool(rows) and (more or backwards)
    has_previous = bool(rows) and (more if backwards else place is not None)
    return Page(
        items=rows,
        next=_encode(rows[-1], field) if has_next else "",
        previous=_encode(rows[0], field, backwards=True) if has_previous else "",
    )


def _beyond(field: str, place: Cursor, *, falling: bool) -> Q:
    step = "lt" if falling else "gt"
    # The first condition alone lets the index begin at the right place.
    return Q(**{f"{field}__{step}e": place.value}) & (
        Q(**{f"{field}__{step}": place.value}) | Q(**{field: place.value, f"id__{step}": place.id})
    )


def _encode(row: Any, field: str, *, backwards: bool = False) -> str:
    value = getattr(row, field)
    text = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([field, text, str(row.id), backwards]).encode()).decode().rstrip("=")


def decode(cursor: str, field: str) -> Cursor:
    """The place that a cursor names. Raises CursorError."""
    try:
        if len(cursor) > LARGEST_CURSOR:
            raise ValueError("too long")
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        made_for, value, key, backwards = json.loads(base64.urlsafe_b64decode(padded))
        if made_for != field or type(backwards) is not bool:
            raise ValueError("of another list")
        return Cursor(_value(field, value), uuid.UUID(key), backwards)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise CursorError("This page link is damaged. Begin again at the first page.") from None


def _value(field: str, value: object) -> object:
    if field == "started":
        if not isinstance(value, str):
            raise ValueError("not a time")
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise ValueError("a time without zone")
        return found
    if field == "duration_ms":
        if type(value) is not int or not 0 <= value < 1 << 63:
            raise ValueError("not a number")
    elif not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text")
    return value

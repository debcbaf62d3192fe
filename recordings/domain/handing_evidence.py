"""The evidence's part of a handover: what the losing side signed is kept as the branch that it is, never rewritten."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_noop

from apresa.events import domain as events
from apresa.events.models import Severity
from apresa.handover import BATCH, Alive, HandoverError, Kind, Origin, Record, register
from recordings.domain.chaining import as_read
from recordings.models import Head, Link, NodeKey

FORKED = events.register(
    "chain-forked",
    Severity.WARNING,
    gettext_noop(
        "The other node %(name)s brought %(count)s links under numbers that its chain has here with other content. "
        "The ones here are kept; was a disk image of that machine put back?"
    ),
)
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    NodeKey: ("public", "node", "name"),
    Link: ("node", "boot", "number", "at", "kind", "previous", "body", "digest", "said", "salt", "call", "version"),
    Head: ("node", "boot", "number", "text", "signatures"),
}
MODELS = {model.__name__.lower(): model for model in COLUMNS}


def lacking(old: str, new: str, alive: Alive) -> Iterator[Record]:
    for name, model in MODELS.items():
        last: Any = None
        while rows := list(_page(model, old, last)):
            alive()
            known = _known(model, rows, new)
            for row in rows:
                if _name(row) not in known:
                    yield Record("evidence", f"{name} {_name(row)}", _values(row))
            last = rows[-1].pk


def _page(model: type[Model], alias: str, last: Any) -> Any:
    rows = model._default_manager.using(alias).order_by("pk")  # noqa: SLF001 -- Django's public interface
    return (rows.filter(pk__gt=last) if last is not None else rows)[:BATCH]


def _known(model: type[Model], rows: Sequence[Any], alias: str) -> set[str]:
    found = model._default_manager.using(alias)  # noqa: SLF001 -- Django's public interface
    if model is NodeKey:
        return {_name(row) for row in found.filter(pk__in=[row.pk for row in rows])}
    wanted = {name: {getattr(row, name) for row in rows} for name in ("node", "boot", "number")}
    return {_name(row) for row in found.filter(**{f"{name}__in": values for name, values in wanted.items()})}


def _name(row: Any) -> str:
    if isinstance(row, NodeKey):
        return row.public
    beside = row.digest if isinstance(row, Link) else ""
    return f"{row.node}/{row.boot}/{row.number}/{beside}"


def _values(row: Any) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in COLUMNS[type(row)]}
    plain = {name: str(value) for name, value in values.items() if isinstance(value, uuid.UUID)}
    times = {name: value.isoformat() for name, value in values.items() if isinstance(value, date)}
    return values | plain | times


def take_in(records: Sequence[Record], origin: Origin) -> int:
    rows = [_row(record) for record in records]
    taken = 0
    for model in COLUMNS:
        mine = [row for row in rows if type(row) is model]
        known = _known(model, mine, "default") if mine else set()
        fresh = [row for row in mine if _name(row) not in known]
        made = model._default_manager.bulk_create(fresh, ignore_conflicts=True)  # noqa: SLF001 -- Django's public interface
        left = len(set(map(_name, made)) - _known(model, fresh, "default")) if fresh else 0
        if left:
            events.report(FORKED, name=origin.name, count=left)
        taken += len(fresh) - left
    return taken


def _row(record: Record) -> Any:
    try:
        model = MODELS[record.key.partition(" ")[0]]
        values = {name: record.values[name] for name in COLUMNS[model]}
        if "at" in values:
            values["at"] = datetime.fromisoformat(values["at"])
        row: Any = model(**{name: _typed(name, value) for name, value in values.items()})
        row.clean_fields(exclude=["signatures"])
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, ValidationError):
        raise HandoverError(f"A link of evidence cannot be read: {record.key[:60]!r}.") from None
    if isinstance(row, Link) and (row.at.tzinfo is None or as_read(row).digest != row.digest):
        raise HandoverError(f"A link of evidence is not what its digest says: {record.key[:60]!r}.")
    return row


def _typed(name: str, value: Any) -> Any:
    return uuid.UUID(value) if name in {"node", "call"} and value is not None else value


EVIDENCE = register(Kind("evidence", lacking, take_in))

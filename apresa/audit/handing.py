"""The audit trail's part of a handover: entries are united by node, boot and number, and never changed."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from apresa.audit.models import Entry
from apresa.handover import BATCH, Alive, HandoverError, Kind, Origin, Record, register

NAMES = ("actor", "address", "action", "object", "detail")
Key = tuple[uuid.UUID, str, int]


def lacking(old: str, new: str, alive: Alive) -> Iterator[Record]:
    """By direct comparison, not by time: clocks prove nothing (K3)."""
    last = 0
    while rows := list(Entry.objects.using(old).filter(pk__gt=last).order_by("pk")[:BATCH]):
        alive()
        known = _known([_key(row) for row in rows], new)
        for row in rows:
            if _key(row) not in known:
                yield _record(row)
        last = rows[-1].pk


def take_in(records: Sequence[Record], _origin: Origin) -> int:
    found = {_key(entry): entry for entry in (_entry(record) for record in records)}
    known = _known(list(found), "default")
    Entry.objects.using("default").bulk_create(
        [entry for key, entry in found.items() if key not in known], ignore_conflicts=True
    )
    return len(found) - len(known)


def _key(row: Entry) -> Key:
    return row.node, row.boot, row.number


def _known(keys: list[Key], alias: str) -> set[Key]:
    """Which of these entries a database has; a wider question is asked than needed, and its answer cut."""
    rows = Entry.objects.using(alias).filter(
        node__in={key[0] for key in keys}, boot__in={key[1] for key in keys}, number__in={key[2] for key in keys}
    )
    return set(rows.values_list("node", "boot", "number")) & set(keys)


def _record(row: Entry) -> Record:
    values: dict[str, Any] = {name: getattr(row, name) for name in NAMES}
    return Record("audit", f"{row.node}/{row.boot}/{row.number}", {**values, "at": row.at.isoformat()})


def _entry(record: Record) -> Entry:
    given = record.values
    try:
        node, boot, number = record.key.split("/")
        at = datetime.fromisoformat(given["at"])
        entry = Entry(node=uuid.UUID(node), boot=boot, number=int(number), at=at, shipped=True)
        for name in NAMES:
            setattr(entry, name, given[name])
        entry.clean_fields(exclude=["detail"])  # an empty detail is a good one
    except (ValueError, KeyError, TypeError, OverflowError, ValidationError) as error:
        raise HandoverError(f"An audit entry cannot be read: {record.key[:100]!r}.") from error
    if at.tzinfo is None or not isinstance(entry.detail, dict):
        raise HandoverError(f"An audit entry cannot be read: {record.key[:100]!r}.")
    return entry


AUDIT = register(Kind("audit", lacking, take_in))

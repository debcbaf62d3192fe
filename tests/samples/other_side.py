"""What another node's database knows: calls, and what people did with them there; handed over in order."""

import uuid
from typing import Any

from apresa import handover
from apresa.audit.models import Entry
from apresa.handover import Origin, Record
from apresa.shared import clock
from recordings.models import Call, CallKey, HeldCall, Hold

ORIGIN = Origin("0" * 32, "north", "0123abcd")
NAMES = ("hold", "held", "note", "tag", "tombstone")  # in the order of a file of records


def alive() -> None:
    """Nobody stops a test's search."""


def known_there(call: Call, old: str, *, name: uuid.UUID | None = None) -> Call:
    """The same call in the old database, perhaps by another id."""
    there = Call.objects.get(pk=call.pk)
    keys = list(call.keys.values_list("kind", "digest"))
    there.pk = name or call.pk
    there.save(using=old, force_insert=True)
    CallKey.objects.using(old).bulk_create(CallKey(call_id=there.pk, kind=kind, digest=digest) for kind, digest in keys)
    return there


def act(model: Any, old: str, **values: Any) -> Any:
    now = clock.now()
    made = model(**{"by": "bob", "at": now, "stamp": now, **values})
    made.save(using=old)
    return made


def held_there(call: Call, old: str, **values: Any) -> HeldCall:
    hold = act(Hold, old, name="Case 12", reason="The regulator asks.")
    found: HeldCall = act(HeldCall, old, hold_id=hold.pk, call_id=call.pk, **values)
    return found


def records(old: str) -> list[Record]:
    return [record for name in NAMES for record in handover.kind(name).lacking(old, "default", alive)]


def take(found: list[Record]) -> int:
    count = 0
    for record in found:
        take_in = handover.kind(record.kind).take_in
        assert take_in is not None
        count += take_in([record], ORIGIN)
    return count


def trail(action: str) -> list[Entry]:
    return list(Entry.objects.using("node").filter(action=action))

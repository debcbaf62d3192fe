"""The calls' part of a handover: what was deleted on the losing side is deleted on the good one, and stays so (D4, U2).

Calls themselves come by spool and offers, packet by packet.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apresa.audit import domain as audit
from apresa.events import domain as events
from apresa.handover import BATCH, Alive, HandoverError, Kind, Origin, Record, register
from recordings.domain.commit import bury
from recordings.domain.deletion import delete_call
from recordings.domain.identity import View
from recordings.domain.keys import Key
from recordings.domain.lookup import Found, free_id, look_up, nanoseconds
from recordings.domain.subject import CONTESTED, contest
from recordings.models import Call, CallAlias, Contest, HeldCall, Tombstone, TombstoneKey, UserNumber, Why

MOST_KEYS = 10_000


class Verdict(StrEnum):
    KNOWN = "known"  # it was deleted here, too
    DELETE = "delete"  # it is here, and was deleted there: a tombstone beats existence
    BURY = "bury"  # it is not here, and may come by an offer
    CONTEST = "contest"  # it is on hold here, and was deleted there: kept, hidden, until a person decides (U2)
    LEAVE = "leave"  # only another name of a call whose own tombstone decides


@dataclass(frozen=True, slots=True)
class Grave:
    """A tombstone as it travels."""

    id: uuid.UUID
    why: str
    who: str
    at: datetime
    view: View


def decide(
    *,
    keys: bool,
    buried: bool,
    rows_here: bool,
    name_taken: bool,
    name_buried: bool,
    held: bool = False,
    contested: bool = False,
) -> Verdict:
    """What a tombstone of the other side means here. Pure; nothing deleted ever comes back, whatever the order.

    `keys`: whether it has any, an alias has none. `buried`, `rows_here`: what they find. `name_*`: what its id finds.
    `held`: a hold lies on one of the rows. `contested`: this very tombstone has been asked about, decided or not.
    """
    if not keys:
        if name_buried:
            return Verdict.KNOWN
        return Verdict.LEAVE if name_taken else Verdict.BURY
    if rows_here:
        if contested:
            return Verdict.KNOWN
        return Verdict.CONTEST if held else Verdict.DELETE
    return Verdict.KNOWN if buried else Verdict.BURY


def lacking(old: str, new: str, alive: Alive) -> Iterator[Record]:
    last = None
    while graves := _after(last, old):
        alive()
        names = [grave.pk for grave in graves]
        known = set(Tombstone.objects.using(new).filter(pk__in=names).values_list("pk", flat=True))
        missing = [grave for grave in graves if grave.pk not in known]
        keys: dict[uuid.UUID, list[list[str]]] = {grave.pk: [] for grave in missing}
        found = TombstoneKey.objects.using(old).filter(tombstone_id__in=list(keys)).order_by("pk")
        for name, kind, digest in found.values_list("tombstone_id", "kind", "digest"):
            keys[name].append([kind, digest])
        yield from (_record(grave, keys[grave.pk]) for grave in missing)
        last = names[-1]


def take_in(records: Sequence[Record], origin: Origin) -> int:
    return sum(_take_in(_grave(record), origin) for record in records)


def _take_in(grave: Grave, origin: Origin) -> bool:
    found = look_up(grave.view) if grave.view.keys else Found(None, ())
    rows = [row.call.pk for row in found.rows]
    verdict = decide(
        keys=bool(grave.view.keys),
        buried=found.buried is not None,
        rows_here=bool(found.rows),
        name_taken=any(model.objects.filter(pk=grave.id).exists() for model in (Call, CallAlias)),
        name_buried=Tombstone.objects.filter(pk=grave.id).exists(),
        held=HeldCall.objects.filter(call__in=rows, ended=False, hold__ended=False).exists(),
        contested=Contest.objects.filter(call__in=rows, grave=grave.id).exists(),
    )
    if verdict is Verdict.CONTEST:
        for row in found.rows:
            _contest(row.call, grave, origin)
    known: set[Key] = set()
    if verdict is Verdict.DELETE:
        for row in found.rows:
            known |= row.view.keys
            _tell(delete_call(row.call, who=grave.who, why=grave.why).pk, grave, origin)
    # What the other side knew it by may be more: no copy that was seen from there may bring it back.
    if verdict is Verdict.BURY or (verdict is Verdict.DELETE and grave.view.keys - known):
        span = grave.view.started_ns, grave.view.ended_ns
        made = bury(free_id(grave.id), frozenset(grave.view.keys), span, why=grave.why, who=grave.who, files=[])
        Tombstone.objects.filter(pk=made.pk).update(at=grave.at)
    if verdict is Verdict.BURY:
        _tell(grave.id, grave, origin)
    return verdict in {Verdict.DELETE, Verdict.BURY, Verdict.CONTEST}


def _contest(call: Call, grave: Grave, origin: Origin) -> None:
    contest(call, grave=grave.id, why=grave.why, who=grave.who, at=grave.at, origin=origin.name)
    detail = {"origin": origin.name, "recovery": origin.ticket, "tombstone": str(grave.id)}
    audit.record(grave.who or origin.name, "deletion-contested", f"call {call.pk}", **detail)
    events.report(CONTESTED, subject=str(call.pk), name=origin.name)


def _tell(name: uuid.UUID, grave: Grave, origin: Origin) -> None:
    detail = {"origin": origin.name, "recovery": origin.ticket, "at": grave.at.isoformat(), "why": grave.why}
    audit.record(grave.who or origin.name, "call-deletion-handed-over", f"call {name}", **detail)


def _after(last: uuid.UUID | None, alias: str) -> list[Tombstone]:
    found = Tombstone.objects.using(alias).order_by("pk")
    return list((found.filter(pk__gt=last) if last else found)[:BATCH])


def _record(grave: Tombstone, keys: list[list[str]]) -> Record:
    values = {
        "why": grave.why,
        "who": grave.who,
        "at": grave.at.isoformat(),
        "started": nanoseconds(grave.call_started),
        "ended": nanoseconds(grave.call_ended),
        "keys": keys,
    }
    return Record("tombstone", str(grave.pk), values)


def _grave(record: Record) -> Grave:
    given = record.values
    try:
        name, at = uuid.UUID(record.key), datetime.fromisoformat(given["at"])
        keys = frozenset((str(kind)[:16], str(digest)[:40]) for kind, digest in given["keys"])
        started, ended = int(given["started"]), int(given["ended"])
        why, who = Why(given["why"]), str(given["who"])[:150]
    except (ValueError, KeyError, TypeError, OverflowError, AttributeError):
        raise HandoverError(f"A deletion cannot be read: {record.key[:60]!r}.") from None
    if at.tzinfo is None or len(keys) > MOST_KEYS:
        raise HandoverError(f"A deletion cannot be read: {record.key[:60]!r}.")
    return Grave(name, why, who, at, View(name, keys, started, ended))


def numbers_lacking(old: str, new: str, alive: Alive) -> Iterator[Record]:
    """Numbers whose calls somebody may see only there: rights are never widened without an administrator (U3)."""
    alive()
    pairs = [
        set(UserNumber.objects.using(alias).values_list("user__username", "number").order_by()) for alias in (old, new)
    ]
    for username, number in sorted(pairs[0] - pairs[1]):
        yield Record("number", f"{username} {number}", {"what": "only there"})


TOMBSTONES = register(Kind("tombstone", lacking, take_in))
NUMBERS = register(Kind("number", numbers_lacking))

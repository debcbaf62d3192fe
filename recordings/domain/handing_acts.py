"""People's part of the calls in a handover: notes, tags and holds are united by uuid (PROTOCOL U1, U2).

A hold goes before the calls under it, and those before notes and deletions: what is held is kept first.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from apresa.audit import domain as audit
from apresa.audit.models import Entry
from apresa.events import domain as events
from apresa.handover import BATCH, Alive, HandoverError, Kind, Origin, Record, register
from recordings.domain import subject
from recordings.domain.acting import State, united
from recordings.domain.subject import CONTESTED, Subject
from recordings.domain.text import clean
from recordings.models import Call, HeldCall, Hold, Note, Tag
from recordings.models.act import NAME_LENGTH, NOTE_LENGTH, REASON_LENGTH, TAG_LENGTH, Act
from recordings.models.call import NUMBER_LENGTH

LONGEST = 200  # characters of a text that people read in a list
Place = Callable[[Mapping[str, Any], Origin, bool], dict[str, Any] | None]
"""(what travels, whose, whether the act is over) → where the act belongs here; None: to nothing that is kept."""


class Acts:
    """One kind of act: its table and the texts that may change."""

    def __init__(self, kind: str, model: Any, place: Place, /, **texts: int) -> None:
        self.name, self.model, self.place, self.texts = kind, model, place, texts
        self.of_call = hasattr(model, "call_id")

    def lacking(self, old: str, new: str, alive: Alive) -> Iterator[Record]:
        last = None
        rows = self.model.objects.using(old).order_by("pk")
        while batch := list((rows.filter(pk__gt=last) if last else rows)[:BATCH]):
            alive()
            here = self.model.objects.using(new).in_bulk([row.pk for row in batch])
            missing = [row for row in batch if row.pk not in here or self._is_news(row, here[row.pk])]
            calls = subject.told({row.call_id for row in missing if row.call_id}, old) if self.of_call else {}
            yield from (self.record(row, calls) for row in missing)
            last = batch[-1].pk

    def _is_news(self, there: Act, here: Act) -> bool:
        """Also an earlier change that says something else: it does not hold, and is not lost either."""
        mine, theirs = self.state(here), self.state(there)
        return mine < theirs or (mine.values != theirs.values and not mine.ended and not theirs.ended)

    def state(self, act: Act) -> State:
        return State(act.ended, act.stamp, act.changed_by, tuple(str(getattr(act, name)) for name in self.texts))

    def record(self, act: Any, calls: Mapping[uuid.UUID, dict[str, Any]]) -> Record:
        values = {name: getattr(act, name) for name in ("by", "changed_by", "ended", *self.texts)}
        values |= {"at": act.at.isoformat(), "stamp": act.stamp.isoformat()}
        if self.of_call and act.call_id:
            values["call"] = calls[act.call_id]
        if isinstance(act, HeldCall):
            values["hold"] = str(act.hold_id)
        return Record(self.name, str(act.pk), values)

    def take_in(self, records: Sequence[Record], origin: Origin) -> int:
        return sum(self._take_in(record, origin) for record in records)

    def _take_in(self, record: Record, origin: Origin) -> bool:
        name, given, at, by = self._read(record)
        known = self.model.objects.select_for_update().filter(pk=name).first()
        if known is None:
            place = self.place(record.values, origin, given.ended)
            if place is None:
                audit.record(origin.name, "handover-left", f"{self.name} {name}", recovery=origin.ticket)
                return False
            columns = {**dict(zip(self.texts, given.values, strict=True)), **place}
            self.model.objects.create(
                pk=name, by=by, at=at, stamp=given.stamp, changed_by=given.changed_by, ended=given.ended, **columns
            )
            return True
        return self._unite(name, self.state(known), given, origin)

    def _unite(self, name: uuid.UUID, mine: State, given: State, origin: Origin) -> bool:
        """Whether anything changed. The texts that do not hold are in the audit trail."""
        after = united(mine, given)
        other = mine if after == given else given
        if other.values != after.values and not other.ended:
            _keep_former(f"{self.name} {name}", dict(zip(self.texts, other.values, strict=True)), origin)
        if after == mine:
            return False
        texts = dict(zip(self.texts, after.values, strict=True))
        self.model.objects.filter(pk=name).update(
            ended=after.ended, stamp=after.stamp, changed_by=after.changed_by, **texts
        )
        return True

    def _read(self, record: Record) -> tuple[uuid.UUID, State, datetime, str]:
        """Raises HandoverError."""
        given = record.values
        try:
            name = uuid.UUID(record.key)
            at, stamp = datetime.fromisoformat(given["at"]), datetime.fromisoformat(given["stamp"])
            by, changed_by = (clean(str(given[part]), NUMBER_LENGTH) for part in ("by", "changed_by"))
            texts = tuple(clean(str(given[part]), longest) for part, longest in self.texts.items())
            ended = given["ended"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise HandoverError(f"An act of a person cannot be read: {record.key[:60]!r}.") from None
        if at.tzinfo is None or stamp.tzinfo is None or not isinstance(ended, bool):
            raise HandoverError(f"An act of a person cannot be read: {record.key[:60]!r}.")
        return name, State(ended, stamp, changed_by, texts), at, by


def _keep_former(act: str, texts: Mapping[str, str], origin: Origin) -> None:
    detail: dict[str, Any] = {"recovery": origin.ticket, "former": dict(texts)}
    if not Entry.objects.using("node").filter(action="act-united", object=act, detail=detail).exists():
        audit.record(origin.name, "act-united", act, **detail)


def on_a_call(values: Mapping[str, Any], _origin: Origin, _ended: bool) -> dict[str, Any] | None:
    """A deletion beats notes and tags: they went with their call."""
    wanted = subject.read(values.get("call"))
    found = subject.find(wanted)
    return None if found.buried else {"call": subject.row_of(wanted, found)}


def under_a_hold(values: Mapping[str, Any], origin: Origin, ended: bool) -> dict[str, Any] | None:
    """A hold beats every deletion: a call that was deleted here is there again, hidden, to be decided."""
    try:
        hold = Hold.objects.get(pk=uuid.UUID(str(values.get("hold"))))
    except (ValueError, Hold.DoesNotExist):
        raise HandoverError("A call is under a hold that nobody knows.") from None
    if ended and "call" not in values:
        return {"hold": hold, "call": None}  # the call was taken out, and deleted then
    wanted = subject.read(values.get("call"))
    found = subject.find(wanted)
    if not found.buried:
        return {"hold": hold, "call": subject.row_of(wanted, found)}
    if ended or hold.ended:
        return {"hold": hold, "call": None} if ended else None
    return {"hold": hold, "call": _brought_back(wanted, found.buried, origin)}


def _brought_back(wanted: Subject, grave: uuid.UUID, origin: Origin) -> Call:
    call = subject.restore(wanted, grave)
    audit.record(origin.name, "deletion-contested", f"call {call.pk}", recovery=origin.ticket, tombstone=str(grave))
    events.report(CONTESTED, subject=str(call.pk), name=origin.name)
    return call


def nowhere(_values: Mapping[str, Any], _origin: Origin, _ended: bool) -> dict[str, Any]:
    return {}


def differing(old: str, new: str, alive: Alive) -> Iterator[Record]:
    """Notes that have another text on either side: the later one holds, and people see both."""
    alive()
    there = Note.objects.using(old).filter(ended=False)
    here = dict(Note.objects.using(new).filter(ended=False).values_list("pk", "text"))
    for name, text in there.order_by("pk").values_list("pk", "text").iterator():
        if name in here and here[name] != text:
            yield Record("note-text", str(name), {"there": text[:LONGEST], "here": here[name][:LONGEST]})


HOLDS = Acts("hold", Hold, nowhere, name=NAME_LENGTH, reason=REASON_LENGTH)
HELD = Acts("held", HeldCall, under_a_hold)
NOTES = Acts("note", Note, on_a_call, text=NOTE_LENGTH)
TAGS = Acts("tag", Tag, on_a_call, word=TAG_LENGTH)
for _acts in (HOLDS, HELD, NOTES, TAGS):
    register(Kind(_acts.name, _acts.lacking, _acts.take_in))
NOTE_TEXTS = register(Kind("note-text", differing))

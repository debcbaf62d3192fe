"""The call that an act belongs to, as it travels between nodes: by its keys, as a node may name it otherwise (ID3)."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from apresa.events import domain as events
from apresa.events.models import Severity
from apresa.handover import HandoverError
from recordings.domain.commit import OBSOLETE, add_keys
from recordings.domain.identity import View
from recordings.domain.keys import Key
from recordings.domain.lookup import Found, free_id, grouped, look_up, nanoseconds
from recordings.domain.rows import moment
from recordings.domain.text import clean
from recordings.models import Call, CallAlias, CallKey, Contest, Decision, State, Tombstone, TombstoneKey, Version
from recordings.models.call import NUMBER_LENGTH, URI_LENGTH

MOST_KEYS = 10_000
TEXTS = {
    **dict.fromkeys(("caller", "callee", "caller_name", "callee_name"), NUMBER_LENGTH),
    **{"protocol": 8, "end_reason": 20, "ended_by": 8, "node": 64, "caller_uri": URI_LENGTH, "callee_uri": URI_LENGTH},
}

CONTESTED = events.register(
    "call-deletion-contested",
    Severity.WARNING,
    gettext_noop(
        "A call was deleted on one node while it was on hold on the other. It is kept and hidden until somebody who "
        "may release holds decides. The other node is %(name)s."
    ),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A call of the other node: what finds it here, and what a row shows until its audio comes."""

    view: View
    answered: datetime | None
    facts: Mapping[str, str]


def told(names: Collection[uuid.UUID], alias: str) -> dict[uuid.UUID, dict[str, Any]]:
    """These calls of an old database, as records carry them."""
    keys = grouped(CallKey.objects.using(alias).filter(call_id__in=names).values_list("call_id", "kind", "digest"))
    return {call.pk: _told(call, keys[call.pk]) for call in Call.objects.using(alias).filter(pk__in=names)}


def _told(call: Call, keys: Iterable[Key]) -> dict[str, Any]:
    return {
        "id": str(call.pk),
        "started": nanoseconds(call.started),
        "ended": nanoseconds(call.ended),
        "answered": call.answered.isoformat() if call.answered else None,
        "keys": sorted(map(list, keys)),
        "facts": {name: getattr(call, name) for name in TEXTS},
    }


def read(given: Any) -> Subject:
    """Raises HandoverError."""
    try:
        keys = frozenset((str(kind)[:16], str(digest)[:40]) for kind, digest in given["keys"])
        facts = {name: clean(str(given["facts"][name]), longest) for name, longest in TEXTS.items()}
        started, ended = int(given["started"]), int(given["ended"])
        answered = datetime.fromisoformat(given["answered"]) if given["answered"] else None
        view = View(uuid.UUID(given["id"]), keys, started, ended, facts["end_reason"], node=facts["node"])
    except (ValueError, KeyError, TypeError, OverflowError, AttributeError):
        raise HandoverError("An act belongs to a call that cannot be read.") from None
    if len(keys) > MOST_KEYS or (answered and answered.tzinfo is None):
        raise HandoverError("An act belongs to a call that cannot be read.")
    return Subject(view, answered, facts)


def find(subject: Subject) -> Found:
    """By its keys, else by its name."""
    found = look_up(subject.view) if subject.view.keys else Found(None, ())
    if found.rows or found.buried:
        return found
    buried = Tombstone.objects.filter(pk=subject.view.id).exists()
    return Found(subject.view.id, ()) if buried else found


def row_of(subject: Subject, found: Found) -> Call:
    """The call's row here; one that is not here yet gets one, and its audio comes by the other node's spool."""
    if found.rows:
        return found.rows[0].call
    alias = CallAlias.objects.filter(pk=subject.view.id).select_related("call").first()
    named = alias.call if alias else Call.objects.filter(pk=subject.view.id).first()
    if named is not None and not subject.view.keys:
        return named
    return _await(subject, free_id(subject.view.id), subject.view.keys)


def restore(subject: Subject, grave_id: uuid.UUID) -> Call:
    """A call that was deleted here while it was on hold there: kept, hidden, "decide" (U2).

    Files that were not yet erased are settled again; the other node's spool may have it, too.
    """
    graves = [Tombstone.objects.select_for_update().get(pk=grave_id)]
    keys = set(subject.view.keys) | _take_keys(graves[0])
    while (found := look_up(subject.view)).buried:
        graves.append(Tombstone.objects.select_for_update().get(pk=found.buried))
        keys |= _take_keys(graves[-1])
    Tombstone.objects.filter(pk__in=[grave.pk for grave in graves]).delete()
    call = _await(subject, graves[0].pk, keys)
    for grave in graves:
        Contest.objects.create(call=call, grave=grave.pk, why=grave.why, who=grave.who, at=grave.at)
    _take_files(call, [name for grave in graves for name in grave.files])
    facts = {name: subject.facts[name] for name in ("caller", "callee")}
    Decision.objects.filter(pk=call.pk).update(erased_at=None, erased_why="", **facts)
    return call


def contest(call: Call, *, grave: uuid.UUID, why: str, who: str, at: datetime, origin: str) -> None:
    """A call that is on hold here was deleted there."""
    Contest.objects.get_or_create(
        call=call, grave=grave, defaults={"why": why, "who": who, "at": at, "origin": origin[:NUMBER_LENGTH]}
    )


def _await(subject: Subject, name: uuid.UUID, keys: Iterable[Key]) -> Call:
    view = subject.view
    call: Call = Call.objects.create(
        pk=name,
        state=State.AWAITING,
        started=moment(view.started_ns),
        ended=moment(view.ended_ns),
        answered=subject.answered,
        duration_ms=_length_ms(subject),
        **subject.facts,
    )
    add_keys(call, frozenset(keys), fresh=True)
    if view.id != name and not Call.objects.filter(pk=view.id).exists():
        CallAlias.objects.get_or_create(pk=view.id, defaults={"call": call})
    return call


def _length_ms(subject: Subject) -> int:
    begun = nanoseconds(subject.answered) if subject.answered else subject.view.started_ns
    return min(max(0, subject.view.ended_ns - begun) // 1_000_000, 2**62)


def _take_keys(grave: Tombstone) -> set[Key]:
    """Without its keys a tombstone finds no call any more."""
    rows = TombstoneKey.objects.filter(tombstone=grave)
    keys = set(rows.values_list("kind", "digest"))
    rows.delete()
    return keys


def _take_files(call: Call, files: Iterable[str]) -> None:
    """The files that the tombstones named are the row's again; the newest of its own name is what it goes on from."""
    versions: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for name in files:
        owner, title, ending = name.rpartition("/")[2].split(".", 2)
        column = {"peaks": "peaks", "json.gz": "details", "packets": "packets"}.get(ending, "file")
        versions[owner, int(title.partition("-")[0])][column] = name
    last = max((number for owner, number in versions if owner == str(call.pk)), default=0)
    for turn, ((owner, number), columns) in enumerate(sorted(versions.items())):
        current = owner == str(call.pk) and number == last
        Version.objects.create(call=call, number=number if current else OBSOLETE + turn, **columns)
    Call.objects.filter(pk=call.pk).update(version=last)

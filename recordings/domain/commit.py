"""The one transaction that makes prepared versions the truth (S3), and the rows of calls that could not be settled."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Max

from apresa.node import activation
from apresa.shared import clock
from recordings.domain import coverage, rows
from recordings.domain.keys import Key, keys_of
from recordings.domain.lookup import Known, free_id
from recordings.domain.place import Place
from recordings.domain.versioning import Prepared
from recordings.models import (
    Call,
    CallAlias,
    CallKey,
    Contest,
    HeldCall,
    Note,
    State,
    Stream,
    Tag,
    Tombstone,
    TombstoneKey,
    Version,
    Why,
)
from recordings.pipeline.spool.calls import CallFile

OBSOLETE = 1_000_000
"""Numbers from here on are never current: files of a call that was absorbed, to be erased."""


class Overtaken(RuntimeError):
    """The call was deleted while it was rendered: nothing may be written for it."""


@contextmanager
def as_active(place: Place) -> Iterator[None]:
    """One transaction; in a cluster only while this activation is the newest one (S3). Raises Superseded."""
    with transaction.atomic():
        if place.cluster:
            activation.confirm(place.activation)
        yield


def commit_version(prepared: Prepared, known: tuple[Known, ...], view_ids: Iterable[uuid.UUID]) -> None:
    """Write or replace the call's row; within the caller's transaction. view_ids are names that others gave it."""
    wanted = {item.call.pk for item in known}
    present = set(Call.objects.select_for_update().filter(pk__in=wanted).values_list("pk", flat=True))
    if present != wanted or Tombstone.objects.filter(pk=prepared.id).exists():
        raise Overtaken(f"call {prepared.id} was deleted")
    fields = {
        **rows.call_fields(prepared.call),
        **rows.result_fields(prepared.result, prepared.digits, prepared.missing),
        "state": State.STORED,
        "version": prepared.number,
        "activation": prepared.fields["activation"],
    }
    if known:
        call, _ = Call.objects.update_or_create(pk=prepared.id, defaults=fields)
        Stream.objects.filter(call=call).delete()
    else:
        call = Call.objects.create(pk=prepared.id, **fields)
    Version.objects.create(
        call=call, number=prepared.number, coverage=coverage.dump(prepared.coverage), **prepared.fields
    )
    Stream.objects.bulk_create(rows.stream_rows(call, prepared.result, prepared.media, prepared.wrappings))
    for loser in known:
        if loser.call.pk != call.pk:
            _absorb(call, loser.call)
    add_keys(call, keys_of(prepared.call), fresh=not known)
    for other in view_ids:
        if other != call.pk:
            CallAlias.objects.get_or_create(pk=other, defaults={"call": call})


def commit_known(call: CallFile, row: Call) -> None:
    """Nothing new but names: the id and the keys of another view of a stored call."""
    add_keys(row, keys_of(call))
    other = uuid.UUID(call.uuid)
    if other != row.pk:
        CallAlias.objects.get_or_create(pk=other, defaults={"call": row})


def _absorb(call: Call, loser: Call) -> None:
    """The loser's keys, aliases, id and acts become the winner's (ID3); its versions go with files to erase."""
    mine = set(CallKey.objects.filter(call=call).values_list("kind", "digest"))
    for key in CallKey.objects.filter(call=loser):
        if (key.kind, key.digest) in mine:
            key.delete()
        else:
            CallKey.objects.filter(pk=key.pk).update(call=call)
    CallAlias.objects.filter(call=loser).update(call=call)
    for model in (Note, Tag, HeldCall):
        model.objects.filter(call=loser).update(call=call)
    graves = list(Contest.objects.filter(call=call).values_list("grave", flat=True))
    Contest.objects.filter(call=loser).exclude(grave__in=graves).update(call=call)
    have = Version.objects.filter(call=call).count()
    for place, version in enumerate(Version.objects.filter(call=loser), have):
        Version.objects.filter(pk=version.pk).update(call=call, number=OBSOLETE + place)
    Call.objects.filter(pk=loser.pk).delete()
    CallAlias.objects.get_or_create(pk=loser.pk, defaults={"call": call})


def add_keys(call: Call, keys: frozenset[Key], *, fresh: bool = False) -> None:
    """Keys that the call's row lacks; within the caller's transaction."""
    have = set() if fresh else set(CallKey.objects.filter(call=call).values_list("kind", "digest"))
    wanted = sorted(keys - have)
    turns = dict(
        CallKey.objects.filter(digest__in=[digest for _, digest in wanted])
        .values_list("digest")
        .annotate(last=Max("turn"))
    )
    CallKey.objects.bulk_create(
        CallKey(call=call, kind=kind, digest=digest, turn=turns.get(digest, -1) + 1) for kind, digest in wanted
    )


def commit_refusal(call: CallFile) -> uuid.UUID:
    """A rule says not to record: a tombstone, no content; its id."""
    grave = bury(
        free_id(uuid.UUID(call.uuid)),
        keys_of(call),
        (call.started_ns, call.ended_ns),
        why=Why.RULE,
        who=call.reason,
        files=[],
    )
    return grave.pk


def bury(
    name: uuid.UUID, keys: frozenset[Key], span_ns: tuple[int, int], *, why: str, who: str, files: list[str]
) -> Tombstone:
    """Write a tombstone; within the caller's transaction."""
    grave = Tombstone.objects.create(
        pk=name,
        why=why,
        who=who[:150],
        at=clock.now(),
        call_started=rows.moment(span_ns[0]),
        call_ended=rows.moment(span_ns[1]),
        files=files,
        erased_at=None if files else clock.now(),
    )
    TombstoneKey.objects.bulk_create(TombstoneKey(tombstone=grave, kind=kind, digest=digest) for kind, digest in keys)
    return grave


def commit_failure(call: CallFile, known: tuple[Known, ...], reason: str) -> Call:
    """Show a call that could not be settled, with the reason; one that is stored already keeps what it has.

    Within the caller's transaction.
    """
    if known:
        row = known[0].call
        changes = {"problem": reason} if row.version else {**rows.call_fields(call), "problem": reason}
        Call.objects.filter(pk=row.pk).update(**changes)
        return row
    fields = rows.call_fields(call)
    row = Call.objects.create(pk=free_id(uuid.UUID(call.uuid)), state=State.FAILED, problem=reason, **fields)
    add_keys(row, keys_of(call), fresh=True)
    return row

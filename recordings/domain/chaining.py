"""Putting into this node's chain what the database has and no chain has yet; signing the chain's head; closing days.

Who stores or deletes does not wait for it: a mark in the row says that it is to be linked, so nothing is forgotten.
"""

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from apresa.audit.models import Entry
from apresa.node.domain import identity
from apresa.shared import clock
from recordings.domain.commit import OBSOLETE
from recordings.evidence import chain, merkle, statement
from recordings.evidence.chain import AUDIT, DELETED, STORED, canonical, digest, salted
from recordings.evidence.keys import NodeKey as Key
from recordings.evidence.keys import node_key
from recordings.models import Call, DayRoot, Head, Link, NodeKey, Tombstone, Version

BATCH = 500
PATIENCE = timedelta(hours=1)  # after midnight, for what is still under way
FACTS = (
    *("protocol", "caller", "callee", "caller_name", "callee_name", "caller_uri", "callee_uri", "call_ids"),
    *("duration_ms", "end_reason", "ended_by", "status", "codecs", "node", "digits", "gaps"),
)


def facts(call: Call, version: Version) -> str:
    """What the package says of the call, in the one form whose digest is in the chain."""
    times = {
        name: value.isoformat() if (value := getattr(call, name)) else None for name in ("started", "answered", "ended")
    }
    own = {"id": str(call.pk), "version": version.number, "silenced": version.silences or []}
    return canonical({name: getattr(call, name) for name in FACTS} | times | own)


def entry_text(entry: Entry) -> str:
    """An act, as the package's audit trail has it."""
    names = ("boot", "number", "actor", "address", "action", "object", "detail")
    values = {name: getattr(entry, name) for name in names}
    return canonical(values | {"node": str(entry.node), "at": entry.at.isoformat()})


def stored_text(version: Version, salt: str) -> str:
    return canonical(
        {
            "call": str(version.call_id),
            "version": version.number,
            "recording": version.sha256,
            "details": version.details_sha256,
            "packets": version.packets_sha256,
            "facts": salted(salt, facts(version.call, version)),
        }
    )


@dataclass(frozen=True, slots=True)
class Item:
    """Something to link; `kept` are columns of its Link."""

    kind: str
    text: str
    kept: dict[str, Any]


def link_all(key: Key | None = None) -> int:
    """Link what is not linked, in batches; how many. For the active node. Raises OSError, ProofError, DatabaseError."""
    key = key or node_key(Path(settings.APRESA.data))
    done = 0
    while found := _batch(key):
        done += found
    return done


def _batch(key: Key) -> int:
    for last in (False, False, True):
        try:
            return _link(key)
        except IntegrityError:  # somebody else linked at this moment
            if last:
                raise
    return 0


@transaction.atomic
def _link(key: Key) -> int:
    node, boot = identity(), clock.boot_id()
    NodeKey.objects.get_or_create(public=key.public, defaults={"node": node.uuid, "name": node.name})
    NodeKey.objects.select_for_update().get(public=key.public)  # one chain is written by one process at a time
    items = list(_waiting())
    if not items:
        return 0
    newest = Link.objects.filter(node=node.uuid, boot=boot).order_by("-number").first()
    number, previous = (newest.number, newest.digest) if newest else (0, chain.beginning(str(node.uuid), boot))
    now = clock.now()
    rows = []
    for item in items:
        number += 1
        link = chain.Link(str(node.uuid), boot, number, now.isoformat(), item.kind, previous, digest(item.text))
        previous = link.digest
        columns = {"node": node.uuid, "boot": boot, "number": number, "at": now, "kind": item.kind}
        rows.append(Link(previous=link.previous, body=link.body, digest=link.digest, **columns, **item.kept))
    Link.objects.bulk_create(rows)
    text = statement.head(link, now.isoformat())
    signatures = [{"key": key.public, "signature": key.sign(text)}]
    Head.objects.create(node=node.uuid, boot=boot, number=number, text=text, signatures=signatures)
    return len(items)


def _waiting() -> Iterator[Item]:
    """What is to be linked, marked as linked; within the caller's transaction."""
    versions = list(Version.objects.filter(linked=False).select_related("call").order_by("pk")[:BATCH])
    for version in versions:
        if version.number < OBSOLETE:  # what was absorbed is another call's now, and its files go
            salt = secrets.token_hex(16)
            text = stored_text(version, salt)
            kept = {"said": text, "salt": salt, "call": version.call_id, "version": version.number}
            yield Item(STORED, text, kept)
    Version.objects.filter(pk__in=[version.pk for version in versions]).update(linked=True)
    graves = list(Tombstone.objects.filter(linked=False).order_by("at")[:BATCH])
    for grave in graves:
        text = canonical({"call": str(grave.pk), "why": grave.why, "at": grave.at.isoformat()})
        yield Item(DELETED, text, {"said": text, "call": grave.pk})
    names = [grave.pk for grave in graves]
    Tombstone.objects.filter(pk__in=names).update(linked=True)
    Link.objects.filter(call__in=names, kind=STORED).update(salt="")
    entries = list(Entry.objects.using("default").filter(linked=False).order_by("pk")[:BATCH])
    for entry in entries:
        yield Item(AUDIT, entry_text(entry), {})
    Entry.objects.using("default").filter(pk__in=[entry.pk for entry in entries]).update(linked=True)


@transaction.atomic
def close_day(key: Key | None = None) -> DayRoot | None:
    """Sign the root over the links of yesterday, and of whatever came late. None where that is done, or too early."""
    day = (clock.now() - PATIENCE - timedelta(days=1)).date()
    if DayRoot.objects.filter(pk=day).exists():
        return None
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    waiting = Link.objects.filter(day=None, at__lt=end)
    digests = list(waiting.values_list("digest", flat=True))
    if not digests:
        return None
    key = key or node_key(Path(settings.APRESA.data))
    former = DayRoot.objects.order_by("-day").first()
    root = merkle.root(digests)
    text = statement.day(day, len(digests), root, former.root if former else "")
    waiting.update(day=day)
    signatures = [{"key": key.public, "signature": key.sign(text)}]
    return DayRoot.objects.create(day=day, root=root, text=text, signatures=signatures)


def link_of(call: uuid.UUID, version: int) -> Link | None:
    """The newest link that speaks of this version."""
    return Link.objects.filter(kind=STORED, call=call, version=version).order_by("-at", "-number").first()


def as_read(row: Link) -> chain.Link:
    return chain.Link(str(row.node), row.boot, row.number, row.at.isoformat(), row.kind, row.previous, row.body)

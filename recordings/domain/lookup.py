"""Finding what the database knows of a call: rows and tombstones by keys, never by time alone."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q

from recordings.domain import coverage
from recordings.domain.coverage import CoverageError
from recordings.domain.identity import SLACK_NS, View, choose, rank
from recordings.domain.keys import MEDIA, Key, keys_of
from recordings.domain.rows import EPOCH, moment
from recordings.models import Call, CallAlias, CallKey, Tombstone, TombstoneKey, Version
from recordings.pipeline.spool.calls import CallFile

MOST = 200  # candidates; an address that thousands of calls share tells nothing


@dataclass(frozen=True, slots=True)
class Known:
    """A stored call with its current version, which is None before the first."""

    call: Call
    version: Version | None
    view: View


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one call: a tombstone's id, or the rows that are this call, the one that stays first."""

    buried: uuid.UUID | None
    rows: tuple[Known, ...]


def view_of(call: CallFile, held: coverage.Coverage) -> View:
    return View(uuid.UUID(call.uuid), keys_of(call), call.started_ns, call.ended_ns, call.end_reason, held, call.node)


def look_up(view: View) -> Found:
    """Rows and tombstones that are the call of this view."""
    buried = choose(view, _tombstones(view))
    if buried:
        return Found(buried[0].id, ())
    known = _known(view)
    same = {item.id for item in choose(view, [item.view for item in known])}
    rows = [item for item in known if item.view.id in same]
    return Found(None, tuple(sorted(rows, key=_rank)))


def free_id(wanted: uuid.UUID) -> uuid.UUID:
    """The wanted id, or one made from it when another call has it already (a Call-ID used again, ID4)."""
    found = wanted
    turn = 0
    while any(model.objects.filter(pk=found).exists() for model in (Call, CallAlias, Tombstone)):
        turn += 1
        found = uuid.uuid5(wanted, f"turn {turn}")
    return found


def _rank(item: Known) -> tuple[bool, int, str]:
    return rank(item.call.protocol, nanoseconds(item.call.created), item.call.pk)


def nanoseconds(time: datetime) -> int:
    delta = time.astimezone(UTC) - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 10**9 + delta.microseconds * 1000


def _known(view: View) -> list[Known]:
    ids = set(_holders(view, ~Q(kind=MEDIA)))
    # An announced address only joins a call without media to media without a call, at the same time.
    ids |= set(
        _holders(
            view,
            Q(
                kind=MEDIA,
                call__protocol="rtp" if view.has_dialog else "sip",
                call__started__lte=moment(view.ended_ns + SLACK_NS),
                call__ended__gte=moment(max(0, view.started_ns - SLACK_NS)),
            ),
        )
    )
    if not ids:
        return []
    keys: dict[uuid.UUID, set[Key]] = grouped(
        CallKey.objects.filter(call_id__in=ids).values_list("call_id", "kind", "digest")
    )
    versions = {(version.call_id, version.number): version for version in Version.objects.filter(call_id__in=ids)}
    found = []
    for call in Call.objects.filter(pk__in=ids):
        version = versions.get((call.pk, call.version))
        spans = nanoseconds(call.started), nanoseconds(call.ended)
        view_then = View(call.pk, keys[call.pk], *spans, call.end_reason, coverage_of(version), call.node)
        found.append(Known(call, version, view_then))
    return found


def _holders(view: View, condition: Q) -> Iterable[uuid.UUID]:
    digests = [digest for _, digest in view.keys]
    rows = CallKey.objects.filter(condition, digest__in=digests).order_by("-pk")
    return rows.values_list("call_id", flat=True)[:MOST]


def _tombstones(view: View) -> list[View]:
    rows = TombstoneKey.objects.filter(digest__in=[digest for _, digest in view.keys])
    ids = set(rows.values_list("tombstone_id", flat=True)[:MOST])
    if not ids:
        return []
    keys = grouped(TombstoneKey.objects.filter(tombstone_id__in=ids).values_list("tombstone_id", "kind", "digest"))
    return [
        View(grave.pk, keys[grave.pk], nanoseconds(grave.call_started), nanoseconds(grave.call_ended))
        for grave in Tombstone.objects.filter(pk__in=ids)
    ]


def grouped(rows: Iterable[tuple[uuid.UUID, str, str]]) -> dict[uuid.UUID, set[Key]]:
    keys: dict[uuid.UUID, set[Key]] = defaultdict(set)
    for owner, kind, digest in rows:
        keys[owner].add((kind, digest))
    return keys


def coverage_of(version: Version | None) -> dict[str, coverage.StreamCoverage]:
    """The packets that a version holds; none when what is stored is not understood."""
    try:
        return coverage.load(version.coverage) if version else {}
    except CoverageError:
        return {}

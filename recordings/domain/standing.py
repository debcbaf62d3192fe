"""What the database knows of many spool entries at once: the same number of queries for one and for a hundred."""

import uuid
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from django.db.models import Q

from recordings.domain.identity import SLACK_NS, View, choose
from recordings.domain.keys import MEDIA
from recordings.domain.lookup import MOST, coverage_of, grouped, nanoseconds
from recordings.domain.manifest import Manifest, StoredAs, is_covered
from recordings.domain.rows import moment
from recordings.models import Call, CallKey, Certificate, State, Tombstone, TombstoneKey, Version, Why
from recordings.pipeline.spool.silences import Spans, united

MOST_DIGESTS = 5000  # of one round of queries; a database takes only so many values at once
Name = TypeVar("Name", bound=Hashable)


class Permission(StrEnum):
    """What may let an entry go (PROTOCOL R1)."""

    CERTIFICATE = "certificate"
    TOMBSTONE = "tombstone"
    REFUSED = "refused"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Standing:
    """`row` is the call that the entry belongs to, with its current version and the digest of that one's packets.

    `stored`: the current version has all of the entry.

    `covered` says the same of a certified version, and `lsn` is the position of the permission's commit.
    """

    permission: Permission = Permission.NOTHING
    lsn: int | None = None
    covered: bool | None = None
    row: uuid.UUID | None = None
    version: int = 0
    stored: bool = False
    awaiting: bool = False
    """Whether the row has no good files."""
    digest: str = ""
    silences: Spans = ()
    """What the current version leaves out."""

    @property
    def permitted(self) -> bool:
        return self.permission is not Permission.NOTHING

    @property
    def current(self) -> StoredAs | None:
        """The row's current version."""
        return StoredAs(self.row, self.version, self.digest) if self.row else None

    @property
    def certified(self) -> StoredAs | None:
        """The version whose certificate it is."""
        return self.current if self.permission is Permission.CERTIFICATE else None


def masked_standings(
    entries: Mapping[Name, Manifest], again: Callable[[Name, Manifest, Spans], Manifest | None]
) -> tuple[dict[Name, Manifest], dict[Name, Standing]]:
    """The same, where a stored call leaves out more than its entry did: `again` makes the manifest anew without that
    (None: it cannot now, so nothing is known of the entry). Raises a database error, and what `again` raises."""
    known, found = dict(entries), standings(entries)
    more = {
        name: standing.silences
        for name, standing in found.items()
        if united(known[name].silences, standing.silences) != known[name].silences
    }
    for name, spans in more.items():
        made = again(name, known.pop(name), spans)
        del found[name]
        if made:
            known[name] = made
            found |= standings({name: made})
    return known, found


def standings(entries: Mapping[Name, Manifest]) -> dict[Name, Standing]:
    """Raises a database error."""
    found: dict[Name, Standing] = {}
    for batch in _batches(entries):
        graves, rows = _tombstones(batch.values()), _Rows(batch.values())
        for name, manifest in batch.items():
            buried = choose(manifest.view, [view for view, _ in graves])
            if buried:
                found[name] = next(_buried(grave) for view, grave in graves if view is buried[0])
            else:
                found[name] = rows.standing(manifest)
    return found


def _batches(entries: Mapping[Name, Manifest]) -> Iterable[dict[Name, Manifest]]:
    batch: dict[Name, Manifest] = {}
    digests = 0
    for name, manifest in entries.items():
        if batch and digests + len(manifest.view.keys) > MOST_DIGESTS:
            yield batch
            batch, digests = {}, 0
        batch[name] = manifest
        digests += len(manifest.view.keys)
    if batch:
        yield batch


def _buried(grave: Tombstone) -> Standing:
    kind = Permission.REFUSED if grave.why == Why.RULE else Permission.TOMBSTONE
    return Standing(kind, grave.lsn, row=grave.pk)


class _Rows:
    """The calls that any of these entries may be, with their versions and certificates."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        views = [manifest.view for manifest in manifests]
        ids = _candidates(views)
        keys = grouped(CallKey.objects.filter(call_id__in=ids).values_list("call_id", "kind", "digest"))
        self.calls = {call.pk: call for call in Call.objects.filter(pk__in=ids)}
        versions = Version.objects.filter(call_id__in=ids)
        self.versions = {(version.call_id, version.number): version for version in versions}
        self.certificates = {(one.call_id, one.number): one for one in Certificate.objects.filter(call_id__in=ids)}
        self.views = [self._view(call, keys[call.pk]) for call in self.calls.values()]

    def _current(self, call: Call) -> Version | None:
        return self.versions.get((call.pk, call.version))

    def _view(self, call: Call, keys: set[tuple[str, str]]) -> View:
        spans = nanoseconds(call.started), nanoseconds(call.ended)
        return View(call.pk, keys, *spans, call.end_reason, coverage_of(self._current(call)), call.node)

    def standing(self, manifest: Manifest) -> Standing:
        """Of several rows that are this call the one that says most."""
        near = [view for view in self.views if view.keys & manifest.view.keys]
        found = [self._of(self.calls[view.id], manifest) for view in choose(manifest.view, near)]
        return max(found, key=_says, default=Standing())

    def _of(self, call: Call, manifest: Manifest) -> Standing:
        version = self._current(call)
        spans = version.spans if version else ()
        has_all = version is not None and is_covered(manifest, coverage_of(version), version.signalling, spans)
        stored = has_all and call.state == State.STORED
        awaiting = call.state != State.STORED
        certificate = self.certificates.get((call.pk, call.version))
        digest = version.packets_sha256 if version else ""
        kind, lsn, covered = Permission.NOTHING, None, None
        if certificate and version and certificate.digest == digest:
            kind, lsn, covered = Permission.CERTIFICATE, certificate.lsn, has_all
        return Standing(kind, lsn, covered, call.pk, call.version, stored, awaiting, digest, spans)


def _says(standing: Standing) -> tuple[bool, bool, bool]:
    return bool(standing.covered), standing.stored, standing.permission is Permission.CERTIFICATE


def _candidates(views: list[View]) -> set[uuid.UUID]:
    digests = {kind: sorted({key[1] for view in views for key in view.keys if (key[0] == MEDIA) is kind})
               for kind in (False, True)}  # fmt: skip
    holders = CallKey.objects.filter(~Q(kind=MEDIA), digest__in=digests[False]).order_by("-pk")
    ids = set(holders.values_list("call_id", flat=True)[: MOST * len(views)])
    # Addresses are used again and again: only calls of the same time count.
    same_time = CallKey.objects.filter(
        kind=MEDIA,
        digest__in=digests[True],
        call__started__lte=moment(max(view.ended_ns for view in views) + SLACK_NS),
        call__ended__gte=moment(max(0, min(view.started_ns for view in views) - SLACK_NS)),
    )
    return ids | set(same_time.order_by("-pk").values_list("call_id", flat=True)[: MOST * len(views)])


def _tombstones(manifests: Iterable[Manifest]) -> list[tuple[View, Tombstone]]:
    digests = sorted({digest for manifest in manifests for _, digest in manifest.view.keys})
    ids = set(TombstoneKey.objects.filter(digest__in=digests).values_list("tombstone_id", flat=True))
    keys = grouped(TombstoneKey.objects.filter(tombstone_id__in=ids).values_list("tombstone_id", "kind", "digest"))
    return [
        (View(grave.pk, keys[grave.pk], nanoseconds(grave.call_started), nanoseconds(grave.call_ended)), grave)
        for grave in Tombstone.objects.filter(pk__in=ids)
    ]

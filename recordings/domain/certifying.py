"""Certificates of stored versions (PROTOCOL C1 to C4) and the check of what another node wrote (T2).

Whether the recording is on both disks is asked elsewhere: `cluster.certify` decides, the worker brings both together.
"""

import hashlib
import os
import stat
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Exists, F, OuterRef, QuerySet

from apresa import replicated
from apresa.shared import clock
from recordings.domain.commit import as_active
from recordings.domain.place import Place
from recordings.models import Call, Certificate, State, Tombstone, Version
from recordings.store import CHUNK, Library

BATCH = 200


def uncertified(after: int) -> QuerySet[Version]:
    """Current versions of stored calls that no certificate names, oldest first, behind this row."""
    known = Certificate.objects.filter(call=OuterRef("call"), number=OuterRef("number"))
    current = Version.objects.filter(pk__gt=after, number=F("call__version"), call__state=State.STORED)
    return current.exclude(Exists(known)).order_by("pk")


def all_certified(after: int) -> int:
    """Up to which row all are: so that a round does not read the rows of years."""
    newest = Version.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    oldest = uncertified(after).values_list("pk", flat=True).first()
    return newest if oldest is None else oldest - 1


def own(activation: uuid.UUID | None, checked: int, after: int = 0) -> list[Version]:
    """What may be certified by this activation: what it wrote, and what it has checked (up to this row)."""
    rows = uncertified(after)
    return list((rows.filter(activation=activation) | rows.filter(pk__lte=checked))[:BATCH])


def inherited(activation: uuid.UUID | None, after: int) -> list[Version]:
    """What another activation wrote and nobody certified: its files may never have come here (T2)."""
    return list(uncertified(after).exclude(activation=activation)[:BATCH])


def is_good(library: Library, version: Version, *, thorough: bool) -> bool:
    """Whether all files of the version are there, of their size; `thorough` reads them. Raises OSError of a disk."""
    for name, digest in ((version.file, version.sha256), (version.packets, version.packets_sha256)):
        if name and thorough and _digest(library, name) != digest:
            return False
    sizes = [_size(library, name) for name in version.files()]
    return None not in sizes and (not version.file or _size(library, version.file) == version.size)


def await_audio(place: Place, versions: Iterable[Version]) -> int:
    """Rows without a good file here count as not stored, until a spool settles them again (T2); how many."""
    with as_active(place):
        calls = Call.objects.filter(state=State.STORED)
        return sum(calls.filter(pk=one.call_id, version=one.number).update(state=State.AWAITING) for one in versions)


def certify(place: Place, versions: Sequence[Version]) -> int:
    """Say of each that is still current that its files were on both disks; how many. Raises Superseded."""
    with as_active(place):
        # Locked, so that no settle makes another version current before this is committed.
        rows = Call.objects.select_for_update().filter(pk__in=[one.call_id for one in versions], state=State.STORED)
        current = dict(rows.values_list("pk", "version"))
        good = [one for one in versions if current.get(one.call_id) == one.number]
        made = [
            Certificate(
                call_id=one.call_id,
                number=one.number,
                digest=one.packets_sha256,
                activation=place.activation,
                at=clock.now(),
            )
            for one in good
        ]
        Certificate.objects.bulk_create(made, ignore_conflicts=True)
    return len(good)


def place_in_log() -> int:
    """Note the position of what was committed and has none yet: certificates and tombstones; how many."""
    ids = list(Certificate.objects.filter(lsn=None).values_list("pk", flat=True)[: 10 * BATCH])
    graves = list(Tombstone.objects.filter(lsn=None).values_list("pk", flat=True)[: 10 * BATCH])
    position = replicated.position() if ids or graves else None  # asked after they were seen, so it is not before them
    if position is None:
        return 0
    placed = Certificate.objects.filter(pk__in=ids).update(lsn=position)
    return placed + Tombstone.objects.filter(pk__in=graves).update(lsn=position)


def _size(library: Library, name: str) -> int | None:
    try:
        found = os.stat(name, dir_fd=library.handle, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _digest(library: Library, name: str) -> str | None:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=library.handle)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

"""Erasing library files that nothing shows any more: former versions, and the files of deleted calls."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef

from apresa.shared import clock
from recordings.domain.versioning import Prepared
from recordings.models import Certificate, Tombstone, Version
from recordings.store import Library


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the other node of a cluster has flushed what was committed; None is unknown, and erases nothing."""

    position: int | None


def erase_obsolete(library: Library, calls: Iterable[uuid.UUID] | None = None, other: Followed | None = None) -> int:
    """Erase the files of versions that are not current, of these calls or of all; how many versions.

    In a cluster only where the other node has the certificate of the current one (S2): until then a former file may
    be the one that its row names.
    """
    old = Version.objects.exclude(number=F("call__version"))
    if calls is not None:
        old = old.filter(call_id__in=list(calls))
    if other is not None:
        now = Certificate.objects.filter(call=OuterRef("call"), number=OuterRef("call__version"))
        old = old.filter(Exists(now.filter(lsn__lte=other.position))) if other.position is not None else old.none()
    count = 0
    for version in old:
        for name in version.files():
            library.remove(name)
        version.delete()
        count += 1
    return count


def erase_unused(library: Library, prepared: Prepared) -> None:
    """Erase the files of a version whose row was refused, as the call was deleted meanwhile."""
    if Version.objects.filter(call=prepared.id, number=prepared.number).exists():
        return
    for column in ("file", "details", "peaks", "packets"):
        if prepared.fields.get(column):
            library.remove(prepared.fields[column])


def erase_deleted(library: Library, other: Followed | None = None) -> int:
    """Erase the files that tombstones still name, and those that a crash left beside them; how many calls.

    In a cluster only what the other node knows to be deleted (D2), also when it is away.
    """
    count = 0
    graves = Tombstone.objects.filter(erased_at=None)
    if other is not None:
        graves = graves.filter(lsn__lte=other.position) if other.position is not None else graves.none()
    for grave in graves:
        for name in grave.files:
            library.remove(name)
        for folder in {name.rpartition("/")[0] for name in grave.files}:
            library.remove_all(folder, f"{grave.pk}.")
        Tombstone.objects.filter(pk=grave.pk).update(erased_at=clock.now(), files=[])
        count += 1
    return count

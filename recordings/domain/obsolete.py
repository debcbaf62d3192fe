"""Erasing library files that nothing shows any more: former versions, and the files of deleted calls."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import F, OuterRef, Subquery

from apresa.shared import clock
from recordings.domain.versioning import Prepared
from recordings.models import Certificate, Tombstone, Version
from recordings.store import Library


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the other node of a cluster has flushed what was committed; None is unknown, and erases nothing."""

    position: int | None

    def has(self, lsn: int | None) -> bool:
        """Whether the other node has flushed what was committed at this position."""
        return self.position is not None and lsn is not None and lsn <= self.position


def erase_obsolete(
    library: Library,
    calls: Iterable[uuid.UUID] | None = None,
    other: Followed | None = None,
    on_both: Callable[[], bool] = lambda: True,
) -> int:
    """Erase the files of versions that are not current, of these calls or of all; how many versions.

    In a cluster only where the other node has the certificate of the current one (S2): until then a former file may
    be the one that its row names. Their rows go when both disks have let go of them, as `on_both` says.
    """
    now = Certificate.objects.filter(call=OuterRef("call"), number=OuterRef("call__version"))
    old = Version.objects.exclude(number=F("call__version")).annotate(known_at=Subquery(now.values("lsn")[:1]))
    if calls is not None:
        old = old.filter(call_id__in=list(calls))
    gone = [version for version in old if other is None or other.has(version.known_at)]
    for version in gone:
        for name in version.files():
            library.remove(name)
    if not gone or not on_both():
        return 0
    for version in gone:
        version.delete()
    return len(gone)


def erase_unused(library: Library, prepared: Prepared) -> None:
    """Erase the files of a version whose row was refused, as the call was deleted meanwhile."""
    if Version.objects.filter(call=prepared.id, number=prepared.number).exists():
        return
    for column in ("file", "details", "peaks", "packets"):
        if prepared.fields.get(column):
            library.remove(prepared.fields[column])


def erase_deleted(library: Library, other: Followed | None = None, on_both: Callable[[], bool] = lambda: True) -> int:
    """Erase the files that tombstones still name, and those that a crash left beside them; how many calls.

    In a cluster only what the other node knows to be deleted (D2), also when it is away. That they are erased is noted
    when both disks have let go of them: noted alone, a split brain could leave the other node's files for ever.
    """
    if other is not None and other.position is None:
        return 0
    gone = [grave for grave in Tombstone.objects.filter(erased_at=None) if other is None or other.has(grave.lsn)]
    for grave in gone:
        for name in grave.files:
            library.remove(name)
        for folder in {name.rpartition("/")[0] for name in grave.files}:
            library.remove_all(folder, f"{grave.pk}.")
    if not gone or not on_both():
        return 0
    Tombstone.objects.filter(pk__in=[grave.pk for grave in gone]).update(erased_at=clock.now(), files=[])
    return len(gone)

"""Erasing library files that nothing shows any more: former versions, and the files of deleted calls."""

import uuid
from collections.abc import Iterable

from django.db.models import F

from apresa.shared import clock
from recordings.domain.versioning import Prepared
from recordings.models import Tombstone, Version
from recordings.store import Library


def erase_obsolete(library: Library, calls: Iterable[uuid.UUID] | None = None) -> int:
    """Erase the files of versions that are not current (S2), of these calls or of all; how many versions."""
    old = Version.objects.exclude(number=F("call__version"))
    if calls is not None:
        old = old.filter(call_id__in=list(calls))
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


def erase_deleted(library: Library) -> int:
    """Erase the files that tombstones still name (D2), and those that a crash left beside them; how many calls."""
    count = 0
    for grave in Tombstone.objects.filter(erased_at=None):
        for name in grave.files:
            library.remove(name)
        for folder in {name.rpartition("/")[0] for name in grave.files}:
            library.remove_all(folder, f"{grave.pk}.")
        Tombstone.objects.filter(pk=grave.pk).update(erased_at=clock.now(), files=[])
        count += 1
    return count

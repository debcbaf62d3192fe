"""Library files without a row: their call is settled again from its own packets file (PROTOCOL T3), never removed.

They are what a node left that published a version and died before its row was committed. Its spool still has the call;
this only shortens the gap until it is back.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog
from django.db.models import Exists, F, OuterRef

from recordings.domain.offering import take_in
from recordings.domain.place import Place
from recordings.models import Contest, State, Tombstone, Version
from recordings.pipeline.spool.errors import SpoolError
from recordings.store import Library

log = structlog.get_logger(__name__)
DAYS = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]"


def adopt(place: Place, library: Library, since: datetime) -> tuple[list[str], list[str]]:
    """Look through the days that were written since then; the files adopted, and those that are kept as they are.

    An adopted call goes the way of an offer: by its keys it is united with what is stored, or stays deleted.
    """
    adopted, kept = [], []
    for name in _orphans(library, since.timestamp()):
        try:
            take_in(place.spool, place.node, _root(library) / name)
        except SpoolError as error:
            log.warning("A library file belongs to no call, and cannot be read", file=name, reason=str(error))
            kept.append(name)
        else:
            adopted.append(name)
    return adopted, kept


def take_back(place: Place, library: Library) -> int:
    """Calls that a hold brought back (U2) are settled again from what their tombstones had named; how many."""
    back = Version.objects.filter(
        Exists(Contest.objects.filter(call=OuterRef("call"))), call__state=State.AWAITING, number=F("call__version")
    ).exclude(packets="")
    count = 0
    for version in back:
        try:
            take_in(place.spool, place.node, _root(library) / version.packets)
            count += 1
        except (FileNotFoundError, SpoolError) as error:
            log.warning("A held call has no packets file here", call=version.call_id, why=str(error))
            Version.objects.filter(pk=version.pk).update(packets="")
    return count


def _orphans(library: Library, since: float) -> Iterator[str]:
    for day in sorted(_root(library).glob(DAYS)):
        names: list[str] = []
        with suppress(FileNotFoundError):
            if day.stat().st_mtime < since:
                continue
            names = [str(path.relative_to(_root(library))) for path in day.glob("*.packets")]
        known = set(Version.objects.filter(packets__in=names).values_list("packets", flat=True))
        if set(names) - known:
            graves = Tombstone.objects.filter(erased_at=None).values_list("files", flat=True)
            known |= {name for files in graves for name in files}
        yield from sorted(set(names) - known)


def _root(library: Library) -> Path:
    return Path(f"/proc/self/fd/{library.handle}")

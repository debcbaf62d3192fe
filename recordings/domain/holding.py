"""Which calls this node holds, stored and in its spool: asked before one side of a cluster is replaced by the other."""

import uuid
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from django.db import Error as DatabaseError

from apresa.handover.calls import MOST, Calls, register
from apresa.node.domain import identity
from recordings.domain.manifest import read_manifest
from recordings.domain.releasing import entries
from recordings.models import Call, CallAlias, Tombstone
from recordings.pipeline.spool.errors import SpoolError


class Here:
    """This machine's database of calls, and its spool."""

    def held(self) -> Calls:
        spooled, heard = _spooled()
        try:
            count = Call.objects.count()
            newest = list(Call.objects.order_by("-started", "-id").values_list("pk", "ended")[:MOST])
        except DatabaseError:
            return Calls(None, heard, None, spooled)
        ends = [ended for _, ended in newest] + ([heard] if heard else [])
        return Calls(count, max(ends, default=None), tuple(str(name) for name, _ in newest), spooled)

    def known(self, names: Collection[str]) -> set[str] | None:
        wanted = []
        for name in names:
            with suppress(ValueError):
                wanted.append(uuid.UUID(name))
        try:
            found = {
                pk
                for model in (Call, CallAlias, Tombstone)
                for pk in model.objects.filter(pk__in=wanted).values_list("pk", flat=True)
            }
        except DatabaseError:
            return None
        return {name for name in names if name in set(map(str, found))}


def _spooled() -> tuple[tuple[str, ...], datetime | None]:
    """The newest calls of the spool, and when the last of them ended."""
    try:
        newest = entries(settings.APRESA.spool, str(identity().uuid))[-MOST:]
    except OSError:
        return (), None
    views = []
    for entry in newest:
        with suppress(SpoolError, OSError):
            views.append(read_manifest(entry.session, entry.path).view)
    last = max((view.ended_ns for view in views), default=None)
    return tuple(str(view.id) for view in views), None if last is None else datetime.fromtimestamp(last / 1e9, UTC)


register(Here())

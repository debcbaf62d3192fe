"""Deleting a call: a tombstone in the row's place, then the files (PROTOCOL D1, D2)."""

from django.db import transaction

from apresa.celery import ring
from recordings.domain import holds, ledger
from recordings.domain.commit import bury
from recordings.domain.lookup import nanoseconds
from recordings.models import Call, CallAlias, CallKey, HeldCall, Tombstone, Version

ERASE = "worker.tasks.settle.erase"


@transaction.atomic
def delete_call(call: Call, *, who: str, why: str) -> Tombstone:
    """Replace the row by a tombstone; from its commit on nobody sees the call. The worker erases.

    Whoever deletes comes by here. Raises OnHold.
    """
    if not Call.objects.select_for_update().filter(pk=call.pk).exists():
        return Tombstone.objects.get(pk=call.pk)  # by somebody else, a moment ago
    holds.check_deletion(call)
    HeldCall.objects.filter(call=call).update(call=None, ended=True)  # of holds that are over
    files = [name for version in Version.objects.filter(call=call) for name in version.files()]
    keys = frozenset(CallKey.objects.filter(call=call).values_list("kind", "digest"))
    aliases = list(CallAlias.objects.filter(call=call).values_list("pk", flat=True))
    span = nanoseconds(call.started), nanoseconds(call.ended)
    name = call.pk
    transaction.on_commit(lambda: ring(ERASE, queue="active"))
    call.delete()
    ledger.forget_call(name, why)
    for alias in aliases:
        bury(alias, frozenset(), span, why=why, who=who, files=[])
    return bury(name, keys, span, why=why, who=who, files=files)

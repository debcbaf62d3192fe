"""Recording acts: here first and in order, shipped to the cluster's database at least once."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max

from apresa.audit.models import Entry
from apresa.node.domain import identity
from apresa.shared import clock

BATCH = 500


def record(
    actor: AbstractBaseUser | str,
    action: str,
    obj: object = "",
    *,
    address: str = "",
    **detail: Any,
) -> Entry:
    """Append one act. Always writes to this machine's database, so it works on a standby too.

    `obj` names what the act was done to ("call 0b1e…"); `detail` must be JSON.
    """
    node, boot = identity().uuid, clock.boot_id()
    with transaction.atomic(using="node"):
        mine = Entry.objects.using("node").filter(node=node, boot=boot)
        last = mine.aggregate(last=Max("number"))["last"] or 0
        return Entry.objects.using("node").create(
            node=node,
            boot=boot,
            number=last + 1,
            at=clock.now(),
            actor=actor if isinstance(actor, str) else actor.get_username(),
            address=address,
            action=action,
            object=str(obj)[:250],
            detail=detail,
        )


def ship() -> int:
    """Copy what the cluster's database lacks, oldest first. Raises a database error when it is not writable."""
    shipped = 0
    while rows := list(Entry.objects.using("node").filter(shipped=False).order_by("id")[:BATCH]):
        copies = [_copy(row) for row in rows]
        # A crash between the two writes ships again: the unique name makes the second time harmless.
        Entry.objects.using("default").bulk_create(copies, ignore_conflicts=True)
        Entry.objects.using("node").filter(pk__in=[row.pk for row in rows]).update(shipped=True)
        shipped += len(rows)
    return shipped


def _copy(row: Entry) -> Entry:
    names = ("node", "boot", "number", "at", "actor", "address", "action", "object", "detail")
    return Entry(shipped=True, **{name: getattr(row, name) for name in names})

"""What people and programs may know of calls. Everything begins with `visible_to`."""

import uuid

from apresa.accounts.models import User
from recordings.models import Call, CallAlias, CallQuerySet, Stream, Tombstone, Version


def visible_calls(user: User) -> CallQuerySet:
    """The calls that this user may know of, for lists: no joins, no large columns."""
    found: CallQuerySet = Call.objects.visible_to(user).defer("problem", "gaps", "notes", "digits")
    return found


def find_call(user: User, call_id: uuid.UUID) -> Call:
    """The call with this id or alias. Raises Call.DoesNotExist, also for a call that the user may not know of."""
    visible = Call.objects.visible_to(user)
    found: Call | None = visible.filter(pk=call_id).first()
    if found is None:
        alias = CallAlias.objects.filter(pk=call_id).values_list("call_id", flat=True).first()
        if alias is None:
            raise Call.DoesNotExist(f"no call {call_id}")
        found = visible.get(pk=alias)
    return found


def was_deleted(call_id: uuid.UUID) -> bool:
    """Whether a call with this id was deleted: 410 rather than 404 for those who may see all calls."""
    return Tombstone.objects.filter(pk=call_id).exists()


def streams_of(call: Call) -> list[Stream]:
    return list(Stream.objects.filter(call=call).order_by("position"))


def current_version(call: Call) -> Version | None:
    """The version that people hear; None before the first."""
    return Version.objects.filter(call=call, number=call.version).first()

"""What people and programs may know of calls. Everything begins with `visible_to`."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from apresa.accounts.models import User
from recordings.domain import rows
from recordings.models import Call, CallAlias, CallQuerySet, Stream, Tombstone, Version
from recordings.queries.acts import with_marks


def visible_calls(user: User) -> CallQuerySet:
    """The calls that this user may know of, for lists: no joins, no large columns, their tags in one more query."""
    found: CallQuerySet = Call.objects.visible_to(user).defer("problem", "gaps", "notes", "digits")
    return with_marks(found, user)


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


def find_calls(user: User, names: Iterable[uuid.UUID]) -> list[Call]:
    """The calls with these ids or aliases, each once. Raises Call.DoesNotExist where one is not there for the user."""
    wanted = set(names)
    aliases = dict(CallAlias.objects.filter(pk__in=wanted).values_list("pk", "call_id"))
    ids = {aliases.get(name, name) for name in wanted}
    found = list(Call.objects.visible_to(user).filter(pk__in=ids))
    if len(found) != len(ids):
        raise Call.DoesNotExist(f"{len(ids) - len(found)} of {len(ids)} calls are not there")
    return found


def was_deleted(call_id: uuid.UUID) -> bool:
    """Whether a call with this id was deleted: 410 rather than 404 for those who may see all calls."""
    return Tombstone.objects.filter(pk=call_id).exists()


def streams_of(call: Call) -> list[Stream]:
    return list(Stream.objects.filter(call=call).order_by("position"))


def current_version(call: Call) -> Version | None:
    """The version that people hear; None before the first."""
    return Version.objects.filter(call=call, number=call.version).first()


@dataclass(frozen=True, slots=True)
class SilencedSpan:
    """A span that nobody may hear, within the call."""

    start: datetime
    end: datetime

    @property
    def milliseconds(self) -> int:
        return round((self.end - self.start).total_seconds() * 1000)


def silenced(call: Call, version: Version | None) -> list[SilencedSpan]:
    """What was left out of a stored call, by time."""
    found = [(rows.moment(start), rows.moment(end)) for start, end in (version.spans if version else ())]
    inside = [(max(start, call.started), min(end, call.ended)) for start, end in found]
    return [SilencedSpan(start, end) for start, end in inside if start < end]

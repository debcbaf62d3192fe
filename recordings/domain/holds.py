"""Holds ("legal holds"): while one lies on a call, nothing deletes it, neither a person nor the clock (PROTOCOL U2)."""

import uuid
from collections.abc import Collection, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apresa.accounts.models import User
from apresa.audit import domain as audit
from apresa.shared import clock
from recordings.domain import acting
from recordings.domain.acting import ActRefused, begun, read_line, read_text
from recordings.models import Call, Contest, HeldCall, Hold
from recordings.models.act import NAME_LENGTH, REASON_LENGTH

MOST_CALLS = 500  # of one act
SEES = ("recordings.hold_call", "recordings.release_hold")


class OnHold(RuntimeError):
    """The call is on hold, so it is not deleted. The text is one sentence for those who may see the holds."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        sentence = ngettext(
            "This call is on hold (%(names)s), so it is not deleted. Release the hold first.",
            "This call is on hold (%(names)s), so it is not deleted. Release the holds first.",
            len(names),
        )
        super().__init__(sentence % {"names": ", ".join(names)})

    def told_to(self, user: User) -> str:
        return str(self) if may_see(user) else _("This call is on hold, so it is not deleted.")


def may_see(user: User | AnonymousUser) -> bool:
    """Whose calls are held, and why, is not for everyone who may hear them."""
    return any(user.has_perm(right) for right in SEES)


def check_deletion(call: Call) -> None:
    """The one gate of every deletion, under the lock of the call's row. Raises OnHold."""
    held = HeldCall.objects.filter(call=call, ended=False, hold__ended=False)
    names = sorted(set(held.values_list("hold__name", flat=True)))
    if names:
        raise OnHold(names)


@transaction.atomic
def place(name: object, reason: object, calls: Collection[Call], *, by: User, address: str = "") -> Hold:
    """A new hold on these calls, or on none yet. Raises ActRefused."""
    title, why = read_line(name, NAME_LENGTH, "name"), read_text(reason, REASON_LENGTH, "reason")
    _check_free(title)
    hold: Hold = Hold.objects.create(name=title, reason=why, **begun(by.username))
    audit.record(by, "hold-placed", f"hold {hold.pk}", address=address, name=title, reason=why)
    _take_in(hold, calls, by, address)
    return hold


@transaction.atomic
def change(name: uuid.UUID, title: object = None, reason: object = None, *, by: User, address: str = "") -> Hold:
    """Another name or reason, None for the present one. Raises ActRefused, Hold.DoesNotExist.

    The former ones are in the audit trail.
    """
    hold = _hold(name)
    wanted = {
        "name": hold.name if title is None else read_line(title, NAME_LENGTH, "name"),
        "reason": hold.reason if reason is None else read_text(reason, REASON_LENGTH, "reason"),
    }
    if wanted == {"name": hold.name, "reason": hold.reason}:
        return hold
    _check_free(wanted["name"], hold)
    former = {"former_name": hold.name, "former_reason": hold.reason}
    acting.change(hold, by.username, ended=False, **wanted)
    audit.record(by, "hold-changed", f"hold {hold.pk}", address=address, **wanted, **former)
    return hold


@transaction.atomic
def extend(name: uuid.UUID, calls: Collection[Call], *, by: User, address: str = "") -> int:
    """Put more calls under a hold; how many were not. Raises ActRefused, Hold.DoesNotExist."""
    return _take_in(_hold(name), calls, by, address)


@transaction.atomic
def let_go(name: uuid.UUID, call: Call, *, by: User, address: str = "") -> bool:
    """Take one call out of a hold; whether it was in it. Raises Hold.DoesNotExist."""
    hold = _hold(name)
    rows = list(HeldCall.objects.select_for_update().filter(hold=hold, call=call, ended=False))
    for row in rows:
        acting.change(row, by.username, ended=True)
    if rows:
        audit.record(by, "hold-call-released", f"call {call.pk}", address=address, hold=str(hold.pk), name=hold.name)
    return bool(rows)


@transaction.atomic
def release(name: uuid.UUID, *, by: User, address: str = "") -> Hold:
    """Its calls may be deleted again, as far as no other hold lies on them. Raises Hold.DoesNotExist."""
    hold = _hold(name)
    count = HeldCall.objects.filter(hold=hold, ended=False).count()
    acting.change(hold, by.username, ended=True)
    audit.record(by, "hold-released", f"hold {hold.pk}", address=address, name=hold.name, calls=count)
    return hold


@transaction.atomic
def keep(call: Call, *, by: User, address: str = "") -> bool:
    """Decide that a call whose deletion is contested stays, for everyone to see; whether it was open."""
    open_ones = Contest.objects.select_for_update().filter(call=call, decided_at=None)
    graves = [str(name) for name in open_ones.values_list("grave", flat=True)]
    open_ones.update(decided_at=clock.now(), decided_by=by.username)
    if graves:
        audit.record(by, "deletion-withdrawn", f"call {call.pk}", address=address, tombstones=graves)
    return bool(graves)


def _take_in(hold: Hold, calls: Collection[Call], by: User, address: str) -> int:
    if len(calls) > MOST_CALLS:
        raise ActRefused(_("At most %(most)d calls at once.") % {"most": MOST_CALLS}, "calls")
    wanted = {call.pk for call in calls}
    there = set(Call.objects.select_for_update().filter(pk__in=wanted).values_list("pk", flat=True))
    if there != wanted:
        raise ActRefused(_("One of these calls was deleted a moment ago, so none was put on hold."), "calls")
    known = set(HeldCall.objects.filter(hold=hold, call__in=there, ended=False).values_list("call_id", flat=True))
    new = sorted(there - known)
    HeldCall.objects.bulk_create(HeldCall(hold=hold, call_id=pk, **begun(by.username)) for pk in new)
    for pk in new:
        audit.record(by, "call-held", f"call {pk}", address=address, hold=str(hold.pk), name=hold.name)
    return len(new)


def _hold(name: uuid.UUID) -> Hold:
    found: Hold = Hold.objects.select_for_update().get(pk=name, ended=False)
    return found


def _check_free(title: str, but: Hold | None = None) -> None:
    others = Hold.objects.filter(ended=False, name__iexact=title)
    if (others.exclude(pk=but.pk) if but else others).exists():
        raise ActRefused(_("There is a hold of this name already. Put the call under that one."), "name")

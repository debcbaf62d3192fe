"""Holds: what keeps calls from being deleted, and the calls that somebody must decide on."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apresa.accounts.backends import client_address
from apresa.accounts.models import User
from recordings.domain import holds as domain
from recordings.domain.acting import ActRefused
from recordings.models import Hold
from recordings.pages.call import call_page, find
from recordings.pages.noted import LENGTHS
from recordings.pages.reader import reader
from recordings.queries.acts import active_holds, open_contests, released_holds


@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    """The page of holds; a new one comes by POST."""
    user = reader(request)
    if not domain.may_see(user):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, user)
    typed = _typed(request)
    _needs(user, "hold_call")
    try:
        domain.place(typed["name"], typed["reason"], [], **_who(request, user))
    except ActRefused as error:
        return _page(request, user, status=400, problem=str(error), problem_at=error.field, **typed)
    messages.success(request, _("The hold is placed. Put calls under it on their pages."))
    return redirect("holds")


@require_POST
def change(request: HttpRequest, hold_id: uuid.UUID) -> HttpResponse:
    user, typed = reader(request), _typed(request)
    _needs(user, "hold_call")
    try:
        domain.change(hold_id, typed["name"], typed["reason"], **_who(request, user))
    except ActRefused as error:
        return _page(request, user, status=400, problem=str(error), problem_at=str(hold_id), **typed)
    except Hold.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The hold was changed."))
    return redirect("holds")


@require_POST
def release(request: HttpRequest, hold_id: uuid.UUID) -> HttpResponse:
    user = reader(request)
    _needs(user, "release_hold")
    try:
        hold = domain.release(hold_id, **_who(request, user))
    except Hold.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The hold %(name)s is released.") % {"name": hold.name})
    return redirect("holds")


@require_POST
def hold_call(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    """Put one call under a hold that is there, or under a new one."""
    user, call, typed = reader(request), find(request, call_id), _typed(request)
    if isinstance(call, HttpResponse):
        return call
    _needs(user, "hold_call")
    chosen = request.POST.get("hold", "")
    try:
        if chosen:
            domain.extend(_uuid(chosen), [call], **_who(request, user))
        else:
            domain.place(typed["name"], typed["reason"], [call], **_who(request, user))
    except ActRefused as error:
        return call_page(request, call, status=400, hold_problem=str(error), hold_problem_at=error.field, **typed)
    except Hold.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The call is on hold: nobody can delete it."))
    return redirect("call", call.pk)


@require_POST
def release_call(request: HttpRequest, call_id: uuid.UUID, hold_id: uuid.UUID) -> HttpResponse:
    user, call = reader(request), find(request, call_id)
    if isinstance(call, HttpResponse):
        return call
    _needs(user, "release_hold")
    try:
        domain.let_go(hold_id, call, **_who(request, user))
    except Hold.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The call was taken out of the hold."))
    return redirect("call", call.pk)


@require_POST
def keep(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    user, call = reader(request), find(request, call_id)
    if isinstance(call, HttpResponse):
        return call
    _needs(user, "release_hold")
    domain.keep(call, **_who(request, user))
    messages.success(request, _("The call stays, and everyone who may see it sees it again."))
    return redirect("call", call.pk)


def _page(request: HttpRequest, user: User, *, status: int = 200, **typed: Any) -> HttpResponse:
    deciding = user.has_perm("recordings.release_hold")
    context = {
        "holds": list(active_holds()),
        "released": list(released_holds()),
        "contests": open_contests(user) if deciding else [],
        "may_hold": user.has_perm("recordings.hold_call"),
        "may_release": deciding,
        "lengths": LENGTHS,
        **typed,
    }
    return render(request, "recordings/holds.html", context, status=status)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("name", "reason")}


def _needs(user: User, right: str) -> None:
    if not user.has_perm(f"recordings.{right}"):
        raise PermissionDenied


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def _who(request: HttpRequest, user: User) -> dict[str, Any]:
    return {"by": user, "address": client_address(request)}

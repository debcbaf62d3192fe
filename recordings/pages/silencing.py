"""Silencing a call on the page of active calls; its table is answered."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apresa.accounts.backends import client_address
from recordings.domain import silencing
from recordings.domain.acting import ActRefused
from recordings.domain.silencing import Silenced
from recordings.pages.active import active_context
from recordings.pages.listing import part_only
from recordings.pages.reader import reader
from recordings.queries.live import RunningCall, running_call


@require_POST
def silence(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    user, address = reader(request), client_address(request)
    return _do(request, call_id, lambda call: silencing.silence(call, by=user, address=address))


@require_POST
def resume(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    user, address = reader(request), client_address(request)
    return _do(request, call_id, lambda call: silencing.resume(call, by=user, address=address))


def _do(request: HttpRequest, call_id: uuid.UUID, act: Callable[[RunningCall], Silenced]) -> HttpResponse:
    user = reader(request)
    if not silencing.may_silence(user):
        raise PermissionDenied
    call = running_call(user, str(call_id))
    told: dict[str, str] = {}
    try:
        if call is None:
            raise ActRefused(_("This call has ended."))
        told = {"not_told": act(call).not_told}
    except ActRefused as error:
        told = {"refused": str(error)}
    if part_only(request):
        return render(request, "recordings/parts/active_table.html", {**active_context(request), **told})
    if told.get("refused"):
        messages.error(request, told["refused"])
    return redirect("active-calls")

"""Checking a call against its evidence, from its page."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apresa.accounts.backends import client_address
from apresa.audit import domain as audit
from recordings.domain.verifying import verify
from recordings.pages.call import call_page, find
from recordings.pages.reader import reader


@require_POST
def verify_call(request: HttpRequest, call_id: uuid.UUID) -> HttpResponse:
    user, call = reader(request), find(request, call_id)
    if isinstance(call, HttpResponse):
        return call
    if not user.has_perm("recordings.verify_call"):
        raise PermissionDenied
    try:
        found = verify(call.pk)
    except OSError:
        sentence = _("The recording's file cannot be read now. Is the library's volume mounted?")
        return call_page(request, call, status=503, refused=sentence)
    audit.record(user, "call-verified", f"call {call.pk}", address=client_address(request), found=list(found or ()))
    if found is None:
        messages.warning(request, _("There is nothing to compare this call with yet. Try again in a moment."))
    elif not found:
        messages.success(request, _("The recording is as it was stored."))
    return redirect("call", call.pk)

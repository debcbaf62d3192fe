"""What a person or program is told after a change: whether the other node has it, too (PROTOCOL K10, D3)."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import connections
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from apresa import replicated
from apresa.audit import domain as audit
from apresa.troubles import SAFE

HEADER = "Apresa-Saved"
EVENT = "apresa:saved-here"
CHANGES = ("INSERT", "UPDATE", "DELETE")


class Writes:
    """Whether anything was written: Django's hook around each statement."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen = self.seen or sql.lstrip("( ").upper().startswith(CHANGES)
        return execute(sql, params, many, context)


class SavedMiddleware:
    """After a change the answer waits a moment for the other node; if that is away, it says so. Free on one machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in SAFE or not replicated.is_expected():
            return self.get_response(request)
        writes = Writes()
        with connections["default"].execute_wrapper(writes):
            response = self.get_response(request)
        if response.status_code >= 400 or not (_ship_audit() or writes.seen):
            return response
        saved = replicated.is_saved()
        # A sign-in leaves a trace, too, but who signs in has nothing to save.
        return _told(request, response, saved=saved) if writes.seen else _marked(response, saved=saved)


def _ship_audit() -> bool:
    """Who did it must be on both nodes as surely as what was done; whether there was anything."""
    try:
        return audit.ship() > 0
    except DatabaseError:
        return False  # it stays here, and is shipped later


def _told(request: HttpRequest, response: HttpResponseBase, *, saved: bool) -> HttpResponseBase:
    if not saved:
        sentence = _("Saved here, not yet on the other node. It follows by itself.")
        if request.path.startswith("/api/"):
            if response.status_code == 204:
                response = JsonResponse({"code": "saved-here", "state": "pending", "message": sentence}, status=202)
        elif "HX-Request" in request.headers:  # a part of the page: the rest of it says so
            response["HX-Trigger"] = json.dumps({EVENT: sentence})
        else:
            messages.warning(request, sentence)
    return _marked(response, saved=saved)


def _marked(response: HttpResponseBase, *, saved: bool) -> HttpResponseBase:
    response[HEADER] = "both-nodes" if saved else "this-node"
    return response

"""What a person or program is told when the cluster's database is read-only or absent."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apresa import database
from apresa.database import DatabaseState
from apresa.node.domain import identity

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class DatabaseTroubleMiddleware:
    """Read-only → 409 with the primary's address; absent → 503 for programs, a page that explains for people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if database.is_disk_full(exception):
            sentence = _("The disk is full, so nothing was changed. Free some space, then repeat.")
            return _answer(request, sentence, code="disk-full", status=507)
        state = database.classify(exception)
        if state is None or state is DatabaseState.WRITABLE:
            return None
        database.learn(state)
        return _read_only(request) if state is DatabaseState.READ_ONLY else _absent(request)


def _read_only(request: HttpRequest) -> HttpResponse:
    primary = identity().primary_address
    sentence = _("This machine only keeps a copy, so nothing can be changed here.")
    if primary:
        sentence += " " + _("Make the change on %(address)s.") % {"address": primary}
    return _answer(request, sentence, code="read-only", status=409, primary=primary)


def _absent(request: HttpRequest) -> HttpResponse:
    sentence = _("The database cannot be reached, so calls can't be shown now. Recording goes on.")
    if _is_program(request):
        return _answer(request, sentence, code="database-absent", status=503)
    # For a person the page itself is right: it says what is the matter. A change was not made, which is a conflict.
    return _answer(request, sentence, code="database-absent", status=200 if request.method in SAFE else 409)


def _answer(request: HttpRequest, sentence: str, *, code: str, status: int, primary: str = "") -> HttpResponse:
    if _is_program(request):
        body = {"code": code, "message": sentence, **({"primary": primary} if primary else {})}
        return JsonResponse(body, status=status, headers={"Retry-After": "10"} if status == 503 else None)
    return render(request, "trouble.html", {"sentence": sentence, "code": code, "primary": primary}, status=status)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or not request.accepts("text/html")

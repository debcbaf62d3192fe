"""The standby's side: the library is mounted on the active node alone, so what lies in it comes from there."""

import functools
import http
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Concatenate, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from apresa import nodelink
from apresa.accounts.backends import client_address
from apresa.node.domain import is_active
from apresa.nodelink import LinkError, Stream
from apresa.ranges import body
from recordings.api.access import call_or_404, reader
from recordings.api.errors import Problem

View = TypeVar("View", bound=Any)
Get = Callable[Concatenate[View, Request, uuid.UUID, ...], HttpResponseBase]
BY_LINK = "apresa.by_link"  # a question of the other node is never asked round in a circle; no header can set it
ASKED = ("Range", "If-Range")
TOLD = ("content-type", "content-length", "content-range", "accept-ranges", "etag", "content-disposition")


def from_active_node(part: str) -> Callable[[Get[View]], Get[View]]:
    """A view that answers here where this machine is active, and by the other one where it stands by.

    The rights are asked twice: here by this node's copy of them, there by what holds now. The act is audited there."""

    def around(get: Get[View]) -> Get[View]:
        @functools.wraps(get)
        def asked(view: View, request: Request, call_id: uuid.UUID) -> HttpResponseBase:
            if is_active() or BY_LINK in request.META:
                return get(view, request, call_id)
            return _relayed(request, call_or_404(request, call_id).pk, part)

        return asked

    return around


class Relayed:
    """The other node's answer as a file that is read once."""

    def __init__(self, open_: ExitStack, found: Stream) -> None:
        self._open, self._found, self._rest = open_, found, b""

    def read(self, length: int) -> bytes:
        """Raises LinkError: an answer that breaks off must not look whole."""
        if not self._rest:
            self._rest = next(self._found.chunks, b"")
        piece, self._rest = self._rest[:length], self._rest[length:]
        return piece

    def close(self) -> None:
        self._open.close()


def _relayed(request: Request, call_id: uuid.UUID, part: str) -> HttpResponseBase:
    own = request._request  # noqa: SLF001 -- Django's own request knows ASGI
    with ExitStack() as stack:
        try:
            found = stack.enter_context(
                nodelink.other_node().stream(_address(request, own, call_id, part), headers=_asked(own))
            )
        except LinkError as error:
            return _refusal(error)
        length = found.headers.get("content-length", "")
        if not length.isdecimal():
            raise _unreachable("The other node does not say how much it sends.")
        relayed = Relayed(stack.pop_all(), found)
        response = body(own, relayed, int(length))
    response.status_code = found.status
    for name in TOLD:
        if name in found.headers:
            response[name] = found.headers[name]
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _address(request: Request, own: HttpRequest, call_id: uuid.UUID, part: str) -> str:
    given = {name: request.query_params[name][:20] for name in ("format", "channel", "download") if name in own.GET}
    who = {"user": str(reader(request).pk), "address": client_address(own)}
    return f"/link/v1/calls/{call_id}/{part}?{urlencode({**given, **who})}"


def _asked(own: HttpRequest) -> dict[str, str]:
    return {name: own.headers[name] for name in ASKED if name in own.headers}


def _refusal(error: LinkError) -> HttpResponse:
    """The other node's no is this one's; where it could not be asked, say so."""
    if error.status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return HttpResponse(status=error.status, headers={"Accept-Ranges": "bytes"})
    if error.status and error.code != "not-active":
        raise Problem(error.status, error.code, error.sentence)
    raise _unreachable(error.sentence)


def _unreachable(sentence: str) -> Problem:
    words = _("The recording lies on the active node, which cannot be asked now: %(reason)s") % {"reason": sentence}
    return Problem(503, "active-node-unreachable", words)

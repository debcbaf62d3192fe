"""Every error of the link has one shape: {"code", "sentence"}."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from apresa import database
from apresa.database import DatabaseState
from apresa.nodelink.answers import refuse

log = structlog.get_logger(__name__)


class ErrorMiddleware:
    """The cluster's database may be absent or read-only: that is an answer, and never takes the link down."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
            response["Content-Length"] = str(len(response.content))  # so that a cut answer is no whole one
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        if database.is_disk_full(exception):
            return refuse(507, "disk-full", "The other node's disk is full, so nothing was changed there.")
        state = database.classify(exception)
        if state is DatabaseState.READ_ONLY:
            return refuse(409, "read-only", "The other node only keeps a copy, so nothing can be changed there.")
        if state is DatabaseState.ABSENT:
            return refuse(503, "database-absent", "The other node's database cannot be reached.")
        log.error("The link could not answer", path=request.path, exc_info=exception)
        return failed(request)


def not_found(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django's
    return refuse(404, "unknown", "The other node knows no such question; is it of the same release?")


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 -- Django's
    return refuse(400, "bad", "The other node cannot make sense of the question.")


def failed(_request: HttpRequest) -> HttpResponse:
    return refuse(500, "failed", "The other node failed over the question; its log says why.")

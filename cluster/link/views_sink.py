"""Where the other node's test of the link pours its bytes: they are counted and thrown away."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from apresa.nodelink.answers import CHUNK, Refusal, answers
from cluster.linktest import PIECES


@answers("GET")
def empty(_request: HttpRequest) -> dict[str, Any]:
    """A question with no content: its time is that of the way."""
    return {}


@answers("PUT")
def sink(request: HttpRequest) -> dict[str, Any]:
    size = 0
    while chunk := request.read(CHUNK):
        size += len(chunk)
        if size > max(PIECES):
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long", "A test sends smaller pieces.")
    return {"size": size}

"""The side that answers: what a view of the link takes and gives. One shape of error: {"code", "sentence"}."""

import functools
import json
import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponseBase, JsonResponse

CHUNK = 256 * 1024
View = Callable[Concatenate[HttpRequest, ...], dict[str, Any] | HttpResponseBase]


class Refusal(Exception):
    """The answer is no; the text is one sentence for the other node's people."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code = status, code


def refuse(status: int, code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"code": code, "sentence": sentence}, status=status)


def answers(method: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A view of the link for one method (GET answers HEAD, too): it returns an object or an answer, or raises Refusal.

    Who asks has been checked before: it is the paired node."""

    def around(view: View) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def asked(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
            if request.method not in {method, "HEAD" if method == "GET" else method}:
                return refuse(405, "method", f"This address knows {method} only.")
            try:
                found = view(request, *args, **values)
            except Refusal as refusal:
                return refuse(refusal.status, refusal.code, str(refusal))
            return JsonResponse(found) if isinstance(found, dict) else found

        return asked

    return around


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent. Raises Refusal."""
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(HTTPStatus.BAD_REQUEST, "unreadable", "The question is no JSON object.")
    return found


def keep(request: HttpRequest, to: Path) -> int:
    """Write what was uploaded to a file that the caller names and moves, and sync it; its size. Raises Refusal."""
    size = 0
    try:
        with to.open("wb") as file:
            while chunk := request.read(CHUNK):
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        to.unlink(missing_ok=True)
        sentence = f"The file cannot be written: {error.strerror}."
        raise Refusal(HTTPStatus.INSUFFICIENT_STORAGE, "not-written", sentence) from None
    return size

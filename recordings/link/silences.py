"""A call was silenced at the other node: it is here, too, at once."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from apresa.nodelink.answers import Refusal, answers, body
from recordings.domain.silencing import take_in
from recordings.pipeline.spool.errors import SpoolError


@answers("POST")
def silences(request: HttpRequest) -> dict[str, Any]:
    try:
        held = take_in(body(request))
    except SpoolError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "unreadable", f"The call cannot be silenced: {error}.") from None
    except OSError as error:
        sentence = f"The silence cannot be written: {error.strerror}."
        raise Refusal(HTTPStatus.INSUFFICIENT_STORAGE, "not-written", sentence) from None
    return {"spans": len(held.spans)}

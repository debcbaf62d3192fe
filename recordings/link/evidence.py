"""The other node asks for this node's signature beside its own."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from apresa.nodelink.answers import Refusal, answers, body
from recordings.domain.countersigning import MOST, answer
from recordings.evidence.chain import ProofError


@answers("POST")
def sign(request: HttpRequest) -> dict[str, Any]:
    texts = body(request).get("texts")
    if not isinstance(texts, list) or len(texts) > 2 * MOST or not all(isinstance(text, str) for text in texts):
        raise Refusal(HTTPStatus.BAD_REQUEST, "unreadable", "The question holds no statements.")
    try:
        return answer(texts)
    except (OSError, ProofError) as error:
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "no-key", f"This node cannot sign: {error}") from None

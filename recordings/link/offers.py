"""The active node's side of an offer: what only the other node heard comes into a spool session of its own (R5)."""

import secrets
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apresa.celery import ring
from apresa.node.domain import identity, is_active
from apresa.nodelink.answers import Refusal, answers, keep
from recordings.domain.offering import take_in
from recordings.pipeline.spool.errors import SpoolError, SpoolForeign

SETTLE = "worker.tasks.settle.settle"


@answers("PUT")
def offers(request: HttpRequest) -> dict[str, Any]:
    """Answered only when the call is synced here. Whether it is news, or deleted, settling finds out by its keys."""
    if not is_active():
        raise Refusal(HTTPStatus.CONFLICT, "not-active", "This node stands by: calls are offered to the active one.")
    spool = settings.APRESA.spool
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = spool / f".offer-{secrets.token_hex(8)}"
    try:
        keep(request, path)
        name = take_in(spool, str(identity().uuid), path)
    except SpoolError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "unreadable", f"The offer is no call: {error}.") from None
    except SpoolForeign as error:
        raise Refusal(HTTPStatus.CONFLICT, "foreign-spool", f"{error}.") from None
    except OSError as error:
        sentence = f"The offer cannot be written: {error.strerror}."
        raise Refusal(HTTPStatus.INSUFFICIENT_STORAGE, "not-written", sentence) from None
    finally:
        path.unlink(missing_ok=True)
    ring(SETTLE, queue="active")
    return {"taken": name}

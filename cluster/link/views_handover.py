"""The active node's side of a hand-over: what only the other one's old database knew is kept here, then merged."""

import secrets
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from apresa.audit import domain as audit
from apresa.celery import ring
from apresa.handover import HandoverError, sealed
from apresa.node.domain import is_active
from apresa.nodelink.answers import Refusal, answers, keep
from apresa.shared.files import sync_folder
from cluster.domain.handing import folder

MERGE = "worker.tasks.cluster.hand_over"


@answers("PUT")
def handover(request: HttpRequest, name: str) -> dict[str, Any]:
    """Answered when the file is whole and on this node's disk; the worker merges it. Sent again it is known."""
    if not is_active():
        raise Refusal(HTTPStatus.CONFLICT, "not-active", "This node stands by: records go to the active one.")
    if not sealed.NAME.fullmatch(name):
        raise Refusal(HTTPStatus.NOT_FOUND, "unknown", "A file of records is named by its node and recovery.")
    path = folder() / f"{name}.jsonl"
    if path.exists() or path.with_suffix(".done").exists():
        return {"taken": name}
    folder().mkdir(mode=0o700, exist_ok=True)
    coming = path.with_name(f".{name}.{secrets.token_hex(6)}.tmp")
    try:
        size = keep(request, coming)
        origin = sealed.check(coming)
        if origin.file != name:
            raise HandoverError("The file of records is another one than its name says.")
        coming.chmod(0o600)
        coming.rename(path)
        sync_folder(path.parent)
    except HandoverError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "unreadable", str(error)) from None
    except OSError as error:
        sentence = f"The records cannot be written: {error.strerror}."
        raise Refusal(HTTPStatus.INSUFFICIENT_STORAGE, "not-written", sentence) from None
    finally:
        coming.unlink(missing_ok=True)
    audit.record("other node", "handover-taken", name, origin=origin.name, size=size)
    ring(MERGE, queue="node")
    return {"taken": name}

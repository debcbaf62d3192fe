"""Settling until nothing is due: for one imported session, and for the worker's watch."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from recordings.domain.claim import due
from recordings.domain.place import Place
from recordings.domain.rendering import Renderer
from recordings.domain.settle import settle
from recordings.pipeline.spool.layout import Session

PATIENCE = 0.1


@dataclass(slots=True)
class SessionOutcome:
    """stored holds the ids of calls with a new version; failed the reasons of those that wait for a later try."""

    stored: set[uuid.UUID] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    dropped: int = 0
    named: dict[str, uuid.UUID] = field(default_factory=dict)
    """By a call's local name: the id under which it is found, where this process settled it."""


def settle_session(
    place: Place, renderer: Renderer, session: Session, progress: Callable[[int], None]
) -> SessionOutcome:
    """Settle all calls of a session that are due, together with a worker that does the same.

    Raises as `settle`, and SpoolForeign.
    """
    session.check(place.node)  # what belongs to another node is never claimed, and would be waited for without end
    outcome = SessionOutcome()
    total = len(due(session))
    while left := due(session):
        progress(total - len(left))
        batch = settle(place, renderer)
        if batch.busy:
            time.sleep(PATIENCE)  # another process settles the same spool, ours included
            continue
        outcome.stored |= set(batch.stored)
        outcome.dropped += batch.dropped
        outcome.failed += [reason for _, reason in batch.failed]
        outcome.named |= {path.stem: name for path, name in batch.named.items() if path.parent == session.calls}
    return outcome

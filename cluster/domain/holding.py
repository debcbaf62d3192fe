"""Which calls the two nodes hold, and which of them only one does: told over the link, compared here."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from apresa.handover.calls import MOST, Calls, holder
from apresa.nodelink import LinkError, other_node
from cluster.recovery.sides import Held, Side

KNOWN = "/link/v1/recovery/known"
NOTHING = Calls(None, None, None, ())


def held() -> Calls:
    found = holder()
    return found.held() if found else NOTHING


def told(calls: Calls) -> dict[str, Any]:
    last = calls.last.isoformat() if calls.last else None
    stored = None if calls.stored is None else list(calls.stored)
    return {"count": calls.count, "last": last, "stored": stored, "spooled": list(calls.spooled)}


def read(found: object) -> Calls:
    """What the other node told; whatever cannot be read is not known."""
    if not isinstance(found, dict):
        return NOTHING
    count, last = found.get("count"), None
    with suppress(ValueError, TypeError):
        last = datetime.fromisoformat(found["last"]) if found.get("last") else None
    return Calls(
        count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None,
        last if last and last.tzinfo else None,
        names(found["stored"]) if isinstance(found.get("stored"), list) else None,
        names(found.get("spooled")),
    )


def names(found: object) -> tuple[str, ...]:
    """At most so many names of calls, of an answer or question."""
    if not isinstance(found, list):
        return ()
    return tuple(one for one in found[:MOST] if isinstance(one, str) and len(one) == 36)


def alone() -> Held:
    """Of this node, where the other one cannot be asked."""
    return _of(held(), None)


def compared(own: Side, own_calls: Calls, peer: Side, peer_calls: Calls) -> tuple[Side, Side]:
    """Both sides with what each holds, and how much of it the other one does not know."""
    here = holder()
    return (
        replace(own, held=_of(own_calls, _known_there(_all(own_calls)))),
        replace(peer, held=_of(peer_calls, here.known(_all(peer_calls)) if here else None)),
    )


def _all(calls: Calls) -> tuple[str, ...]:
    return (*(calls.stored or ()), *calls.spooled)


def _of(calls: Calls, known: set[str] | None) -> Held:
    if known is None:
        return Held(calls.last, None, calls.count)
    only: dict[str, int] = {"spooled": len(set(calls.spooled) - known)}
    if calls.stored is not None:
        only["calls"] = len(set(calls.stored) - known)
    return Held(calls.last, only, calls.count)


def _known_there(wanted: tuple[str, ...]) -> set[str] | None:
    """Which of these the other node's database knows; None: nobody can tell."""
    try:
        answer: Mapping[str, Any] = other_node().post(KNOWN, {"names": list(wanted)})
    except LinkError:
        return None
    found = answer.get("known")
    return set(filter(lambda one: isinstance(one, str), found)) if isinstance(found, list) else None

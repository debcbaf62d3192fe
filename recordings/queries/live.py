"""Asking the signalling process for the calls in progress, over its Unix socket."""

import json
import socket
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from apresa.accounts.models import User
from apresa.shared import clock
from recordings.models import UserNumber
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.silences import Silence, read_silences, spans_of

PATIENCE = 1.0  # seconds for the whole answer
LARGEST = 8 << 20
MOST_CALLS = 500


@dataclass(frozen=True, slots=True)
class RunningCall:
    """One call in progress; `lasting_ms` counts from the answer, or from the start while it rings."""

    key: str
    caller: str
    callee: str
    answered: bool
    started: datetime
    lasting_ms: int
    streams: int
    call_ids: tuple[str, ...] = ()
    silenced_until: datetime | None = None
    """Until when nobody may hear it, where it is silenced now."""

    @property
    def id(self) -> uuid.UUID | None:
        """What it will be stored under; None where signalling gave it none."""
        try:
            return uuid.UUID(self.key)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Live:
    """`answering` is False when no signalling process answers; `hidden` counts calls beyond those listed."""

    answering: bool
    calls: list[RunningCall]
    hidden: int = 0


def live_session() -> Path:
    """The spool session of this machine's interfaces."""
    return Path(settings.APRESA.spool) / "live"


def running_calls(user: User) -> Live:
    """The calls in progress that this user may know of, the longest first."""
    try:
        told = _ask()
    except (OSError, ValueError, RecursionError):
        return Live(answering=False, calls=[])
    found = wishes()
    calls = [_with_silence(call, found) for call in map(_call, told) if call is not None]
    if not user.has_perm("recordings.view_all_calls"):
        own = set(UserNumber.objects.filter(user_id=user.pk).values_list("number", flat=True))
        calls = [call for call in calls if call.caller in own or call.callee in own]
    calls.sort(key=lambda call: call.started)
    return Live(True, calls[:MOST_CALLS], max(0, len(calls) - MOST_CALLS))


def running_call(user: User, key: str) -> RunningCall | None:
    """One of them; None where it is over, or is none that the user may know of."""
    return next((call for call in running_calls(user).calls if call.key == key), None)


def wishes() -> list[Silence]:
    """What people wished not to be heard of calls that go on; none where the disk does not answer."""
    try:
        return read_silences(Session(live_session()).silences)
    except OSError:
        return []


def _with_silence(call: RunningCall, wished: list[Silence]) -> RunningCall:
    now = time.time_ns()
    spans = spans_of(call.key, call.call_ids, wished)
    ends = [end for start, end in spans if start <= now < end]
    return replace(call, silenced_until=datetime.fromtimestamp(max(ends) / 1e9, UTC)) if ends else call


def how_many() -> int | None:
    """How many calls are in progress; None when no signalling process answers."""
    try:
        return len(_ask())
    except (OSError, ValueError, RecursionError):
        return None


def how_many_ended() -> int | None:
    """How many calls ended since the signalling process began; None when none answers."""
    try:
        counters = _told().get("counters")
    except (OSError, ValueError, RecursionError):
        return None
    count = counters.get("calls") if isinstance(counters, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def _ask() -> list[Any]:
    calls = _told().get("calls")
    return calls if isinstance(calls, list) else []


def _told() -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        door.settimeout(PATIENCE)
        door.connect(str(live_session() / "signalling.sock"))
        data = bytearray()
        while chunk := door.recv(1 << 16):
            data += chunk
            if len(data) > LARGEST:
                raise ValueError("the answer is too long")
    found = json.loads(data)
    return found if isinstance(found, dict) else {}


def _call(item: Any) -> RunningCall | None:
    try:
        started_ns, answered_ns = int(item["started_ns"]), item.get("answered_ns")
        since = datetime.fromtimestamp(int(answered_ns or started_ns) / 1e9, UTC)
        return RunningCall(
            key=str(item.get("uuid") or item["local"])[:64],
            caller=str(item.get("caller", ""))[:150],
            callee=str(item.get("callee", ""))[:150],
            answered=bool(answered_ns),
            started=datetime.fromtimestamp(started_ns / 1e9, UTC),
            lasting_ms=max(0, round((clock.now() - since).total_seconds() * 1000)),
            streams=int(item.get("streams", 0)),
            call_ids=tuple(str(name)[:1000] for name in item.get("call_ids", ())[:100]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        return None

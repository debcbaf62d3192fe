"""What this machine could not hear of the calls in progress: the gaps, and calls that ended in one of them.

A dialog that SIP shows alive ends by its BYE alone; but one that was in progress as the machine stopped, and of which
nothing is heard once it hears again, ended unheard: else it would be in progress, and not stored, for half a day.
"""

from collections.abc import Iterable

from recordings.pipeline.signalling import matching
from recordings.pipeline.signalling.call import Call
from recordings.pipeline.signalling.flows import Flow
from recordings.pipeline.signalling.outcome import MOST_GAPS

SECOND = 10**9


def note_gap(calls: Iterable[Call], start_ns: int, end_ns: int, why: str) -> None:
    for call in calls:
        if call.started_ns < end_ns and len(call.gaps) < MOST_GAPS:
            call.gaps.append((start_ns, end_ns, why))


class Unheard:
    """Calls over whose life the machine was deaf: from when to when, until something of them is heard."""

    def __init__(self) -> None:
        self._deaf: dict[str, tuple[int, int]] = {}

    def note(self, call: Call, from_ns: int, to_ns: int, seconds: float) -> int:
        """When to ask `ended`: after as many seconds without a word."""
        first, _ = self._deaf.get(call.local, (from_ns, 0))
        self._deaf[call.local] = first, to_ns
        return to_ns + int(seconds * SECOND)

    def ended(self, call: Call, flows: Iterable[Flow], now_ns: int, seconds: float) -> int:
        """When the call ended (ns), where that was while nobody listened; 0 where it goes on, or nobody knows yet."""
        from_ns, to_ns = self._deaf.get(call.local, (0, 0))
        if not to_ns or now_ns < to_ns + int(seconds * SECOND):
            return 0
        del self._deaf[call.local]
        if call.answered_ns is None or call.ended_ns is not None or call.last_ns > to_ns:
            return 0
        since = (flow for flow in flows if not flow.closed or flow.first_ns >= to_ns)
        return 0 if any(matching.score(call, flow) for flow in since) else from_ns

    def forget(self, call: Call) -> None:
        self._deaf.pop(call.local, None)

"""Calls already handed on: their late messages, and those read again after a restart, begin no second call."""

from dataclasses import dataclass
from typing import Any

from recordings.pipeline.signalling.call import is_initial
from recordings.pipeline.signalling.wire import Seen

REMEMBERED_NS = 64 * 10**9  # twice the longest SIP transaction
REPEATED_NS = 2 * 10**9
MOST_ENDED = 100_000


@dataclass(frozen=True, slots=True)
class Ended:
    """`last` is the number of the last record that was the call's; `invites` are the transactions known."""

    local: str
    call_id: str
    last: int
    ended_ns: int
    invites: list[tuple[str, int]]

    def knows(self, seen: Seen) -> bool:
        """Whether a late message belongs to this call. An INVITE of its own uses the Call-ID again, and so does one
        that repeats even the branch (SIPp with the same process number), but too late for a retransmission."""
        late = seen.time_ns - self.ended_ns > REPEATED_NS
        return not is_initial(seen) or (seen.message.transaction in self.invites and not late)


class EndedCalls:
    """The newest per Call-ID."""

    def __init__(self) -> None:
        self.all: dict[str, Ended] = {}

    def get(self, call_id: str) -> Ended | None:
        return self.all.get(call_id)

    def add(self, call: Ended) -> None:
        self.all.pop(call.call_id, None)
        self.all[call.call_id] = call
        if len(self.all) > MOST_ENDED:
            del self.all[next(iter(self.all))]

    def forget(self, now_ns: int, low_water: int) -> None:
        """Drop, oldest first, what is neither fresh nor part of what would be read again."""
        while self.all:
            call_id, call = next(iter(self.all.items()))
            if call.ended_ns + REMEMBERED_NS > now_ns or call.last >= low_water:
                break
            del self.all[call_id]

    def to_json(self) -> list[list[Any]]:
        return [[call.local, call.call_id, call.last, call.ended_ns, call.invites] for call in self.all.values()]

    def restore(self, facts: list[list[Any]]) -> None:
        for local, call_id, last, ended_ns, invites in facts:
            found = [(str(branch), int(sequence)) for branch, sequence in invites]
            self.add(Ended(str(local), str(call_id), int(last), int(ended_ns), found))

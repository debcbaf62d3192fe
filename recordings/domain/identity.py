"""Whether two views are of one call (PROTOCOL ID1, ID3, ID4, ID8): a pure decision about keys, spans and packets."""

import uuid
from collections.abc import Set
from dataclasses import dataclass, field

from recordings.domain.coverage import Coverage
from recordings.domain.keys import DIALOG, MEDIA, STREAM, Key

FINAL = frozenset({"bye", "cancel", "rejected", "redirected"})
SLACK_NS = 2_000_000_000  # how far the clocks of two recorders may differ
STORED_NS = 1000  # stored times are cut to microseconds
ENOUGH = 3  # identical packets that confirm a stream (ID1 b)


@dataclass(frozen=True, slots=True)
class View:
    """What identity depends on. Coverage, end_reason and node are empty for a tombstone, which keeps no content."""

    id: uuid.UUID
    keys: Set[Key]
    started_ns: int
    ended_ns: int
    end_reason: str = ""
    coverage: Coverage = field(default_factory=dict)
    node: str = ""

    @property
    def has_dialog(self) -> bool:
        return any(kind == DIALOG for kind, _ in self.keys)


def same_call(new: View, known: View) -> bool:
    """In doubt two calls: a false merge mixes two persons' words, a false split is only untidy."""
    shared = {kind for kind, _ in new.keys & known.keys}
    if not shared:
        return False
    # One recorder has one clock: an id used again half a second after a BYE is another call.
    slack = STORED_NS if new.node and new.node == known.node else SLACK_NS
    overlap = new.started_ns <= known.ended_ns + slack and known.started_ns <= new.ended_ns + slack
    if DIALOG in shared:
        return overlap or _goes_on(new, known)
    if not overlap or (new.has_dialog and known.has_dialog):
        return False
    if STREAM in shared:
        return _same_packets(new.coverage, known.coverage)
    # An announced address alone joins a call without media to media without a call.
    return MEDIA in shared and new.has_dialog != known.has_dialog


def _goes_on(new: View, known: View) -> bool:
    """The same Call-ID and tag at another time: one call seen in two parts, or an id used again (ID4)."""
    earlier = new if new.started_ns < known.started_ns else known
    return earlier.end_reason not in FINAL and bool(earlier.end_reason)


def _same_packets(new: Coverage, known: Coverage) -> bool:
    """Common packets, or ranges without a clash when either view kept no packets of the stream."""
    both = [name for name in new if name in known]
    return not both or any(known[name].meets(new[name]) >= ENOUGH for name in both) or _adjacent(new, known, both)


def _adjacent(new: Coverage, known: Coverage, both: list[str]) -> bool:
    near = 3000  # RFC 3550 A.1, MAX_DROPOUT
    for name in both:
        ours, theirs = new[name].intervals, known[name].intervals
        if ours and theirs and min(abs(ours[0][0] - theirs[-1][1]), abs(theirs[0][0] - ours[-1][1])) % 65536 <= near:
            return True
    return False


def choose(new: View, known: list[View]) -> list[View]:
    """Those of the known calls that are this one; an announced address counts only when it points to one call."""
    found = [view for view in known if same_call(new, view)]
    certain = [view for view in found if {kind for kind, _ in new.keys & view.keys} - {MEDIA}]
    if certain:
        return certain
    return found if len(found) == 1 else []


def rank(protocol: str, created_ns: int, call_id: uuid.UUID) -> tuple[bool, int, str]:
    """Smallest wins when several rows become one: SIP beats RTP alone, then the older, then the smaller id (ID3)."""
    return (protocol != "sip", created_ns, str(call_id))

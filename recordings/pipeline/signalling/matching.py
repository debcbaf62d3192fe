"""Which streams belong to which call, and who speaks in them.

SDP says where a party receives: what goes to the callee's address is spoken by the caller. Where NAT makes SDP wrong,
the source's announced address, an announced SSRC or the reverse direction of a matched stream decide.
"""

from dataclasses import dataclass

from recordings.pipeline.signalling.announced import Announcement
from recordings.pipeline.signalling.call import SECOND, Call
from recordings.pipeline.signalling.flows import Flow, Flows

LATE_SIP_NS = 5 * SECOND
AGAIN_NS = 2 * SECOND
EXACT, SSRC, WEAK, SOURCE, REVERSE = 8, 6, 4, 2, 1  # how sure a match is; a source that fits too adds 1
MOST_MATCHES = 128  # of one call: whoever floods its addresses does not crowd out what fits better
OTHER_SIDE = {"caller": "callee", "callee": "caller"}


@dataclass(slots=True)
class Match:
    """A flow that fits a call; `receiver` is the announcement that it goes to, if it is known."""

    flow: Flow
    side: str
    score: int
    kind: str = "audio"
    receiver: Announcement | None = None


def score(call: Call, flow: Flow) -> Match | None:
    """How the flow fits what the call announced; None when it does not."""
    announced = call.announced
    sources = list(announced.at(flow.source))
    best: Match | None = None
    for entry in announced.at(flow.destination):
        speaker = OTHER_SIDE[entry.side]
        fits = any(source.side == speaker for source in sources)
        found = Match(flow, speaker, (WEAK if entry.weak else EXACT) + fits, entry.kind, entry)
        best = found if best is None or found.score > best.score else best
    for ssrc in flow.ssrcs:
        side = announced.ssrcs.get(ssrc)
        if side and (best is None or best.score < SSRC):
            best = Match(flow, side, SSRC, best.kind if best else "audio", best.receiver if best else None)
    for entry in sources:
        if best is None and not entry.weak:
            best = Match(flow, entry.side, SOURCE, entry.kind)
    return best


def matches(call: Call, flows: Flows) -> list[Match]:
    """All flows that fit by address or SSRC, and the reverse directions of those."""
    known: dict[str, Match] = {}
    for address, _ in call.announced.all:
        for flow in flows.at(address):
            if flow.stream not in known and (match := score(call, flow)):
                known[flow.stream] = match
    best = sorted(known.values(), key=lambda match: -match.score)[:MOST_MATCHES]
    found = {match.flow.stream: match for match in best}
    for match in list(found.values()):
        for flow in flows.between(match.flow.pair):
            if flow.stream not in found and flow.source == match.flow.destination:
                found[flow.stream] = Match(flow, OTHER_SIDE[match.side], REVERSE, match.kind)
    return sorted(found.values(), key=lambda match: (match.flow.first_ns, match.flow.number))


def span(call: Call, match: Match) -> tuple[int, int]:
    """When the flow may carry the call's media, empty where it can not: SIP may be seen a little later than the media
    that it begins; what an earlier call had comes before; what a call at the same time had by right is that call's."""
    flow = match.flow
    start = flow.first_ns if 0 <= call.started_ns - flow.first_ns < LATE_SIP_NS else call.started_ns
    start, end = max(start, flow.first_ns), call.media_until_ns
    for claim in flow.claims:
        if claim.to_ns <= call.started_ns + AGAIN_NS:
            start = max(start, claim.to_ns)
        elif claim.score > match.score and claim.from_ns < end:
            return start, start
    return start, end

"""Which streams belong to which call, and who speaks in them.

SDP says where a party receives: what goes to the callee's address is spoken by the caller. Where NAT makes SDP wrong,
the source's announced address, an announced SSRC or the reverse direction of a matched stream decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from recordings.pipeline.signalling.announced import Announcement
from recordings.pipeline.signalling.call import SECOND, Call
from recordings.pipeline.signalling.flows import Claim, Flow, Flows
from recordings.pipeline.spool.calls import Binding

LATE_SIP_NS = 5 * SECOND
AGAIN_NS = 2 * SECOND
EXACT, SSRC, WEAK, SOURCE, REVERSE = 8, 6, 4, 2, 1  # how sure a match is; a source that fits too adds 1
_OTHER = {"caller": "callee", "callee": "caller"}


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
        speaker = _OTHER[entry.side]
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
    found: dict[str, Match] = {}
    for address, _ in call.announced.all:
        for flow in flows.at(address):
            if flow.stream not in found and (match := score(call, flow)):
                found[flow.stream] = match
    for match in list(found.values()):
        for flow in flows.between(match.flow.pair):
            if flow.stream not in found and flow.source == match.flow.destination:
                found[flow.stream] = Match(flow, _OTHER[match.side], REVERSE, match.kind)
    return sorted(found.values(), key=lambda match: (match.flow.first_ns, match.flow.number))


def span(call: Call, flow: Flow) -> tuple[int, int]:
    """When the flow may carry the call's media: SIP may be seen a little later than the media that it begins."""
    start = flow.first_ns if 0 <= call.started_ns - flow.first_ns < LATE_SIP_NS else call.started_ns
    latest = call.started_ns + AGAIN_NS  # who claims the flow for longer has it at the same time, not before
    start = max([start, *(claim.to_ns for claim in flow.claims if claim.to_ns <= latest)])
    return max(start, flow.first_ns), call.media_until_ns


def bind(call: Call, flows: Flows, rivals: Iterable[Call], now_ns: int) -> list[Binding]:
    """The call's streams; claims them. `rivals` are the other calls that announced one of the same addresses."""
    others = list(rivals)
    kept: list[tuple[Match, tuple[int, ...]]] = []
    for match in matches(call, flows):
        start, end = span(call, match.flow)
        if start >= end or not match.flow.overlaps(start, end, now_ns):
            continue
        shared = [other for other in others if (fit := score(other, match.flow)) and fit.score >= match.score]
        if any(_better(other, match, now_ns) for other in shared):
            continue
        ssrcs = _share(call, match.flow, shared)
        if ssrcs is not None:
            kept.append((match, ssrcs))
    _separate([match for match, _ in kept])
    return [_binding(call, match, ssrcs) for match, ssrcs in kept]


def _better(other: Call, match: Match, now_ns: int) -> bool:
    fit = score(other, match.flow)
    return fit is not None and fit.score > match.score and match.flow.overlaps(*span(other, match.flow), now_ns)


def _share(call: Call, flow: Flow, rivals: list[Call]) -> tuple[int, ...] | None:
    """The SSRCs of a flow that several calls announce: each belongs to the call that began last before it.

    () where that can not be told apart, None where none is this call's.
    """
    end = call.media_until_ns
    together = [other for other in rivals if other.started_ns < end and other.media_until_ns > call.started_ns]
    taken = {ssrc for claim in flow.claims if claim.to_ns > call.started_ns for ssrc in claim.ssrcs}
    if len(flow.ssrcs) < 2 or not (together or taken):
        return ()
    own = tuple(
        ssrc
        for ssrc, first_ns in flow.ssrcs.items()
        if ssrc not in taken and max([call, *together], key=lambda other: _nearness(other, first_ns)) is call
    )
    return own or None


def _nearness(call: Call, first_ns: int) -> tuple[bool, int]:
    began = call.answered_ns or call.started_ns
    return began <= first_ns + SECOND, began if began <= first_ns + SECOND else -began


def _separate(found: list[Match]) -> None:
    """Two directions on one side: the less certain ones are the other's (a relay that signalling does not show)."""
    sides = {match.side for match in found}
    scores = sorted({match.score for match in found})
    if len(sides) == 1 and len(scores) > 1 and scores[0] <= SOURCE:
        for match in found:
            if match.score <= SOURCE:
                match.side = _OTHER[match.side]


def _binding(call: Call, match: Match, ssrcs: tuple[int, ...]) -> Binding:
    flow = match.flow
    start, end = span(call, flow)
    flow.claims.append(Claim(call.local, start, end, ssrcs))
    codecs = call.announced.codecs(match.receiver, match.side)
    return Binding(
        flow.stream,
        flow.source,
        flow.destination,
        start,
        end,
        match.side,
        codecs,
        call.announced.encrypted(),
        ssrcs,
        match.kind,
    )

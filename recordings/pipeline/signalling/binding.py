"""Streams that fit an ended call → its bindings, with the claims of other calls on the same streams respected."""

from collections.abc import Iterable

from recordings.pipeline.signalling.behaviour import Announcing, guess
from recordings.pipeline.signalling.call import SECOND, Call
from recordings.pipeline.signalling.flows import Claim, Flow, Flows
from recordings.pipeline.signalling.matching import EXACT, OTHER_SIDE, SOURCE, Match, matches, score, span
from recordings.pipeline.spool.calls import Binding

MOST_CLAIMS = 256  # of one flow: a port that serves call after call without a pause


def bind(call: Call, flows: Flows, announcing: Announcing, live: Iterable[Call], now_ns: int) -> list[Binding]:
    """The call's streams; claims them. `announcing` gives those of the live calls that announced an address."""
    kept: list[tuple[Match, tuple[int, ...]]] = []
    for match in matches(call, flows):
        start, end = span(call, match)
        if start >= end or not match.flow.overlaps(start, end, now_ns):
            continue
        rivals = _rivals(call, match, announcing)
        if any(fit.score > match.score and _at_once(other, fit, now_ns) for other, fit in rivals):
            continue
        ssrcs = _share(call, match.flow, [other for other, fit in rivals if fit.score == match.score])
        if ssrcs is not None:
            kept.append((match, ssrcs))
    _separate([match for match, _ in kept])
    if not kept:
        kept = [(match, ()) for match in guess(call, flows, announcing, live, now_ns)]
    return [_binding(call, match, ssrcs) for match, ssrcs in kept]


def _rivals(call: Call, match: Match, announcing: Announcing) -> list[tuple[Call, Match]]:
    """Hundreds of calls may announce one destination (a gateway with one port); the source tells most of them apart."""
    found = {other.local: other for other in announcing(match.flow.source)}
    if match.score < EXACT or len(match.flow.ssrcs) > 1:
        found |= {other.local: other for other in announcing(match.flow.destination)}
    found.pop(call.local, None)
    fits = [(other, score(other, match.flow)) for other in found.values()]
    return [(other, fit) for other, fit in fits if fit and fit.score >= match.score]


def _at_once(other: Call, fit: Match, now_ns: int) -> bool:
    return fit.flow.overlaps(*span(other, fit), now_ns)


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
                match.side = OTHER_SIDE[match.side]


def _binding(call: Call, match: Match, ssrcs: tuple[int, ...]) -> Binding:
    flow = match.flow
    start, end = span(call, match)
    flow.claims.append(Claim(call.local, start, end, ssrcs, match.score))
    del flow.claims[:-MOST_CLAIMS]
    return Binding(
        flow.stream,
        flow.source,
        flow.destination,
        start,
        end,
        match.side,
        call.announced.codecs(match.receiver, match.side),
        call.announced.encrypted(),
        ssrcs,
        match.kind,
        call.announced.keys(match.side),
    )

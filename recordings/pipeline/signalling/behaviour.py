"""The last resort where every announced address is wrong (NAT on both sides): streams between the hosts of a call's
signalling, at its time, when exactly one pair of addresses and exactly one call come into question."""

from collections.abc import Callable, Iterable

from recordings.pipeline.signalling.call import Call
from recordings.pipeline.signalling.flows import Flow, Flows
from recordings.pipeline.signalling.matching import Match, span

MOST_FLOWS = 20_000
Announcing = Callable[[str], Iterable[Call]]


def hosts(call: Call) -> set[str]:
    """Where the call's signalling and announcements come from, without ports."""
    ends = [end for hop in call.hops for end in hop]
    return {_host(address) for address in [*ends, *call.announced.said()]}


def may_belong(call: Call, flow: Flow) -> bool:
    """Whether the flow lies between the call's hosts and began in its time."""
    if call.answered_ns is None or flow.first_ns < call.started_ns or flow.first_ns > call.media_until_ns:
        return False
    return {_host(flow.source), _host(flow.destination)} <= hosts(call)


def guess(call: Call, flows: Flows, announcing: Announcing, live: Iterable[Call], now_ns: int) -> list[Match]:
    """The only streams that can be those of an answered call that has none; nothing where there is any doubt."""
    if call.answered_ns is None or len(flows.all) > MOST_FLOWS:
        return []
    found = [flow for flow in flows.open() if not flow.claims and may_belong(call, flow)]
    found = [flow for flow in found if flow.overlaps(*span(call, Match(flow, "", 0)), now_ns)]
    if len({flow.pair for flow in found}) != 1:
        return []
    others = [*announcing(found[0].source), *announcing(found[0].destination)]
    if others or any(other is not call and may_belong(other, found[0]) for other in live):
        return []
    caller = next((_host(message.source) for message in call.messages), "")
    return [Match(flow, "caller" if _host(flow.source) == caller else "callee", 0) for flow in found]


def _host(address: str) -> str:
    return address.rpartition(":")[0]

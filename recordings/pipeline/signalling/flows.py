"""The streams that the sniffer opened, as the journal tells of them, with the spans that calls have claimed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.journal import Record

MOST_SSRCS = 64


@dataclass(frozen=True, slots=True)
class Claim:
    """What of a flow belongs to a call, and how sure that is; no SSRCs mean all."""

    local: str
    from_ns: int
    to_ns: int
    ssrcs: tuple[int, ...] = ()
    score: int = 0


@dataclass(slots=True)
class Flow:
    """One stream file's life. `closed` is the record number of its
    end, 0 while it is open; `settled` that nothing more will be decided about it."""

    stream: str
    source: str
    destination: str
    number: int
    first_ns: int
    last_ns: int = 0
    closed: int = 0
    why: str = ""
    packets: int = 0
    ssrcs: dict[int, int] = field(default_factory=dict)  # and when each was first seen
    payload_types: list[int] = field(default_factory=list)
    encapsulation: str = ""
    vlan: tuple[int, ...] = ()
    claims: list[Claim] = field(default_factory=list)
    settled: bool = False

    def is_closed(self, number: int) -> bool:
        """As of that record: a flow restored from a checkpoint may end later than where the journal is read again."""
        return 0 < self.closed <= number

    def overlaps(self, from_ns: int, to_ns: int, now_ns: int) -> bool:
        return self.first_ns < to_ns and (self.last_ns if self.closed else max(now_ns, self.first_ns)) >= from_ns

    @property
    def pair(self) -> tuple[str, str]:
        return min(self.source, self.destination), max(self.source, self.destination)


class Flows:
    """All flows not yet settled, found by name and by address."""

    def __init__(self) -> None:
        self.all: dict[str, Flow] = {}
        self.by_source: defaultdict[str, dict[str, Flow]] = defaultdict(dict)
        self.by_destination: defaultdict[str, dict[str, Flow]] = defaultdict(dict)
        self.by_pair: defaultdict[tuple[str, str], dict[str, Flow]] = defaultdict(dict)
        self.closed: dict[str, Flow] = {}  # and not yet settled

    def add(self, flow: Flow) -> None:
        self.all[flow.stream] = flow
        if not flow.settled:
            self.by_source[flow.source][flow.stream] = flow
            self.by_destination[flow.destination][flow.stream] = flow
            self.by_pair[flow.pair][flow.stream] = flow
            if flow.closed:
                self.closed[flow.stream] = flow

    def opened(self, record: Record) -> None:
        """A stream, or a further SSRC in one that is open; raises SpoolError."""
        facts = record.facts()
        try:
            flow = self.all.get(facts["stream"])
            seen_ns = record.time_ns
            if flow is None:
                flow = _flow(facts, record)
                seen_ns = flow.first_ns
                self.add(flow)
            if "ssrc" in facts and len(flow.ssrcs) < MOST_SSRCS:
                flow.ssrcs.setdefault(int(facts["ssrc"]), seen_ns)
            if "payload_type" in facts and facts["payload_type"] not in flow.payload_types:
                flow.payload_types.append(int(facts["payload_type"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise SpoolError(f"journal record {record.number} opens no stream: {error}") from error

    def ended(self, record: Record) -> None:
        """Raises SpoolError."""
        facts = record.facts()
        flow = self.all.get(str(facts.get("stream")))
        if flow is None or record.number < flow.number:
            return  # read again after a restart: this end is older than the flow that a checkpoint brought back
        try:
            self.close(flow, record.number, int(facts.get("last_ns", record.time_ns)), str(facts.get("why", "")))
            flow.packets = int(facts.get("packets", 0))
            for ssrc in list(facts.get("ssrcs", ()))[:MOST_SSRCS]:
                flow.ssrcs.setdefault(int(ssrc), flow.first_ns)
            flow.payload_types = sorted({*flow.payload_types, *map(int, facts.get("payload_types", ()))})
        except (TypeError, ValueError, OverflowError) as error:
            raise SpoolError(f"journal record {record.number} closes no stream: {error}") from error

    def close(self, flow: Flow, number: int, last_ns: int, why: str) -> None:
        if not flow.closed:
            flow.closed, flow.why = number, why
            self.closed[flow.stream] = flow
        flow.last_ns = max(flow.last_ns, last_ns, flow.first_ns)

    def settle(self, flow: Flow) -> None:
        """Nothing more will be decided about it: it is found by name alone, until `forget`."""
        flow.settled = True
        self.closed.pop(flow.stream, None)
        for index, key in ((self.by_source, flow.source), (self.by_destination, flow.destination)):
            index[key].pop(flow.stream, None)
            if not index[key]:
                del index[key]
        self.by_pair[flow.pair].pop(flow.stream, None)
        if not self.by_pair[flow.pair]:
            del self.by_pair[flow.pair]

    def forget(self, low_water: int) -> None:
        """Drop settled flows that the journal, read from there, does not mention again."""
        for flow in [flow for flow in self.all.values() if flow.settled and flow.closed < low_water]:
            del self.all[flow.stream]

    def open(self) -> Iterator[Flow]:
        return (flow for flow in self.all.values() if not flow.settled)

    def at(self, address: str) -> list[Flow]:
        """The flows that begin or end there."""
        return [*self.by_destination.get(address, {}).values(), *self.by_source.get(address, {}).values()]

    def between(self, pair: tuple[str, str]) -> list[Flow]:
        """The flows of both directions between two addresses, oldest first."""
        return sorted(self.by_pair.get(pair, {}).values(), key=lambda flow: (flow.first_ns, flow.number))


def _flow(facts: dict[str, Any], record: Record) -> Flow:
    return Flow(
        str(facts["stream"]),
        str(facts["source"]),
        str(facts["destination"]),
        record.number,
        int(facts.get("first_ns", record.time_ns)),
        encapsulation=str(facts.get("encapsulation", "")),
        vlan=tuple(facts.get("vlan", ())),
    )


def to_json(flow: Flow) -> dict[str, Any]:
    facts = {name: getattr(flow, name) for name in Flow.__slots__}
    claims = [(claim.local, claim.from_ns, claim.to_ns, claim.ssrcs, claim.score) for claim in flow.claims]
    return {**facts, "ssrcs": list(flow.ssrcs.items()), "claims": claims}


def from_json(facts: dict[str, Any]) -> Flow:
    claims = [Claim(local, start, end, tuple(ssrcs), score) for local, start, end, ssrcs, score in facts["claims"]]
    ssrcs = {int(ssrc): int(first) for ssrc, first in facts["ssrcs"]}
    return Flow(**{**facts, "claims": claims, "ssrcs": ssrcs, "vlan": tuple(facts["vlan"])})


def time_in(facts: dict[str, Any], name: str, default: int) -> int:
    """A time among the facts of a record; raises SpoolError for what is none."""
    value = facts.get(name, default)
    if value is None:
        return default
    if not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise SpoolError(f"{name} is not a time")
    return value

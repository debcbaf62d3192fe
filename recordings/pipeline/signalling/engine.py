"""Signalling as a pure function of the journal: records in, ended calls and settled streams out."""

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import islice
from typing import Any
from uuid import UUID

from recordings.pipeline.signalling import flows as streams
from recordings.pipeline.signalling import matching
from recordings.pipeline.signalling.behaviour import may_belong
from recordings.pipeline.signalling.binding import bind
from recordings.pipeline.signalling.call import FOREVER, SECOND, Budget, Call, begins_call
from recordings.pipeline.signalling.ended import Ended, EndedCalls
from recordings.pipeline.signalling.flows import Flow, Flows
from recordings.pipeline.signalling.identity import DEFAULT_CLUSTER
from recordings.pipeline.signalling.keylog import KeyLog
from recordings.pipeline.signalling.legs import Legs
from recordings.pipeline.signalling.outcome import Origin, call_id, rtp_call, sip_call
from recordings.pipeline.signalling.unheard import Unheard, note_gap
from recordings.pipeline.signalling.wire import Dissect, Seen, Wire
from recordings.pipeline.spool.calls import NOT_RUNNING, CallFile
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.journal import Kind, Record
from recordings.pipeline.spool.policy import Policy
from recordings.pipeline.spool.silences import Silence

MOST_CALLS = 100_000
MOST_RIVALS = 1000  # calls that are asked whether a stream is theirs
MOST_LADDER_BYTES = 256 << 20  # of SIP text kept for all live calls


class Engine:
    """Feed it every record in order. `policy` may be replaced at any time; a call keeps the one it began with.

    `state` and `restore` carry what a checkpoint must hold besides the number that `low_water` gives.
    """

    def __init__(
        self,
        policy: Policy,
        node: str = "",
        cluster: UUID = DEFAULT_CLUSTER,
        dissect: Dissect | None = None,
        log: KeyLog | None = None,
    ) -> None:
        self.policy = policy
        self.origin = Origin(node, cluster)
        self.wire = Wire(dissect, log)
        self.flows = Flows()
        self.live: dict[str, Call] = {}
        self.by_call_id: dict[str, Call] = {}
        self.legs = Legs()
        self.by_address: dict[str, dict[str, Call]] = {}
        self.deadlines: list[tuple[int, str]] = []
        self.ended = EndedCalls()
        self.settled: list[str] = []
        self.budget = Budget(MOST_LADDER_BYTES)
        self.number = 0
        self.now_ns = 0
        self.complete = False
        self.unheard = Unheard()
        self.silences: tuple[Silence, ...] = ()  # may be replaced, too
        self.counters = {"calls": 0, "refused": 0, "damaged": 0}

    def feed(self, record: Record) -> list[CallFile]:
        """The calls that this record ends. A record that is not understood is counted and skipped."""
        self.number = record.number
        try:
            return self._record(record)
        except SpoolError:
            self.counters["damaged"] += 1
            return []

    def _record(self, record: Record) -> list[CallFile]:
        if record.kind is Kind.FRAME:
            for seen in self.wire.feed(record.number, record.frame()):
                self._message(seen)
        elif record.kind is Kind.STREAM_OPEN:
            self.flows.opened(record)
        elif record.kind is Kind.STREAM_CLOSE:
            self.flows.ended(record)
        elif record.kind is Kind.TICK:
            return self._tick(streams.time_in(record.facts(), "until_ns", record.time_ns))
        elif record.kind is Kind.BOOT:
            self._boot(record)
        elif record.kind is Kind.HOLE:
            facts = record.facts()
            start, end = (streams.time_in(facts, name, record.time_ns) for name in ("from_ns", "to_ns"))
            note_gap(self.live.values(), start, end, str(facts.get("reason", "")))
        elif record.kind is Kind.END:
            return self._end(record)
        return []

    def _message(self, seen: Seen) -> None:
        name = seen.message.call_id
        former = self.ended.get(name)
        call = self.by_call_id.get(name)
        if former and (seen.number <= former.last or (call is None and former.knows(seen))):
            return
        again = former is not None
        if call and call.begins_anew(seen):
            if call.ended_ns is None:
                call.expire(call.last_ns)
                self._schedule(call)
            call, again = None, True
        call = call or self._begin(seen, again=again)
        if call is None:
            return
        self.by_call_id[name] = call
        for address in call.take(seen):
            self.by_address.setdefault(address, {})[call.local] = call
        self._schedule(call)

    def _begin(self, seen: Seen, *, again: bool) -> Call | None:
        """The call that this message begins, or of which it begins another leg."""
        if not begins_call(seen):
            return None
        if not again and (known := self.legs.find(seen, self.policy.leg_headers)):
            return known
        if len(self.live) >= MOST_CALLS:
            self.counters["refused"] += 1
            return None
        call = Call(seen, self.policy, self.budget)
        call.reused = again
        self.live[call.local] = call
        self.legs.add(call, seen, self.policy.leg_headers)
        self.counters["calls"] += 1
        return call

    def _schedule(self, call: Call) -> None:
        """One entry per call is enough, at the earliest moment that matters; a later one is looked up when it comes."""
        if call.expires_ns < call.scheduled_ns:
            call.scheduled_ns = call.expires_ns
            heappush(self.deadlines, (call.expires_ns, call.local))

    def _tick(self, until_ns: int) -> list[CallFile]:
        self.now_ns = max(self.now_ns, until_ns)
        finished = []
        while self.deadlines and self.deadlines[0][0] <= until_ns:
            call = self.live.get(heappop(self.deadlines)[1])
            if call is None:
                continue
            call.scheduled_ns = FOREVER
            if ended := self.unheard.ended(call, self.flows.all.values(), until_ns, self.policy.silence_timeout):
                call.expire(ended)
            if call.expires_ns <= until_ns and call.ended_ns is None:
                call.expire(call.expires_ns)
            if call.expires_ns > until_ns:
                self._schedule(call)
                continue
            finished.append(self._finish(call))
        finished += self._silent()
        return finished

    def _finish(self, call: Call) -> CallFile:
        bindings = bind(call, self.flows, self._announcing, self.live.values(), self.now_ns)
        found = [self.flows.all[binding.stream] for binding in bindings]
        self._leave(call)
        return sip_call(self.origin, call, bindings, found, self.policy, self.silences)

    def _announcing(self, address: str) -> Iterable[Call]:
        return islice(self.by_address.get(address, {}).values(), MOST_RIVALS)

    def _leave(self, call: Call) -> None:
        del self.live[call.local]
        self.unheard.forget(call)
        self.budget.left += call.kept_bytes
        for name in call.call_ids:
            if self.by_call_id.get(name) is call:
                del self.by_call_id[name]
        self.legs.remove(call)
        for address, _ in call.announced.all:
            others = self.by_address.get(address, {})
            others.pop(call.local, None)
            if not others:
                self.by_address.pop(address, None)
        for name in call.call_ids:
            known = list(call.transactions)[:32]
            self.ended.add(Ended(call.local, name, call.last, call.ended_ns or self.now_ns, known))

    def _silent(self) -> list[CallFile]:
        """Closed streams that no live call can claim any more: settled, or a call of their own."""
        finished = []
        closed = [flow for flow in self.flows.closed.values() if flow.is_closed(self.number)]
        for flow in closed:
            if flow.settled or self._wanted(flow):
                continue
            if not flow.claims and (call := self._orphans(flow)):
                finished.append(call)
            if flow.claims:
                self._settle(flow)
        return finished

    def _wanted(self, flow: Flow) -> bool:
        addresses = {flow.source, flow.destination}
        return any(
            matching.score(call, other)
            for address in addresses
            for call in self._announcing(address)
            for other in self.flows.between(flow.pair)
        )

    def _orphans(self, flow: Flow) -> CallFile | None:
        """The call of this stream, of its reverse direction and of what went on between the same addresses."""
        wait = int(self.policy.silence_timeout * SECOND)
        if not self.complete and flow.last_ns + wait > self.now_ns:
            return None  # it may go on after a restart of the capture
        if any(may_belong(call, flow) for call in self.live.values()):
            return None
        group = [other for other in self.flows.between(flow.pair) if not other.claims]
        if any(not other.is_closed(self.number) for other in group):
            return None
        why = "capture_end" if self.complete else "timeout"
        return rtp_call(self.origin, group, why, self.policy, self.silences)

    def _settle(self, flow: Flow) -> None:
        self.flows.settle(flow)
        self.settled.append(flow.stream)

    def take_settled(self) -> list[str]:
        """Streams that no further call will name, since the last time; a call file of before may still name them."""
        settled, self.settled = self.settled, []
        return settled

    def _boot(self, record: Record) -> None:
        since_ns = streams.time_in(record.facts(), "since_ns", 0)
        self.complete = False
        for flow in list(self.flows.open()):
            if not flow.closed and flow.number < record.number:  # a restored flow may have been opened since
                self.flows.close(flow, record.number, since_ns or self.now_ns, "boot")
        if since_ns:
            note_gap(self.live.values(), since_ns, record.time_ns, NOT_RUNNING)
            for call in self.live.values():
                ask = self.unheard.note(call, since_ns, record.time_ns, self.policy.silence_timeout)
                heappush(self.deadlines, (ask, call.local))

    def _end(self, record: Record) -> list[CallFile]:
        """The capture is over: all calls end, all streams are settled."""
        self.complete = True
        for seen in self.wire.flush(record.number, record.time_ns):
            self._message(seen)
        self.now_ns = max(self.now_ns, record.time_ns)
        for flow in self.flows.open():
            if not flow.closed:
                self.flows.close(flow, record.number, record.time_ns, "end")
        for call in self.live.values():
            call.expire(record.time_ns, "capture_end")
        finished = [self._finish(call) for call in list(self.live.values())]
        finished += self._silent()
        for flow in list(self.flows.open()):
            self._settle(flow)
        return finished

    def identify(self, call: Call) -> str:
        """The id that the call will have."""
        return call_id(self.origin, call)

    def unexplained(self) -> list[list[Flow]]:
        """Open streams that no call explains so far, those between the same addresses together, oldest first."""
        found: dict[tuple[str, str], list[Flow]] = {}
        for flow in self.flows.open():
            if not (flow.closed or flow.claims or self._wanted(flow)):
                found.setdefault(flow.pair, []).append(flow)
        return list(found.values())

    def low_water(self) -> int:
        """The first record that must be read again after a restart."""
        pending = self.wire.pending(self.now_ns)
        needed = [call.first for call in self.live.values()] + ([pending] if pending else [])
        return min([*needed, self.number + 1])

    def state(self) -> dict[str, Any]:
        """What a restart needs besides the records from `low_water` on, as JSON; what it no longer needs is forgotten.

        A settled stream is in at least one state, so that whoever writes it can mark the stream before it is gone.
        """
        low_water = self.low_water()
        self.ended.forget(self.now_ns, low_water)
        found = {
            "low_water": low_water,
            "now_ns": self.now_ns,
            "complete": self.complete,
            "streams": [streams.to_json(flow) for flow in self.flows.all.values()],
            "written": self.ended.to_json(),
        }
        self.flows.forget(low_water)
        return found

    def restore(self, state: dict[str, Any]) -> None:
        """Raises SpoolError for a state that is not one of ours."""
        try:
            self.ended.restore(state["written"])
            for facts in state["streams"]:
                self.flows.add(streams.from_json(facts))
            self.now_ns = int(state["now_ns"])
            self.number = int(state["low_water"]) - 1
            self.complete = bool(state["complete"])
        except (KeyError, TypeError, ValueError) as error:
            raise SpoolError(f"the checkpoint is not understood: {error}") from error

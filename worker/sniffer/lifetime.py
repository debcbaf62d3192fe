"""When a flow becomes a stream, what is told of it, and when it ends."""

from dataclasses import dataclass

import numpy as np

from recordings.pipeline.capture.batch import Int64s
from recordings.pipeline.capture.packets import Packets, gather
from recordings.pipeline.spool.journal import Kind, facts_payload
from recordings.pipeline.spool.policy import PolicyReader
from worker.sniffer.arena import OPEN, PROBATION, Arena
from worker.sniffer.files import StreamFiles
from worker.sniffer.flows import FlowTable, Wrappings
from worker.sniffer.muted import Muted
from worker.sniffer.shared import Word
from worker.sniffer.store import Store, select

_MAX_DROPOUT, _MAX_MISORDER = 3000, 100  # RFC 3550, A.1
_PROBATION_NS = 20 * 10**9
_PROBATION_PACKETS = 64
_QUIET_NS = 5 * 10**9
_MAX_SSRCS = 16


@dataclass(frozen=True, slots=True)
class Event:
    """A record for the journal; `row` is the frame of the batch that caused it."""

    row: int
    kind: Kind
    time_ns: int
    payload: bytes


@dataclass(slots=True)
class _Seen:
    ssrcs: dict[int, None]
    kinds: set[int]


class Streams:
    """All flows, from their first packet to their last."""

    def __init__(self, arena: Arena, files: StreamFiles, policy: PolicyReader, wrappings: Wrappings) -> None:
        self.arena = arena
        self.files = files
        self.policy = policy
        self.table = FlowTable(arena, wrappings)
        self.store = Store(arena, files)
        self.muted = Muted(arena, files)
        self._seen: dict[int, _Seen] = {}

    def take(self, packets: Packets) -> list[Event]:
        """Keep the packets of streams and of flows that may become one; what is to be told of it, in order."""
        control = self.arena.control
        control.add(Word.RTP, len(packets))
        if not len(packets):
            return []
        slots = self.table.find(packets.key, packets.time_ns)
        if (slots < 0).any():
            control.add(Word.REFUSED, int((slots < 0).sum()))
            packets, slots = select(packets, slots >= 0), slots[slots >= 0]
            if not len(packets):
                return []
        head = gather(packets.data, packets.start, 12)  # RFC 3550, 5.1
        ssrcs = head.view(">u4")[:, 2].astype(np.int64)
        kinds = (head[:, 1] & 127).astype(np.int64)
        sequences = head.view(">u2")[:, 1].astype(np.int64)
        events = self._probe(packets, slots, ssrcs, sequences, kinds)
        events += self._changes(packets, slots, ssrcs, kinds)
        self.store.put(*self.muted.drop(packets, slots))
        return events

    def _probe(self, packets: Packets, slots: Int64s, ssrcs: Int64s, sequences: Int64s, kinds: Int64s) -> list[Event]:
        events: list[Event] = []
        if not self.policy.policy.record:
            return events
        arena, record = self.arena, self.arena.slots
        for row in np.flatnonzero(arena.state[slots] == PROBATION).tolist():
            slot = int(slots[row])
            if arena.state[slot] != PROBATION:
                continue
            self.table.heard(slot)
            step = (int(sequences[row]) - int(record["sequence"][slot])) & 0xFFFF
            if record["run"][slot] and int(arena.ssrc[slot]) == ssrcs[row]:
                if step == 0:
                    continue  # the same packet mirrored twice
                going_on = step < _MAX_DROPOUT or step > 0x10000 - _MAX_MISORDER
            else:
                going_on = False
            record["run"][slot] = record["run"][slot] + 1 if going_on else 1
            record["sequence"][slot] = sequences[row]
            arena.ssrc[slot] = ssrcs[row]
            arena.kind[slot] = kinds[row]
            if record["run"][slot] >= self.policy.policy.minimum_packets:
                events.append(self._open(slot, int(packets.row[row]), int(packets.time_ns[row])))
        return events

    def _open(self, slot: int, row: int, time_ns: int) -> Event:
        arena = self.arena
        arena.control.add(Word.NUMBER, 1)
        arena.number[slot] = arena.control.get(Word.NUMBER)
        arena.slots["generation"][slot] = self.table.next_generation(slot)
        arena.slots["first_ssrc"][slot] = arena.ssrc[slot]
        arena.state[slot] = OPEN
        arena.control.add(Word.OPEN, 1)
        self.table.probation.pop(slot, None)
        return self.opened(slot, row, time_ns)

    def opened(self, slot: int, row: int, time_ns: int) -> Event:
        """What is told of a stream when it begins, and again when it changes its SSRC."""
        header = self.files.header(slot)
        ssrc, kind = int(self.arena.ssrc[slot]), int(self.arena.kind[slot])
        seen = self._seen.setdefault(slot, _Seen({}, set()))
        seen.ssrcs[ssrc] = None
        seen.kinds.add(kind)
        payload = facts_payload(
            stream=header.stream,
            source=header.source,
            destination=header.destination,
            ssrc=ssrc,
            payload_type=kind,
            encapsulation=header.encapsulation,
            vlan=header.vlan,
            generation=header.generation,
            first_ns=int(self.arena.first_ns[slot]),
        )
        return Event(row, Kind.STREAM_OPEN, time_ns, payload)

    def _changes(self, packets: Packets, slots: Int64s, ssrcs: Int64s, kinds: Int64s) -> list[Event]:
        """New SSRCs and payload types in open streams."""
        arena = self.arena
        is_open = arena.state[slots] == OPEN
        rows = np.flatnonzero(is_open & (arena.kind[slots] != kinds))
        if len(rows):
            for pair in np.unique(slots[rows] << 8 | kinds[rows]).tolist():
                self._remember(pair >> 8).kinds.add(pair & 127)
            arena.kind[slots[rows]] = kinds[rows]
        rows = np.flatnonzero(is_open & (arena.ssrc[slots] != ssrcs))
        events: list[Event] = []
        if len(rows):
            _, first = np.unique(slots[rows] << 32 | ssrcs[rows], return_index=True)
            for row in rows[np.sort(first)].tolist():
                slot, ssrc = int(slots[row]), int(ssrcs[row])
                seen = self._remember(slot).ssrcs
                if ssrc not in seen and len(seen) < _MAX_SSRCS:
                    arena.ssrc[slot], arena.kind[slot] = ssrc, kinds[row]
                    events.append(self.opened(slot, int(packets.row[row]), int(packets.time_ns[row])))
            arena.ssrc[slots[rows]] = ssrcs[rows]
        return events

    def _remember(self, slot: int) -> _Seen:
        return self._seen.setdefault(slot, _Seen({int(self.arena.ssrc[slot]): None}, {int(self.arena.kind[slot])}))

    def expire(self, now_ns: int) -> list[Event]:
        """Forget flows that did not become streams; end streams that have been silent too long."""
        state, last = self.arena.state, self.arena.last_ns
        tried = self.arena.packets >= _PROBATION_PACKETS
        for slot in np.flatnonzero((state == PROBATION) & ((last < now_ns - _PROBATION_NS) | tried)).tolist():
            self.table.remove(slot)
        oldest = now_ns - int(self.policy.policy.silence_timeout * 1e9)
        return [self.close(slot, "idle") for slot in np.flatnonzero((state == OPEN) & (last < oldest)).tolist()]

    def close(self, slot: int, why: str) -> Event:
        """End a stream: its last packets go to its file."""
        self.files.flush(slot, must=True)
        self.files.finish(slot)
        seen = self._remember(slot)
        self._seen.pop(slot)
        payload = facts_payload(
            stream=self.files.name(slot),
            packets=int(self.arena.packets[slot]),
            last_ns=int(self.arena.last_ns[slot]),
            why=why,
            ssrcs=list(seen.ssrcs),
            payload_types=sorted(seen.kinds),
        )
        time_ns = int(self.arena.last_ns[slot])
        self.arena.control.add(Word.OPEN, -1)
        self.table.remove(slot)
        return Event(0, Kind.STREAM_CLOSE, time_ns, payload)

    def flush(self) -> bool:
        """Hand all packets of streams to the kernel; False when some stay in the slabs as the disk is full."""
        for slot in np.flatnonzero((self.arena.state == OPEN) & (self.arena.mark & np.uint64(0xFFFFFF) > 0)).tolist():
            if not self.files.flush(slot, must=False):
                return False
        return True

    def adopt(self) -> list[Event]:
        """After a sniffer was killed: go on with its streams, and tell of them again, as it may not have come to it."""
        events = []
        for slot in self.arena.used(OPEN):
            self.files.adopt(slot)
            events.append(self.opened(slot, 0, int(self.arena.first_ns[slot])))
        self.arena.control.set(Word.OPEN, len(events))
        return events

    def silent(self, now_ns: int) -> tuple[list[tuple[str, int]], list[str]]:
        """Streams that fell silent since the last call, with their last packet's time, and those that speak again."""
        arena = self.arena
        is_open, silent = arena.state == OPEN, arena.last_ns < now_ns - _QUIET_NS
        fell = np.flatnonzero(is_open & silent & (arena.quiet == 0))
        woke = np.flatnonzero(is_open & ~silent & (arena.quiet == 1))
        arena.quiet[fell], arena.quiet[woke] = 1, 0
        return [(self.files.name(s), int(arena.last_ns[s])) for s in fell.tolist()], [
            self.files.name(s) for s in woke.tolist()
        ]

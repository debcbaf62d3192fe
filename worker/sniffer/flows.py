"""Which slot a flow has, for a whole batch at once; a new flow takes a free one, or the quietest on probation."""

import secrets

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture import flowkey
from recordings.pipeline.capture.batch import Int64s
from worker.sniffer.arena import FREE, PROBATION, Arena

_SHIFT = np.uint64(29)
_REMEMBERED = 16384
_PROTECTED_NS = 500_000_000  # a flow that was heard so lately makes no room for others, however many they are
_MAX_TAGS = 8  # of a flow in many tags, those that find room in its slot
Wrappings = dict[int, tuple[str, tuple[int, ...]]]  # path word of a flow key → tunnels and tags


class FlowTable:
    """The arena's keys are the truth; the dictionary and the sorted hashes are made from them."""

    def __init__(self, arena: Arena, wrappings: Wrappings) -> None:
        self.arena = arena
        self.wrappings = wrappings
        # Odd and secret, so that nobody can send flows with equal hashes; if some are, the dictionary decides.
        self._seeds = np.array([secrets.randbits(64) | 1 for _ in range(flowkey.WORDS)], np.uint64)
        self._by_key = {arena.key[slot].tobytes(): int(slot) for slot in np.flatnonzero(arena.state != FREE)}
        self._free = [int(slot) for slot in np.flatnonzero(arena.state == FREE)[::-1]]
        self.probation: dict[int, None] = dict.fromkeys(arena.used(PROBATION))
        self._generations: dict[bytes, int] = {}
        self._hashes = np.zeros(0, np.uint64)
        self._slots = np.zeros(0, np.int64)
        self._stale = True

    def find(self, keys: NDArray[np.uint64], time_ns: Int64s) -> Int64s:
        """The slot of each key; -1 where the table is full of streams."""
        if self._stale:
            self._rebuild()
        result = np.full(len(keys), -1, np.int64)
        if len(self._hashes):
            hashes = self._hash(keys)
            place = np.searchsorted(self._hashes, hashes)
            place[place == len(self._hashes)] = 0
            candidates = self._slots[place]
            same = (self._hashes[place] == hashes) & (self.arena.key[candidates] == keys).all(axis=1)
            result[same] = candidates[same]
        for row in np.flatnonzero(result < 0).tolist():
            key = keys[row].tobytes()
            slot = self._by_key.get(key)
            result[row] = self._take(key, int(time_ns[row])) if slot is None else slot
        if self._stale and len(result):  # a flow of this batch may have had to make room for another
            evicted = (result >= 0) & (self.arena.key[result] != keys).any(axis=1)
            result[evicted] = -1
        return result

    def remove(self, slot: int) -> None:
        key = self.arena.key[slot].tobytes()
        self._by_key.pop(key, None)
        self.probation.pop(slot, None)
        self.arena.state[slot] = FREE
        self._free.append(slot)
        self._stale = True

    def heard(self, slot: int) -> None:
        """A flow on probation has spoken: it is the last to make room."""
        self.probation[slot] = self.probation.pop(slot, None)

    def next_generation(self, slot: int) -> int:
        """How many streams this flow had before in this boot, as far as remembered."""
        key = self.arena.key[slot].tobytes()
        generation = self._generations.pop(key, -1) + 1
        self._generations[key] = generation
        if len(self._generations) > _REMEMBERED:
            del self._generations[next(iter(self._generations))]
        return generation

    def _take(self, key: bytes, time_ns: int) -> int:
        if not self._free:
            oldest = next(iter(self.probation), None)
            if oldest is None or time_ns - int(self.arena.last_ns[oldest]) < _PROTECTED_NS:
                return -1
            self.remove(oldest)
        slot = self._free.pop()
        record = self.arena.slots
        record[slot] = np.zeros((), record.dtype)
        self.arena.key[slot] = flowkey.words(key)
        encapsulation, vlan = self.wrappings.get(flowkey.unpack(key)[4], ("", ()))
        record["encapsulation"][slot] = encapsulation
        record["vlan"][slot] = ",".join(str(tag) for tag in vlan[:_MAX_TAGS])
        # Whole microseconds, as records keep them: a span from here must not begin after its own first packet.
        self.arena.first_ns[slot] = self.arena.last_ns[slot] = time_ns // 1000 * 1000
        self.arena.state[slot] = PROBATION
        self._by_key[key] = slot
        self.probation[slot] = None
        self._stale = True
        return slot

    def _rebuild(self) -> None:
        slots = np.flatnonzero(self.arena.state != FREE)
        hashes = self._hash(self.arena.key[slots])
        order = np.argsort(hashes)
        self._hashes, self._slots = hashes[order], slots[order]
        self._stale = False

    def _hash(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        mixed = keys * self._seeds
        mixed ^= mixed >> _SHIFT
        total: NDArray[np.uint64] = mixed.sum(axis=1, dtype=np.uint64)
        return total

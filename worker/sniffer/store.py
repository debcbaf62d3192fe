"""RTP packets of a batch → records in the slabs of their flows, all flows at once."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.capture.batch import Int64s
from recordings.pipeline.capture.packets import Packets
from recordings.pipeline.spool.streams import RECORD
from worker.sniffer.arena import FILL_BITS, FILL_MASK, PROBATION, Arena
from worker.sniffer.files import StreamFiles
from worker.sniffer.shared import SLAB_BYTES

_LONGEST_NS = 0xFFFF_FFFF * 1000  # a record's offset is 32 bits of microseconds

_RECORD_HEAD = (("us", "<u4"), ("length", "<u2"), ("flags", "u1"), ("zero", "u1"))  # streams.RECORD


def select(packets: Packets, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Packets:
    """Some of the packets."""
    return replace(
        packets,
        row=packets.row[rows],
        start=packets.start[rows],
        length=packets.length[rows],
        time_ns=packets.time_ns[rows],
        key=packets.key[rows],
        flags=packets.flags[rows],
    )


def in_order(fast: Packets, slow: Packets) -> tuple[Packets, Packets]:
    """The same packets, but those of a flow that has some in `slow` all there, in order of arrival."""
    if not len(fast) or not len(slow):
        return fast, slow
    seeds = np.array([1, 3, 5, 7, 11], np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    shared = np.isin((fast.key * seeds).sum(axis=1), (slow.key * seeds).sum(axis=1))  # a few too many do no harm
    if not shared.any():
        return fast, slow
    moved = select(fast, shared)
    pieces = [
        fast.data[begin : begin + size] for begin, size in zip(moved.start.tolist(), moved.length.tolist(), strict=True)
    ]
    length = np.concatenate((slow.length, moved.length))
    row = np.concatenate((slow.row, moved.row))
    together = Packets(
        np.concatenate([slow.data, *pieces]),
        row,
        np.cumsum(length) - length,
        length,
        np.concatenate((slow.time_ns, moved.time_ns)),
        np.concatenate((slow.key, moved.key)),
        np.concatenate((slow.flags, moved.flags)),
    )
    return select(fast, ~shared), select(together, np.argsort(row, kind="stable"))


@dataclass(frozen=True, slots=True)
class _Groups:
    """Packets sorted by slot: group g has `counts[g]` packets from `starts[g]`, `totals[g]` bytes of records."""

    slots: Int64s
    starts: Int64s
    counts: Int64s
    totals: Int64s
    earliest: Int64s
    latest: Int64s
    before: Int64s  # bytes of records of the same group before each packet


def _group(slots: Int64s, sizes: Int64s, times: Int64s) -> _Groups:
    starts = np.concatenate(([0], np.flatnonzero(np.diff(slots)) + 1))
    counts = np.diff(np.concatenate((starts, [len(slots)])))
    upto = np.cumsum(sizes) - sizes
    return _Groups(
        slots[starts],
        starts,
        counts,
        np.add.reduceat(sizes, starts),
        np.minimum.reduceat(times, starts),
        np.maximum.reduceat(times, starts),
        upto - np.repeat(upto[starts], counts),
    )


class Store:
    """Puts packets where they belong; a slab that is full goes to its file, or away when its flow is no stream yet."""

    def __init__(self, arena: Arena, files: StreamFiles) -> None:
        self.arena = arena
        self.files = files

    def put(self, packets: Packets, slots: Int64s) -> None:
        """Append the packets, each to its slot, in their order."""
        if not len(packets):
            return
        order = np.argsort(slots, kind="stable")
        times = packets.time_ns[order] // 1000 * 1000
        sizes = packets.length[order] + RECORD.size
        groups = _group(slots[order], sizes, times)
        if len(packets) > 1 and self._too_much(groups):
            half = len(packets) // 2
            for cut in (slice(0, half), slice(half, None)):
                rows = np.arange(len(packets))[cut]
                self.put(select(packets, rows), slots[cut])
            return
        self._make_room(groups)
        fill = (self.arena.mark[groups.slots] & np.uint64(FILL_MASK)).astype(np.int64)
        empty = fill == 0
        self.arena.base_ns[groups.slots[empty]] = groups.earliest[empty]
        to = np.repeat(groups.slots * SLAB_BYTES + fill, groups.counts) + groups.before
        offsets = (times - np.repeat(self.arena.base_ns[groups.slots], groups.counts)) // 1000
        self._write(packets, order, to, offsets)
        self.arena.mark[groups.slots] += groups.totals.astype(np.uint64)  # now they count, should we be killed
        self.arena.packets[groups.slots] += groups.counts.astype(np.uint64)
        last = self.arena.last_ns
        last[groups.slots] = np.maximum(last[groups.slots], groups.latest)

    @staticmethod
    def _too_much(groups: _Groups) -> bool:
        return bool((groups.totals > SLAB_BYTES).any() or (groups.latest - groups.earliest > _LONGEST_NS).any())

    def _make_room(self, groups: _Groups) -> None:
        fill = (self.arena.mark[groups.slots] & np.uint64(FILL_MASK)).astype(np.int64)
        base = self.arena.base_ns[groups.slots]
        full = (fill + groups.totals > SLAB_BYTES) | (groups.earliest < base) | (groups.latest - base > _LONGEST_NS)
        for slot in groups.slots[full & (fill > 0)].tolist():
            if self.arena.state[slot] == PROBATION:
                self.arena.mark[slot] = int(self.arena.mark[slot]) >> FILL_BITS << FILL_BITS
            else:
                self.files.flush(slot, must=True)

    def _write(self, packets: Packets, order: Int64s, to: Int64s, offsets: Int64s) -> None:
        lengths, starts, flags = packets.length[order], packets.start[order], packets.flags[order]
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            record = np.dtype([*_RECORD_HEAD, ("rtp", f"V{length}")])
            new = np.zeros(len(rows), record)
            new["us"] = offsets[rows]
            new["length"] = length
            new["flags"] = flags[rows]
            size = record.itemsize
            source: NDArray[np.void] = np.ndarray(
                (len(packets.data) - length + 1,), f"V{length}", packets.data, strides=(1,)
            )
            new["rtp"] = source[starts[rows]]
            target: NDArray[np.void] = np.ndarray(
                (len(self.arena.slabs) - size + 1,), f"V{size}", self.arena.slabs, strides=(1,)
            )
            target[to[rows]] = new.view(f"V{size}")

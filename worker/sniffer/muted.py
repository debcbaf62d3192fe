"""The sniffer's side of silences: packets of streams that nobody may hear now are dropped before they reach a slab."""

import json

import numpy as np

from recordings.pipeline.capture.batch import Int64s
from recordings.pipeline.capture.packets import Packets
from worker.sniffer.arena import OPEN, Arena
from worker.sniffer.files import StreamFiles
from worker.sniffer.store import select


class Muted:
    """By slot the number of the stream that is silenced; a slot's next stream has another number, and is heard."""

    def __init__(self, arena: Arena, files: StreamFiles) -> None:
        self.arena = arena
        self.files = files
        self._numbers = np.zeros(arena.count, np.uint64)
        self._any = False
        self._seen: tuple[int, int] | None = None

    def obey(self) -> None:
        """Follow signalling's list; what cannot be read changes nothing."""
        path = self.files.session.silenced
        try:
            found = path.stat()
            seen = (found.st_mtime_ns, found.st_ino)
            if seen == self._seen:
                return
            wanted = frozenset(json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError, RecursionError):
            return
        self._seen = seen
        self._numbers[:] = 0
        for slot in self.arena.used(OPEN) if wanted else ():
            if self.files.name(slot) in wanted:
                self._numbers[slot] = self.arena.number[slot]
        self._any = bool(self._numbers.any())

    def drop(self, packets: Packets, slots: Int64s) -> tuple[Packets, Int64s]:
        """What may be kept. A silenced stream lives on: its packets are noticed, and not stored."""
        if not self._any or not len(packets):
            return packets, slots
        wanted = self._numbers[slots]
        mute = (wanted != 0) & (wanted == self.arena.number[slots])
        if not mute.any():
            return packets, slots
        np.maximum.at(self.arena.last_ns, slots[mute], packets.time_ns[mute] // 1000 * 1000)
        return select(packets, ~mute), slots[~mute]

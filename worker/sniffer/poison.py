"""A block of the ring that kills every sniffer is put aside, so that it blocks nothing. Standard library only."""

import mmap
from collections import Counter
from struct import pack_into

from worker.sniffer.interfaces import BLOCK_BYTES, Port
from worker.sniffer.shared import Control, RingWord, Word

_DEATHS_TO_SKIP, _DEATHS_TO_RELEASE = 2, 4
_STATUS_AT, _SEQUENCE_AT = 8, 24


class Poison:
    """Counts which block each sniffer died at."""

    def __init__(self, control: Control, ports: list[Port]) -> None:
        self.control = control
        self.ports = ports
        self._deaths: Counter[tuple[int, int]] = Counter()

    def ports_changed(self) -> None:
        """Block numbers begin anew with a new ring."""
        self._deaths.clear()

    def sniffer_died(self) -> None:
        """After the second death on a block the next sniffer writes it aside; after the fourth it is let go unread."""
        current = {}
        for port in self.ports:
            block = self.control.ring(port.number, RingWord.BLOCK)
            if not block:
                continue
            key = port.number, block
            current[key] = self._deaths[key] + 1
            if current[key] == _DEATHS_TO_SKIP:
                self.control.set_ring(port.number, RingWord.SKIP, block)
                self.control.add(Word.POISONED, 1)
            elif current[key] >= _DEATHS_TO_RELEASE:
                self._release(port, block - 1)
            self.control.set_ring(port.number, RingWord.BLOCK, 0)
        self._deaths = Counter(current)

    def _release(self, port: Port, sequence: int) -> None:
        with mmap.mmap(port.socket.fileno(), BLOCK_BYTES * port.blocks) as memory:
            for block in range(port.blocks):
                at = block * BLOCK_BYTES
                if int.from_bytes(memory[at + _SEQUENCE_AT : at + _SEQUENCE_AT + 8], "little") == sequence:
                    pack_into("=I", memory, at + _STATUS_AT, 0)

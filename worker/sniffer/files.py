"""Slabs → stream files. A write that fails leaves the file as it was; what is lost by it is counted and noted in it."""

import errno
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apresa.shared.sealing.records import HEAD, Records, is_sealed
from recordings.pipeline.capture import flowkey
from recordings.pipeline.capture.frames import endpoint
from recordings.pipeline.spool import streams
from recordings.pipeline.spool.content import opener
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import PolicyReader
from recordings.pipeline.spool.sealing import Sealing
from recordings.pipeline.spool.streams import Hole, StreamHeader
from worker.sniffer.arena import Arena
from worker.sniffer.shared import Word

_MAX_OPEN_FILES = 4096


@dataclass(frozen=True, slots=True)
class Identity:
    """Who writes: node, boot of the holder, number of the sniffer within the boot."""

    node: str
    boot: str
    child: int


class StreamFiles:
    """Writes the slabs of open streams."""

    def __init__(self, arena: Arena, session: Session, identity: Identity, sealing: Sealing) -> None:
        self.arena = arena
        self.session = session
        self.identity = identity
        self.sealing = sealing
        self.policy: PolicyReader = sealing.policy
        self._chunks = 0
        self._open: OrderedDict[int, tuple[int, Records | None]] = OrderedDict()
        limit = os.sysconf("SC_OPEN_MAX")
        self._max_open = max(16, min(_MAX_OPEN_FILES, limit - 64 if limit > 0 else _MAX_OPEN_FILES))

    def name(self, slot: int) -> str:
        return f"{self.identity.boot}-{int(self.arena.number[slot]):x}"

    def header(self, slot: int) -> StreamHeader:
        """What the file of this slot's stream says of itself."""
        record = self.arena.slots[slot]
        host, port, other, other_port, word = flowkey.unpack(self.arena.key[slot].tobytes())
        vlan = record["vlan"].decode()
        return StreamHeader(
            stream=self.name(slot),
            node=self.identity.node,
            boot=self.identity.boot,
            source=endpoint(host, port),
            destination=endpoint(other, other_port),
            generation=int(record["generation"]),
            encapsulation=record["encapsulation"].decode(),
            vlan=_tags(vlan) if word & flowkey.WRAPPED else flowkey.tags(word),
        )

    def flush(self, slot: int, *, must: bool) -> bool:
        """Write what is in the slab. When that fails and it must be emptied, its packets are lost, and counted."""
        size, fill = self.arena.sizes(slot)
        if not fill:
            return True
        try:
            size = self._append(slot, size, fill)
        except OSError as error:
            self.arena.control.set(Word.DISK_ERROR, error.errno or errno.EIO)
            if must:
                self._lose(slot, fill)
            return False
        self.arena.set_sizes(slot, size, 0)
        return True

    def _append(self, slot: int, size: int, fill: int) -> int:
        """The new size of the file; OSError with the file cut back to what it was."""
        handle, records = self._handle(slot, size)
        size = self.arena.sizes(slot)[0]
        parts: list[bytes | memoryview]
        parts = [*self._hole(slot), *self._chunk(streams.PACKETS, self.arena.slab(slot, fill), self._base(slot))]
        if records:
            parts = [records.seal(size, b"".join(parts))]
        wanted = self._put(handle, size, parts)
        self.arena.slots["lost"][slot] = 0
        return size + wanted

    def _put(self, handle: int, size: int, parts: Sequence[bytes | memoryview]) -> int:
        """Write at the end of a file of this size, all or nothing; how many bytes."""
        wanted = sum(len(part) for part in parts)
        try:
            if os.writev(handle, parts) != wanted:
                raise OSError(errno.ENOSPC, "the disk took only a part of a chunk")
        except OSError:
            os.ftruncate(handle, size)
            raise
        return wanted

    def _chunk(self, kind: int, payload: bytes | memoryview, base_ns: int) -> tuple[bytes, bytes | memoryview]:
        self._chunks += 1
        return streams.pack_chunk(
            payload,
            base_ns=base_ns,
            child=self.identity.child,
            number=self._chunks,
            policy=self.policy.policy.number,
            kind=kind,
        )

    def _base(self, slot: int) -> int:
        return int(self.arena.base_ns[slot])

    def _hole(self, slot: int) -> tuple[bytes | memoryview, ...]:
        record = self.arena.slots[slot]
        if not record["lost"]:
            return ()
        hole = Hole(int(record["lost_from"]), int(record["lost_to"]), int(record["lost"]), "disk")
        return self._chunk(streams.HOLE, streams.pack_hole(hole), hole.start_ns)

    def _lose(self, slot: int, fill: int) -> None:
        times, count, position = [], 0, 0
        slab = self.arena.slab(slot, fill)
        while position + streams.RECORD.size <= fill:
            microseconds, length, _, _ = streams.RECORD.unpack_from(slab, position)
            position += streams.RECORD.size + length
            times.append(self._base(slot) + microseconds * 1000)
            count += 1
        record = self.arena.slots[slot]
        if not record["lost"]:
            record["lost_from"] = min(times)
        record["lost_to"] = max(int(record["lost_to"]), *times)
        record["lost"] += count
        self.arena.control.add(Word.LOST, count)
        self.arena.set_sizes(slot, self.arena.sizes(slot)[0], 0)

    def _handle(self, slot: int, size: int) -> tuple[int, Records | None]:
        found = self._open.get(slot)
        if found is not None:
            self._open.move_to_end(slot)
            return found
        while len(self._open) >= self._max_open:
            os.close(self._open.popitem(last=False)[1][0])
        path = self.session.stream(self.name(slot))
        found = self._reopen(path) if size and path.exists() else self._create(path, slot)
        self._open[slot] = found
        return found

    def _reopen(self, path: Path) -> tuple[int, Records | None]:
        with path.open("rb") as file:
            head = file.read(HEAD)
        try:
            records = opener(head, path.stem) if is_sealed(head) else None
        except SpoolError as error:
            raise OSError(errno.EIO, str(error), str(path)) from error
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC), records

    def _create(self, path: Path, slot: int) -> tuple[int, Records | None]:
        records = self.sealing.begin(path.stem)
        path.unlink(missing_ok=True)  # a sniffer was killed between making the file and noting that
        handle = streams.create_stream(path, self.header(slot), records)
        self.arena.set_sizes(slot, os.fstat(handle).st_size, self.arena.sizes(slot)[1])
        return handle, records

    def adopt(self, slot: int) -> None:
        """Cut off what a killed sniffer wrote without noting it: the slab still holds it."""
        size = self.arena.sizes(slot)[0]
        path = self.session.stream(self.name(slot))
        if size and path.exists() and path.stat().st_size > size:
            os.truncate(path, size)

    def is_clear(self, slot: int) -> bool:
        """Whether what the stream has on the disk is not sealed."""
        size = self.arena.sizes(slot)[0]
        try:
            return bool(size) and self._handle(slot, size)[1] is None
        except OSError:
            return False

    def finish(self, slot: int) -> None:
        """Nothing follows: a sealed file gets its last record, if the disk takes it, so that a cut is seen."""
        size = self.arena.sizes(slot)[0]
        try:
            handle, records = self._handle(slot, size) if size else (-1, None)
            if records:
                self._put(handle, size, [records.seal(size, b"", last=True)])
        except OSError as error:
            self.arena.control.set(Word.DISK_ERROR, error.errno or errno.EIO)
        self.close(slot)

    def close(self, slot: int) -> None:
        found = self._open.pop(slot, None)
        if found is not None:
            os.close(found[0])

    def close_all(self) -> None:
        for slot in list(self._open):
            self.close(slot)


def _tags(text: str) -> tuple[int, ...]:
    return tuple(int(tag) for tag in text.split(",")) if text else ()

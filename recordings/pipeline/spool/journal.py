"""The frame journal: append-only, numbered, checksummed records from the sniffer to signalling."""

import json
import os
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.spool.errors import SpoolError

MAGIC = 0x314A5041  # "APJ1"
HEADER = struct.Struct("<IBBHIIQq")  # magic, kind, flags, reserved, length, crc32, number, time_ns
FRAME = struct.Struct("<HHI")  # link type, interface, length on the wire
SEGMENT_BYTES = 32 << 20
LARGEST = 1 << 20


class Kind(IntEnum):
    FRAME = 1
    STREAM_OPEN = 2
    STREAM_CLOSE = 3
    TICK = 4
    BOOT = 5
    HOLE = 6
    COMMAND = 7
    END = 8
    SEGMENT = 9


@dataclass(frozen=True, slots=True)
class Record:
    """One record; number counts from 1 without gaps in a session, time_ns is Unix time in nanoseconds."""

    number: int
    kind: Kind
    time_ns: int
    payload: bytes

    def facts(self) -> dict[str, Any]:
        """The JSON object of any record but a frame; raises SpoolError."""
        try:
            found = json.loads(self.payload)
        except (ValueError, RecursionError) as error:
            raise SpoolError(f"journal record {self.number} is not JSON: {error}") from error
        if not isinstance(found, dict):
            raise SpoolError(f"journal record {self.number} is not a JSON object")
        return found

    def frame(self) -> Frame:
        """The captured frame of a FRAME record; raises SpoolError."""
        if len(self.payload) < FRAME.size:
            raise SpoolError(f"journal record {self.number} is too short for a frame")
        link, interface, length = FRAME.unpack_from(self.payload)
        return Frame(self.time_ns, link, self.payload[FRAME.size :], length, interface)


def frame_payload(frame: Frame) -> bytes:
    return FRAME.pack(frame.link, frame.interface, frame.length) + frame.data


def facts_payload(**facts: object) -> bytes:
    return json.dumps(facts, separators=(",", ":")).encode()


def pack(number: int, kind: Kind, time_ns: int, payload: bytes) -> bytes:
    if len(payload) > LARGEST:
        raise SpoolError(f"a journal record of {len(payload)} bytes is over the limit of {LARGEST}")
    head = HEADER.pack(MAGIC, kind, 0, 0, len(payload), 0, number, time_ns)
    crc = zlib.crc32(payload, zlib.crc32(head))
    return HEADER.pack(MAGIC, kind, 0, 0, len(payload), crc, number, time_ns) + payload


def unpack(data: bytes | memoryview, offset: int) -> tuple[Record, int] | None:
    """The record at offset and where the next begins; None when it is cut off; SpoolError when it is damaged."""
    if offset + HEADER.size > len(data):
        return None
    magic, kind, flags, reserved, length, crc, number, time_ns = HEADER.unpack_from(data, offset)
    if magic != MAGIC or length > LARGEST or flags or reserved:
        raise SpoolError(f"no journal record at byte {offset}")
    end = offset + HEADER.size + length
    if end > len(data):
        return None
    payload = bytes(data[offset + HEADER.size : end])
    if zlib.crc32(payload, zlib.crc32(HEADER.pack(magic, kind, 0, 0, length, 0, number, time_ns))) != crc:
        raise SpoolError(f"journal record {number} at byte {offset} fails its checksum")
    try:
        return Record(number, Kind(kind), time_ns, payload), end
    except ValueError as error:
        raise SpoolError(f"journal record {number} has the unknown kind {kind}") from error


def segments(folder: Path) -> list[Path]:
    """The segment files, oldest first; each is named after the number of its first record."""
    return sorted(folder.glob("*.journal"))


class JournalWriter:
    """Appends records; one writer per session. A torn last record of a former writer is cut off.

    `head` is what each segment says of its origin in its first record: node, boot, child and seal.
    """

    def __init__(self, folder: Path, head: dict[str, object], segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.head = head
        self.segment_bytes = segment_bytes
        self.pending: list[bytes] = []
        self.waiting = 0
        self.number = 0
        self.size = 0
        self.last_ns: int | None = None
        self.last_kind: Kind | None = None
        self.file = -1
        found = segments(folder)
        if found:
            self._reopen(found[-1])
        else:
            self._next_segment()

    def _reopen(self, path: Path) -> None:
        data = path.read_bytes()
        self.number = int(path.stem) - 1
        offset = 0
        while True:
            try:
                step = unpack(data, offset)
            except SpoolError:
                step = None
            if step is None:
                break
            record, offset = step
            self.number, self.last_ns, self.last_kind = record.number, record.time_ns, record.kind
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        os.ftruncate(self.file, offset)
        self.size = offset
        if offset == 0:
            self.append(Kind.SEGMENT, time.time_ns(), facts_payload(**self.head))

    def _next_segment(self) -> None:
        path = self.folder / f"{self.number + 1:020d}.journal"
        following = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self.file >= 0:
            os.fdatasync(self.file)
            os.close(self.file)
        self.file = following
        self.size = 0
        self.append(Kind.SEGMENT, time.time_ns(), facts_payload(**self.head))

    def append(self, kind: Kind, time_ns: int, payload: bytes) -> int:
        """Queue a record and return its number; `flush` hands it to the kernel."""
        record = pack(self.number + 1, kind, time_ns, payload)
        self.number += 1
        self.pending.append(record)
        self.waiting += len(record)
        return self.number

    def flush(self) -> None:
        """Write what is queued. Raises OSError on a full disk; what was queued is then still queued."""
        if self.pending:
            self._write(b"".join(self.pending))
        if self.size >= self.segment_bytes:
            self._next_segment()  # its first record is queued

    def _write(self, data: bytes) -> None:
        try:
            written = os.write(self.file, data)
            while written < len(data):
                written += os.write(self.file, data[written:])
        except OSError:
            os.ftruncate(self.file, self.size)
            raise
        self.pending.clear()
        self.waiting = 0
        self.size += len(data)

    def sync(self) -> None:
        self.flush()
        os.fdatasync(self.file)

    def close(self) -> None:
        self.sync()
        os.close(self.file)
        self.file = -1


class JournalReader:
    """Reads records from a number on, as far as they are whole; call `read` again for what came since."""

    def __init__(self, folder: Path, start: int = 1) -> None:
        self.folder = folder
        self.next = start
        self.path: Path | None = None
        self.offset = 0

    def read(self) -> Iterator[Record]:
        """All whole records not yet read. Raises SpoolError where the journal is damaged before its end."""
        path = self.path or self._open()
        while path:
            following = self._following(path)
            yield from self._read_segment(path, last=following is None)
            if following:
                self.path, self.offset = following, 0
            path = following

    def _open(self) -> Path | None:
        fitting = [path for path in segments(self.folder) if int(path.stem) <= self.next]
        found = fitting[-1:] or segments(self.folder)[:1]
        if not found:
            return None
        self.path, self.offset = found[0], 0
        self.next = max(self.next, int(found[0].stem))
        return self.path

    def _following(self, path: Path) -> Path | None:
        later = [found for found in segments(self.folder) if found > path]
        return later[0] if later else None

    def _read_segment(self, path: Path, *, last: bool) -> Iterator[Record]:
        with path.open("rb") as file:
            file.seek(self.offset)
            data = memoryview(file.read())
        offset = 0
        while step := unpack(data, offset):
            record, offset = step
            if record.number >= self.next:
                self.next = record.number + 1
                yield record
        self.offset += offset
        if not last and offset < len(data):
            raise SpoolError(f"{path.name} ends in the middle of record {self.next}")

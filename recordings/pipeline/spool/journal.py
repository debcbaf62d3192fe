"""The frame journal: append-only, numbered, checksummed records from the sniffer to signalling."""

import json
import struct
import zlib
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

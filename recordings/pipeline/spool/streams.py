"""Stream files: the RTP packets of one flow, as chunks of records behind a self-describing header."""

import errno
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apresa.shared.sealing.records import HEAD, Records
from recordings.pipeline.spool.content import read_content
from recordings.pipeline.spool.errors import SpoolError

FILE_MAGIC = b"APRSTRM1"
FILE_HEAD = struct.Struct("<8sII")  # magic, length of the JSON header, crc32 of it
CHUNK_MAGIC = 0x31435041  # "APC1"
CHUNK = struct.Struct("<IBBHIIIIq")  # magic, kind, flags, child, number, policy, length, crc32, base_ns
RECORD = struct.Struct("<IHBB")  # microseconds since the chunk's base, length, flags, reserved
PACKETS, HOLE, COMMAND = 1, 2, 3
_HEAD = np.dtype([("us", "<u4"), ("length", "<u2"), ("flags", "u1"), ("zero", "u1")])  # RECORD
_PLACE = np.dtype([("time_ns", np.int64), ("offset", np.int64), ("length", np.int32), ("flags", np.uint8)], align=True)
_ALIKE = 4  # records of one length in a row, then the next are looked at together
_NO_RECORDS = np.zeros(0, _PLACE)
SILENCED, DUPLICATE, CUT = 1, 2, 4  # CUT: the capture's snapshot length cut the packet off
LARGEST_CHUNK = 1 << 20
LARGEST_HEADER = 1 << 16
UNSEALED: dict[str, object] = {"algorithm": 0, "key": "", "wrapped": "", "nonce": ""}


@dataclass(frozen=True, slots=True)
class StreamHeader:
    """What a stream file says of itself; addresses are text like "192.0.2.1:4000" or "[2001:db8::1]:4000"."""

    stream: str
    node: str
    boot: str
    source: str
    destination: str
    generation: int = 0
    encapsulation: str = ""
    vlan: tuple[int, ...] = ()
    seal: dict[str, Any] = field(default_factory=lambda: dict(UNSEALED))


@dataclass(frozen=True, slots=True)
class Hole:
    """Packets that capture knows to be lost between two times (Unix nanoseconds); count 0 is unknown."""

    start_ns: int
    end_ns: int
    packets: int
    reason: str


@dataclass(frozen=True, slots=True)
class StreamData:
    """A stream file read whole: n packets in arrival order; packet i is data[offsets[i]:offsets[i]+lengths[i]]."""

    header: StreamHeader
    data: bytes
    time_ns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    flags: NDArray[np.uint8]
    holes: tuple[Hole, ...]
    commands: tuple[dict[str, Any], ...]
    torn_bytes: int
    finished: bool = True
    """False where a sealed file has no last record: its writer was killed, or it was cut off between records."""


def pack_header(header: StreamHeader) -> bytes:
    facts = {entry.name: getattr(header, entry.name) for entry in fields(header)}
    text = json.dumps(facts, separators=(",", ":")).encode()
    return FILE_HEAD.pack(FILE_MAGIC, len(text), zlib.crc32(text)) + text


def pack_chunk(
    payload: bytes | memoryview, *, base_ns: int, child: int, number: int, policy: int, kind: int = PACKETS
) -> tuple[bytes, bytes | memoryview]:
    """Head and payload of one chunk, to be written with one writev; child and number make it unique in a boot."""
    head = CHUNK.pack(CHUNK_MAGIC, kind, 0, child & 0xFFFF, number, policy, len(payload), 0, base_ns)
    crc = zlib.crc32(payload, zlib.crc32(head))
    return CHUNK.pack(CHUNK_MAGIC, kind, 0, child & 0xFFFF, number, policy, len(payload), crc, base_ns), payload


def pack_records(packets: Iterable[tuple[int, bytes, int]], base_ns: int) -> bytes:
    """Records of (time_ns, RTP packet, flags); times before the base count as the base."""
    parts = []
    for time_ns, packet, flags in packets:
        offset = min(max(0, (time_ns - base_ns) // 1000), 0xFFFFFFFF)
        parts += [RECORD.pack(offset, len(packet), flags, 0), packet]
    return b"".join(parts)


def pack_hole(hole: Hole) -> bytes:
    return json.dumps(asdict(hole), separators=(",", ":")).encode()


def create_stream(path: Path, header: StreamHeader, records: Records | None = None) -> int:
    """Make the file with its header and return it open for appending; raises OSError, then there is no file."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        text = pack_header(header)
        if records:
            text = records.head + records.seal(HEAD, text)
        if os.write(handle, text) != len(text):
            raise OSError(errno.ENOSPC, "the disk took only a part of a stream's header", str(path))
    except OSError:
        os.close(handle)
        path.unlink(missing_ok=True)
        raise
    return handle


def read_header(data: bytes) -> tuple[StreamHeader, int]:
    """The header and where the first chunk begins; raises SpoolError."""
    if len(data) < FILE_HEAD.size:
        raise SpoolError("the stream file is shorter than its header")
    magic, length, crc = FILE_HEAD.unpack_from(data)
    text = data[FILE_HEAD.size : FILE_HEAD.size + length]
    if magic != FILE_MAGIC or length > LARGEST_HEADER or len(text) != length or zlib.crc32(text) != crc:
        raise SpoolError("the stream file has no whole header of format 1")
    try:
        facts = json.loads(text)
        header = StreamHeader(**{**facts, "vlan": tuple(facts["vlan"])})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise SpoolError(f"the stream file's header is not understood: {error}") from error
    return header, FILE_HEAD.size + length


def read_stream(path: Path, key: bytes = b"") -> StreamData:
    """Read a stream file up to its first damaged or cut chunk; raises SpoolError when even the header is bad."""
    content = read_content(path, key)
    data = content.data
    header, position = read_header(data)
    records = [_NO_RECORDS]
    holes: list[Hole] = []
    commands: list[dict[str, Any]] = []
    while (chunk := _chunk(data, position)) is not None:
        kind, base_ns, begin, end = chunk
        if kind == PACKETS:
            records += _records(data, begin, end, base_ns)
        elif kind == HOLE:
            holes.append(_hole(data[begin:end]))
        elif kind == COMMAND:
            commands.append(_command(data[begin:end]))
        position = end
    found = np.concatenate(records)
    return StreamData(
        header,
        data,
        found["time_ns"],
        found["offset"],
        found["length"],
        found["flags"],
        tuple(holes),
        tuple(commands),
        content.torn + len(data) - position,
        content.whole,
    )


def _records(data: bytes, begin: int, end: int, base_ns: int) -> Iterator[NDArray[np.void]]:
    """The records of a chunk, in runs: those of one length that follow each other are read at once."""
    alone: list[tuple[int, int, int, int]] = []
    before, alike = -1, 0
    while begin + RECORD.size <= end:
        microseconds, length, flag, _ = RECORD.unpack_from(data, begin)
        size = RECORD.size + length
        if begin + size > end:
            break
        alike = alike + 1 if length == before else 0
        before = length
        if alike < _ALIKE:
            alone.append((base_ns + microseconds * 1000, begin + RECORD.size, length, flag))
            begin += size
            continue
        heads: NDArray[np.void] = np.ndarray(((end - begin) // size,), _HEAD, data, begin, (size,))
        other = np.flatnonzero(heads["length"] != length)
        heads = heads[: other[0]] if len(other) else heads
        if alone:
            yield np.array(alone, _PLACE)
            alone = []
        run = np.empty(len(heads), _PLACE)
        run["time_ns"] = base_ns + heads["us"].astype(np.int64) * 1000
        run["offset"] = np.arange(len(heads)) * size + (begin + RECORD.size)
        run["length"] = length
        run["flags"] = heads["flags"]
        yield run
        begin += len(heads) * size
        alike = 0
    if alone:
        yield np.array(alone, _PLACE)


def _chunk(data: bytes, position: int) -> tuple[int, int, int, int] | None:
    """(kind, base_ns, begin, end) of the chunk at position, or None where the good part of the file ends."""
    if position + CHUNK.size > len(data):
        return None
    magic, kind, flags, child, number, policy, length, crc, base_ns = CHUNK.unpack_from(data, position)
    begin = position + CHUNK.size
    end = begin + length
    if magic != CHUNK_MAGIC or length > LARGEST_CHUNK or end > len(data):
        return None
    head = CHUNK.pack(magic, kind, flags, child, number, policy, length, 0, base_ns)
    if zlib.crc32(memoryview(data)[begin:end], zlib.crc32(head)) != crc:
        return None
    return kind, base_ns, begin, end


def whole_length(path: Path) -> int:
    """Bytes up to the end of the last good chunk: where a writer that continues the file must cut it."""
    data = path.read_bytes()
    _, position = read_header(data)
    while (chunk := _chunk(data, position)) is not None:
        position = chunk[3]
    return position


def _hole(text: bytes) -> Hole:
    try:
        return Hole(**json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise SpoolError(f"a hole record is not understood: {error}") from error


def _command(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpoolError(f"a command record is not understood: {error}") from error
    if not isinstance(found, dict):
        raise SpoolError("a command record is not a JSON object")
    return found

"""The packets file of a version: a tar of the call file and its stream files, so that a stored call can be merged,
downloaded as a capture, and rebuilt without its row."""

import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from recordings.domain.evidence import Evidence, Part
from recordings.pipeline.spool.calls import Binding, CallFile, dump_call, parse_call
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.streams import HOLE, PACKETS, pack_chunk, pack_header, pack_hole, pack_records

CALL = "call.json"
LARGEST_OFFSET_NS = 3_600_000_000_000  # a record's offset holds 71 minutes
CHUNK_BYTES = 512 << 10
MOST_MEMBERS = 4096
Write = Callable[[Path, bytes], object]
"""How a stream file gets its content: in clear for a folder of work, sealed in the spool."""


def write_packets(path: Path, call: CallFile, evidence: Evidence) -> CallFile:
    """Write the packets file, and return the call file as it stands in it (bindings name its members)."""
    bindings = [replace(part.binding, stream=f"{number:04d}") for number, part in enumerate(evidence.parts)]
    stored = replace(call, streams=tuple(bindings))
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        _add(archive, CALL, dump_call(stored))
        for binding, part in zip(bindings, evidence.parts, strict=True):
            _add(archive, f"{binding.stream}.stream", part.data.data if part.whole else b"".join(_stream(part)))
    return stored


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o640
    archive.addfile(member, io.BytesIO(content))


def _stream(part: Part) -> Iterator[bytes]:
    data = part.data
    yield pack_header(data.header)
    number = 0
    for number, (base, payload) in enumerate(_chunks(part), 1):
        yield from map(bytes, pack_chunk(payload, base_ns=base, child=0, number=number, policy=0, kind=PACKETS))
    for hole in data.holes:
        if hole.end_ns >= part.binding.from_ns and hole.start_ns <= part.binding.to_ns:
            number += 1
            yield from map(
                bytes, pack_chunk(pack_hole(hole), base_ns=hole.start_ns, child=0, number=number, policy=0, kind=HOLE)
            )


def _chunks(part: Part) -> Iterator[tuple[int, bytes]]:
    data = part.data
    base, size = 0, 0
    records: list[tuple[int, bytes, int]] = []
    for index in part.chosen.tolist():
        time_ns, begin, length = int(data.time_ns[index]), int(data.offsets[index]), int(data.lengths[index])
        if records and (time_ns - base > LARGEST_OFFSET_NS or time_ns < base or size > CHUNK_BYTES):
            yield base, pack_records(records, base)
            records, size = [], 0
        base = base if records else time_ns
        records.append((time_ns, data.data[begin : begin + length], int(data.flags[index])))
        size += length
    if records:
        yield base, pack_records(records, base)


def extract_packets(path: Path, folder: Path, prefix: str = "", write: Write = Path.write_bytes) -> CallFile:
    """Unpack a packets file's streams into a folder and return its call file. Raises SpoolError, OSError."""
    try:
        with tarfile.open(path, "r:") as archive:
            call = _read_call(archive)
            bindings: list[Binding] = []
            for binding in call.streams[:MOST_MEMBERS]:
                name = f"{prefix}{binding.stream}"
                write(folder / f"{name}.stream", _read(archive, f"{binding.stream}.stream"))
                bindings.append(replace(binding, stream=name))
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise SpoolError(f"the packets file {path.name} is damaged: {error}") from error
    return replace(call, streams=tuple(bindings))


def stored_call(path: Path) -> CallFile:
    """The call file of a packets file alone. Raises SpoolError, OSError."""
    try:
        with tarfile.open(path, "r:") as archive:
            return _read_call(archive)
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise SpoolError(f"the packets file {path.name} is damaged: {error}") from error


def _read_call(archive: tarfile.TarFile) -> CallFile:
    return parse_call(_read(archive, CALL))


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    if Path(name).name != name:
        raise SpoolError(f"{name!r} is no name in a packets file")
    member = archive.extractfile(name)
    if member is None:
        raise SpoolError(f"{name!r} in the packets file is not a file")
    return member.read()

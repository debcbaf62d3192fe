"""A sealed file of records: a line that says whose they are, one line each, and a last one that seals all before it.

A file without its seal, or with another one, is not used at all.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from apresa.handover import HandoverError, Origin, Record
from apresa.shared.files import sync_folder

FORMAT = 1
LONGEST_LINE = 1024 * 1024
MOST = 2 * 1024**3  # bytes of one file
NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{8}", re.ASCII)


def write(path: Path, origin: Origin, records: Iterable[Record]) -> int:
    """Beside it, synced, then renamed: either whole or not there. How many records. Raises HandoverError, OSError."""
    temporary = path.with_name(f".{path.name}.tmp")  # of one recovery: who was killed leaves it to the next attempt
    digest, count, size = hashlib.sha256(), 0, 0
    try:
        with temporary.open("wb") as file:
            head = {"format": FORMAT, "node": origin.node, "name": origin.name, "ticket": origin.ticket}
            for line in _lines(head, records):
                size += len(line)
                if len(line) > LONGEST_LINE or size > MOST:
                    raise HandoverError("There is more than a file of records may hold.")
                digest.update(line)
                file.write(line)
                count += 1
            file.write(_line({"seal": digest.hexdigest(), "records": count - 1}))
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o600)
        temporary.rename(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return count - 1


def check(path: Path) -> Origin:
    """Whose records these are; read once to the seal. Raises HandoverError, OSError."""
    digest, count, seal, origin = hashlib.sha256(), 0, None, None
    for line in _raw(path):
        if seal is not None:
            raise HandoverError("The file of records goes on after its seal.")
        found = _object(line)
        if "seal" in found:
            seal = found
            continue
        origin = origin or _origin(found)
        digest.update(line)
        count += 1
    if origin is None or seal is None or seal != {"seal": digest.hexdigest(), "records": count - 1}:
        raise HandoverError("The file of records is not whole: its seal is not there, or is another one.")
    return origin


def records(path: Path) -> Iterator[Record]:
    """The records of a file that was checked. Raises HandoverError, OSError."""
    lines = _raw(path)
    next(lines, None)
    for line in lines:
        found = _object(line)
        if "seal" not in found:
            yield _record(found)


def _lines(head: dict[str, Any], records: Iterable[Record]) -> Iterator[bytes]:
    yield _line(head)
    for record in records:
        yield _line({"kind": record.kind, "key": record.key, "values": dict(record.values)})


def _line(found: dict[str, Any]) -> bytes:
    return json.dumps(found, separators=(",", ":")).encode() + b"\n"


def _raw(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise HandoverError("The file of records has a line that is too long.")
            yield line


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HandoverError("The file of records has a line that cannot be read.")
    return found


def _origin(found: dict[str, Any]) -> Origin:
    match found:
        case {"format": 1, "node": str(node), "name": str(name), "ticket": str(ticket)} if NAME.fullmatch(
            f"{node}-{ticket}"
        ):
            return Origin(node, name[:63], ticket)
    raise HandoverError("The file of records is of an unknown format.")


def _record(found: dict[str, Any]) -> Record:
    match found:
        case {"kind": str(kind), "key": str(key), "values": dict(values)}:
            return Record(kind, key, values)
    raise HandoverError("The file of records has a line that is no record.")

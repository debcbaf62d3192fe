"""What is in a spool file, sealed or not: the same bytes, so that each format has one parser."""

from dataclasses import dataclass
from pathlib import Path

from apresa.shared.sealing.errors import Damaged
from apresa.shared.sealing.header import Header
from apresa.shared.sealing.records import HEAD, Records, file_key, is_sealed, run_of
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.keys import keys


@dataclass(frozen=True, slots=True)
class Content:
    """`torn` counts the bytes of the file after its last good record; `end` is where that is. `whole`: a sealed file
    was finished by its writer; of a clear one nobody can tell."""

    data: bytes
    torn: int
    end: int
    whole: bool


def opener(head: bytes, name: str) -> Records:
    """What opens a sealed file that begins like this. Raises SpoolError, SpoolLocked."""
    try:
        return Records(head, file_key(head, keys().half(run_of(head)), name))
    except Damaged as error:
        raise SpoolError(str(error)) from error


def key_of(path: Path) -> bytes:
    """For a reader that may have this file's key and no other; empty for a clear file. Raises as `opener`, OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not is_sealed(head):
        return b""
    try:
        return file_key(head, keys().half(run_of(head)), path.stem)
    except Damaged as error:
        raise SpoolError(str(error)) from error


def read_content(path: Path, key: bytes = b"") -> Content:
    """Up to the first record that is cut off or damaged; with the key of the file, or those of this boot.

    Raises SpoolLocked, OSError; SpoolError for a bad header.
    """
    data = path.read_bytes()
    if not is_sealed(data):
        return Content(data, 0, len(data), whole=True)
    return unseal(data, Records(data[:HEAD], key) if key else opener(data[:HEAD], path.stem))


def unseal(data: bytes, records: Records) -> Content:
    """The content of a sealed file up to its first bad record."""
    view, parts, at, last = memoryview(data), [], HEAD, False
    while not last:
        try:
            step = records.open(view, at, at)
        except Damaged:
            break
        if step is None:
            break
        content, at, last = step
        parts.append(content)
    return Content(b"".join(parts), len(data) - at, at, whole=last)


def read_whole(path: Path) -> bytes:
    """A file that was written at once. Raises SpoolError when it was changed or cut, SpoolLocked, OSError."""
    found = read_content(path)
    if found.torn or not found.whole:
        raise SpoolError(f"{path.name} is not what was sealed: it was changed or cut off")
    return found.data


def run_in(path: Path) -> Header | None:
    """The run that sealed a file; None for a clear one, or one whose header is damaged. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    try:
        return run_of(head) if is_sealed(head) else None
    except Damaged:
        return None


def locked(path: Path) -> bool:
    """Whether this file waits for an unlock. Raises OSError."""
    run = run_in(path)
    return run is not None and not keys().has(run.call)

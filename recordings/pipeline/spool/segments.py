"""The files of the frame journal: written in segments by one sniffer, followed by signalling; sealed or in clear."""

import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from apresa.shared.sealing.errors import Damaged
from apresa.shared.sealing.records import HEAD, Records, is_sealed
from recordings.pipeline.spool.content import opener, unseal
from recordings.pipeline.spool.errors import SpoolError, SpoolLocked
from recordings.pipeline.spool.journal import HEADER, Kind, Record, facts_payload, pack, unpack
from recordings.pipeline.spool.sealing import Sealing

SEGMENT_BYTES = 32 << 20
_GROUP = 1 << 20  # of records sealed together; a record has its own limit, so that two fit what is sealed at once
_FIRST = 8  # bytes that tell a sealed segment


def segments(folder: Path) -> list[Path]:
    """The segment files, oldest first; each is named after the number of its first record."""
    return sorted(folder.glob("*.journal"))


class JournalWriter:
    """Appends records; one writer per session. A torn last record of a former writer is cut off.

    `head` is what each segment says of its origin in its first record: node, boot and child. A segment is made with its
    first write, so that a key that is missing keeps the records waiting, as a full disk does. A sealed segment has a
    last record when it is done: one that is cut off between records is found out, too.
    """

    def __init__(
        self,
        folder: Path,
        head: dict[str, object],
        segment_bytes: int = SEGMENT_BYTES,
        sealing: Sealing | None = None,
    ) -> None:
        self.folder = folder
        self.head = head
        self.segment_bytes = segment_bytes
        self.sealing = sealing
        self.pending: list[bytes] = []
        self.waiting = 0
        self.number = 0
        self.size = 0
        self.last_ns: int | None = None
        self.last_kind: Kind | None = None
        self.file = -1
        self._records: Records | None = None
        self._path = folder
        found = segments(folder)
        if not found or not self._reopen(found[-1]):
            self._begin_segment()

    def _reopen(self, path: Path) -> bool:
        """Go on in this segment; False where it is done or locked, and another must follow. Raises OSError."""
        self.number = int(path.stem) - 1
        content, records, data = None, None, path.read_bytes()
        if is_sealed(data):
            try:
                records = opener(data[:HEAD], path.stem)
            except SpoolLocked:  # capture goes on; no record of that segment has a number from here on
                self.number += len(data) // HEADER.size
                return False
            except SpoolError:  # killed while it was made: nothing of it counts
                path.unlink()
                return False
            content = unseal(data, records)
            data = content.data
        offset = self._count(data)
        if content and content.whole:
            return False
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self.size = content.end if content else offset
        os.ftruncate(self.file, self.size)
        self._path, self._records = path, records
        if not records and self._must_seal():
            self._finish()
        elif offset == 0:
            self._head()
        return True

    def _must_seal(self) -> bool:
        """Whether nothing may be added to a clear segment; what is not known counts as yes."""
        try:
            return self.sealing is not None and self.sealing.recipient() is not None
        except OSError:
            return True

    def _count(self, data: bytes) -> int:
        """Take note of the records, and return where the whole ones end."""
        offset = 0
        while True:
            try:
                step = unpack(data, offset)
            except SpoolError:
                return offset
            if step is None:
                return offset
            record, offset = step
            self.number, self.last_ns, self.last_kind = record.number, record.time_ns, record.kind

    def _begin_segment(self) -> None:
        self._path = self.folder / f"{self.number + 1:020d}.journal"
        self._records = None
        self.size = 0
        self._head()

    def _head(self) -> None:
        self.append(Kind.SEGMENT, time.time_ns(), facts_payload(**self.head))

    @property
    def is_clear(self) -> bool:
        """Whether it writes to a segment that is not sealed."""
        return self.file >= 0 and self._records is None

    def roll(self) -> None:
        """Go on in another segment: this one is large enough, or for another recipient. Raises OSError."""
        self.flush()
        self._finish()

    def _finish(self) -> None:
        if self.file < 0:
            return
        if self._records:
            self._write(self._records.seal(self.size, b"", last=True))
        os.fdatasync(self.file)
        os.close(self.file)
        self.file = -1
        self._begin_segment()

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
            first = self._create() if self.file < 0 else b""
            self._write(first + self._packed(len(first)))
            self.pending.clear()
            self.waiting = 0
        if self.size >= self.segment_bytes:
            self._finish()  # the next one's first record is queued

    def _create(self) -> bytes:
        """Make the segment; what its file begins with. Raises OSError, also while calls can neither be sealed nor kept
        in clear."""
        self._records = self.sealing.begin(self._path.stem) if self.sealing else None
        self.file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._records.head if self._records else b""

    def _packed(self, before: int) -> bytes:
        """What is queued as the file gets it: records sealed together, a call of the cipher for each group."""
        if not self._records:
            return b"".join(self.pending)
        parts, group, size = [], list[bytes](), 0
        offset = self.size + before
        for record in [*self.pending, b""]:
            if group and (not record or size + len(record) > _GROUP):
                parts.append(self._records.seal(offset, b"".join(group)))
                offset += len(parts[-1])
                group, size = [], 0
            group.append(record)
            size += len(record)
        return b"".join(parts)

    def _write(self, data: bytes) -> None:
        try:
            written = os.write(self.file, data)
            while written < len(data):
                written += os.write(self.file, data[written:])
        except OSError:
            os.ftruncate(self.file, self.size)
            if not self.size:  # a new segment without its head
                os.close(self.file)
                self.file = -1
                self._path.unlink(missing_ok=True)
            raise
        self.size += len(data)

    def sync(self) -> None:
        self.flush()
        if self.file >= 0:
            os.fdatasync(self.file)

    def close(self) -> None:
        self.sync()
        if self.file >= 0:
            os.close(self.file)
        self.file = -1


class JournalReader:
    """Reads records from a number on, as far as they are whole; call `read` again for what came since."""

    def __init__(self, folder: Path, start: int = 1) -> None:
        self.folder = folder
        self.next = start
        self.path: Path | None = None
        self.offset = 0
        self._records: Records | None = None
        self._ended = False

    def read(self) -> Iterator[Record]:
        """All whole records not yet read. Raises SpoolLocked; SpoolError where it is damaged before its end."""
        path = self.path or self._open()
        while path:
            following = self._following(path)
            yield from self._read_segment(path, last=following is None)
            if following:
                self._go_to(following)
            path = following

    def _open(self) -> Path | None:
        fitting = [path for path in segments(self.folder) if int(path.stem) <= self.next]
        found = fitting[-1:] or segments(self.folder)[:1]
        if not found:
            return None
        self._go_to(found[0])
        self.next = max(self.next, int(found[0].stem))
        return self.path

    def _go_to(self, path: Path) -> None:
        self.path, self.offset, self._records, self._ended = path, 0, None, False

    def _following(self, path: Path) -> Path | None:
        later = [found for found in segments(self.folder) if found > path]
        return later[0] if later else None

    def _read_segment(self, path: Path, *, last: bool) -> Iterator[Record]:
        with path.open("rb") as file:
            if self.offset == 0 and not self._begin(file.read(HEAD), path):
                return
            file.seek(self.offset)
            data = memoryview(file.read())
        if self._records:
            yield from self._sealed(data)
        else:
            self.offset += yield from self._clear(data)
        torn = not self._ended if self._records else path.stat().st_size > self.offset
        if not last and torn:
            raise SpoolError(f"{path.name} ends in the middle of record {self.next}")

    def _begin(self, head: bytes, path: Path) -> bool:
        """Look whether it is sealed; False while it is too short to tell."""
        if len(head) < _FIRST:
            return False
        if is_sealed(head):
            if len(head) < HEAD:
                return False
            self._records = opener(head, path.stem)
            self.offset = HEAD
        return True

    def _sealed(self, data: memoryview) -> Iterator[Record]:
        at = 0
        while not self._ended:
            try:
                step = self._records.open(data, at, self.offset) if self._records else None
            except Damaged as error:
                raise SpoolError(f"the journal from record {self.next} on: {error}") from error
            if step is None:
                return
            content, end, ended = step
            yield from self._clear(memoryview(content))
            self.offset += end - at  # after its records: a reader that is left in between begins with them again
            at, self._ended = end, ended

    def _clear(self, data: memoryview) -> Generator[Record, None, int]:
        """The whole records, and how many bytes they have."""
        offset = 0
        while step := unpack(data, offset):
            record, offset = step
            if record.number >= self.next:
                self.next = record.number + 1
                yield record
        return offset

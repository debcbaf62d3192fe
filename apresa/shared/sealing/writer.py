"""Writes a sealed file from beginning to end."""

import os
from types import TracebackType
from typing import BinaryIO, Self

from apresa.shared.sealing.chunks import CHUNK, Chunks
from apresa.shared.sealing.header import Header


class SealedWriter:
    """Appends to a new file. `finish` writes the last chunk; a file without one reads as cut off.

    The header is on the disk before the first sealed byte (K7). `sync` makes whole chunks safe: what is short of one
    waits in memory, as a chunk that was written and then grew would use its nonce twice.
    """

    def __init__(self, file: BinaryIO, header: Header, data_key: bytes) -> None:
        """`file` is open for writing, empty, and stays the caller's to close. Raises OSError."""
        self._file = file
        self._chunks = Chunks(header, data_key)
        self._waiting = bytearray()
        self._number = 0
        self._finished = False
        file.write(header.pack())
        self.sync()

    def write(self, content: bytes | bytearray | memoryview) -> None:
        """Raises OSError."""
        if self._finished:
            raise ValueError("the sealed file is finished")
        rest = memoryview(content).cast("B")
        while rest:
            # A full chunk stays until more comes: only then it is known not to be the last.
            if len(self._waiting) == CHUNK:
                self._put(last=False)
            taken = min(CHUNK - len(self._waiting), len(rest))
            self._waiting += rest[:taken]
            rest = rest[taken:]

    def sync(self) -> None:
        """Raises OSError."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self) -> None:
        """Write the last chunk. Raises OSError."""
        if not self._finished:
            self._put(last=True)
            self._finished = True
            self._file.flush()

    def _put(self, *, last: bool) -> None:
        sealed = self._chunks.seal(self._number, bytes(self._waiting), last=last)
        # Counted first: after a failed write the number must not serve again.
        self._number += 1
        self._waiting.clear()
        self._file.write(sealed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        """Finish, unless the work broke off: half a recording never looks whole."""
        if kind is None:
            self.finish()

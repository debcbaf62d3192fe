"""Reads any bytes of a sealed file without the rest of it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator

from apresa.shared.sealing.chunks import Chunks, Extent, extent_of
from apresa.shared.sealing.errors import Damaged
from apresa.shared.sealing.header import HEADER, Header, parse_header


def read_header(handle: int) -> Header:
    """The header of an open file, which needs no key. Raises Damaged, OSError."""
    return parse_header(os.pread(handle, HEADER, 0))


class SealedReader:
    """Opened content of a file. The last chunk is opened at once: it proves the length, so nothing was cut off.

    Holds one chunk at a time; reads by offset, so that ranges may be read side by side. The handle stays the caller's.
    """

    def __init__(self, handle: int, key_of: Callable[[Header], bytes]) -> None:
        """`key_of` finds the data key. Raises Damaged, OSError, and what `key_of` raises."""
        self._handle = handle
        self.header = read_header(handle)
        self._chunks = Chunks(self.header, key_of(self.header))
        self._extent: Extent = extent_of(os.fstat(handle).st_size)
        self._open(self._extent.chunks - 1)

    def __len__(self) -> int:
        """Bytes in clear."""
        return self._extent.length

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`, a chunk at most at a time. Raises Damaged, OSError."""
        for number, first, after in self._extent.parts(start, len(self) if stop is None else stop):
            yield self._open(number)[first:after]

    async def stream(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """As `pieces`, with disk and cipher off the event loop."""
        for number, first, after in self._extent.parts(start, len(self) if stop is None else stop):
            yield (await asyncio.to_thread(self._open, number))[first:after]

    def _open(self, number: int) -> bytes:
        offset, size = self._extent.place(number)
        sealed = os.pread(self._handle, size, offset)
        if len(sealed) != size:
            raise Damaged("The sealed file was cut off while it was read.")
        return self._chunks.open(number, sealed, last=number == self._extent.chunks - 1)

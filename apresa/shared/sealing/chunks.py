"""AES-256-GCM in chunks after STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce is the file's prefix, the
chunk's number and a flag that only the last one bears. So a chunk opens at its place in its file, and nowhere else.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apresa.shared.sealing.errors import Damaged
from apresa.shared.sealing.header import HEADER, Header

CHUNK = 64 * 1024
TAG = 16
STEP = CHUNK + TAG
CHUNKS = 1 << 32  # numbers that the nonce has room for: 256 TiB in one file


class Chunks:
    """Seals and opens the chunks of one file."""

    def __init__(self, header: Header, data_key: bytes) -> None:
        self._prefix = header.prefix
        self._bound = header.pack()
        self._cipher = AESGCM(data_key)

    def seal(self, number: int, content: bytes, *, last: bool) -> bytes:
        """Each number once for each data key: a nonce that comes twice gives both contents away."""
        return self._cipher.encrypt(self._nonce(number, last=last), content, self._bound)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Raises Damaged."""
        try:
            return self._cipher.decrypt(self._nonce(number, last=last), sealed, self._bound)
        except InvalidTag:
            raise Damaged(f"Part {number + 1} of the sealed file is not what was sealed.") from None

    def _nonce(self, number: int, *, last: bool) -> bytes:
        return self._prefix + struct.pack(">IB", number, last)


@dataclass(frozen=True, slots=True)
class Extent:
    """How many chunks a sealed file has, and how many bytes they hold in clear."""

    chunks: int
    length: int

    def place(self, number: int) -> tuple[int, int]:
        """Offset and size of a sealed chunk in the file."""
        content = CHUNK if number < self.chunks - 1 else self.length - number * CHUNK
        return HEADER + number * STEP, content + TAG

    def parts(self, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """The chunks of the bytes from `start` to before `stop`: number, first byte, byte after the last."""
        at, stop = max(start, 0), min(stop, self.length)
        while at < stop:
            number, first = divmod(at, CHUNK)
            after = min(CHUNK, stop - number * CHUNK)
            yield number, first, after
            at = number * CHUNK + after


def extent_of(size: int) -> Extent:
    """The extent of a sealed file of so many bytes. Raises Damaged for a size that no sealed file has."""
    whole, rest = divmod(size - HEADER, STEP)
    chunks = whole + (rest > 0)
    # An empty content is one chunk of a tag alone; after a whole chunk the last one has at least one byte.
    if size < HEADER + TAG or 0 < rest < TAG + (whole > 0) or chunks > CHUNKS:
        raise Damaged("The sealed file was cut off.")
    return Extent(chunks, size - HEADER - chunks * TAG)

"""Files that grow by sealed records: what must be on the disk within a second cannot wait for a chunk of 64 KiB.

A file is a run's header (129 bytes, purpose SPOOL: one wrapped half for all files that a process writes for a while),
a salt of its own (32 bytes), then records. File key = HKDF(half, salt, name): another one for each file. A record is
bound to file and offset, so none opens at another place. A writer that was killed, or found the disk full, writes other
content at the same offset again: so the nonce counts what was sealed, behind random bytes of each opening of the file,
and never says where it lies (docs/decisions/0023).
"""

import os
import struct
from collections.abc import Iterator
from itertools import count

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from apresa.shared.sealing.errors import Damaged
from apresa.shared.sealing.header import HEADER, MAGIC, Header, Purpose, parse_header

SALT = 32
HEAD = HEADER + SALT
LARGEST = 2 << 20
"""Bytes in a record at most; what is larger is written as several."""
_RECORD = struct.Struct(">BI12s")  # 1 in the last record of a finished file, length of what follows, nonce
_TAG = 16
OVERHEAD = _RECORD.size + _TAG
_PLACE = struct.Struct(">QB")
_DERIVING = b"apresa sealed file: records\0"


def is_sealed(data: bytes | memoryview) -> bool:
    """Whether a file that begins like this is a sealed one."""
    return bytes(data[: len(MAGIC)]) == MAGIC


def new_head(run: Header) -> bytes:
    """The first bytes of a new file of this run."""
    return run.pack() + os.urandom(SALT)


def run_of(head: bytes) -> Header:
    """The run that a file belongs to, by its first bytes. Raises Damaged."""
    run = parse_header(head)
    if run.purpose is not Purpose.SPOOL:
        raise Damaged("This sealed file is none of the spool.")
    if len(head) < HEAD:
        raise Damaged("The sealed file ends inside its header.")
    return run


def file_key(head: bytes, half: bytes, name: str) -> bytes:
    """The key of the file of this name that begins with this head. Raises Damaged where that is none."""
    info = _DERIVING + run_of(head).facts + name.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=head[HEADER:HEAD], info=info).derive(half)


class Records:
    """Seals and opens the records of one file."""

    def __init__(self, head: bytes, key: bytes) -> None:
        self.head = bytes(head[:HEAD])
        self._cipher = AESGCM(key)
        self._nonces = (os.urandom(8), count())

    def seal(self, offset: int, content: bytes | bytearray | memoryview, *, last: bool = False) -> bytes:
        """The record that holds this content at this offset of the file."""
        if len(content) > LARGEST:
            raise ValueError(f"a sealed record holds at most {LARGEST} bytes")
        random, numbers = self._nonces
        nonce = random + next(numbers).to_bytes(4, "big")
        sealed = self._cipher.encrypt(nonce, content, self._bound(offset, last=last))
        return _RECORD.pack(last, len(sealed), nonce) + sealed

    def open(self, data: bytes | memoryview, at: int, offset: int) -> tuple[bytes, int, bool] | None:
        """Content of the record at data[at:], where the next begins in data, and whether it is the last of the file;
        None when it is cut off. `offset` is its place in the file. Raises Damaged."""
        if at + _RECORD.size > len(data):
            return None
        last, length, nonce = _RECORD.unpack_from(data, at)
        begin = at + _RECORD.size
        end = begin + length
        if last > 1 or not _TAG <= length <= LARGEST + _TAG:
            raise Damaged(f"There is no sealed record at byte {offset}.")
        if end > len(data):
            return None
        try:
            content = self._cipher.decrypt(nonce, data[begin:end], self._bound(offset, last=bool(last)))
        except InvalidTag:
            raise Damaged(f"The record at byte {offset} of the sealed file is not what was sealed.") from None
        return content, end, bool(last)

    def _bound(self, offset: int, *, last: bool) -> bytes:
        return self.head + _PLACE.pack(offset, last)


def pieces(content: bytes | memoryview) -> Iterator[memoryview]:
    """The content cut to what a record holds; one empty piece for no content."""
    view = memoryview(content)
    for begin in range(0, max(1, len(view)), LARGEST):
        yield view[begin : begin + LARGEST]


def seal_whole(records: Records, content: bytes) -> bytes:
    """A finished file of this content."""
    parts, offset = [records.head], HEAD
    cut = list(pieces(content))
    for number, piece in enumerate(cut, 1):
        parts.append(records.seal(offset, piece, last=number == len(cut)))
        offset += len(parts[-1])
    return b"".join(parts)

"""The bytes of a capture: a file, standard input, gzip of either; bounded by size and by compression ratio."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from recordings.pipeline.capture.frames import CaptureError

MAX_SIZE = 64 << 30
_CHUNK = 2 << 20
_PACKED_CHUNK = 64 << 10  # small, as zlib copies what is left of it behind every member
_MAX_RATIO = 200
_RATIO_COUNTS_FROM = 32 << 20
_GZIP = b"\x1f\x8b"
_OTHER_COMPRESSION = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\3\4": "zip",
    b"\x04\x22\x4d\x18": "lz4",
}


class Readable(Protocol):
    """What a capture is read from; `read` may return less than it was asked for, and b"" only at the end."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes."""
        ...


class _Plain:
    def __init__(self, stream: Readable, start: bytes, chunk: int) -> None:
        self._stream = stream
        self._start = start
        self._chunk = chunk
        self.read_so_far = len(start)

    def read(self) -> bytes:
        if self._start:
            start, self._start = self._start, b""
            return start
        data = self._stream.read(self._chunk)
        self.read_so_far += len(data)
        return data


class _Gunzip:
    """All members of a gzip file as one stream, at most _CHUNK bytes at a time."""

    def __init__(self, source: _Plain) -> None:
        self._source = source
        self._inflate = zlib.decompressobj(wbits=31)
        self._rest = b""
        self._made = 0

    def read(self) -> bytes:
        while True:
            if self._inflate.eof:
                if not self._next_member():
                    return b""
            elif not self._rest:
                self._rest = self._source.read()
                if not self._rest:
                    raise CaptureError("the compressed data end too early", truncated=True)
            data = self._more()
            if data:
                return data

    def _more(self) -> bytes:
        try:
            data = self._inflate.decompress(self._rest, _CHUNK)
        except zlib.error as error:
            raise CaptureError(f"the compressed data are damaged ({error})") from error
        self._rest = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        self._made += len(data)
        if self._made > max(_RATIO_COUNTS_FROM, _MAX_RATIO * self._source.read_so_far):
            raise CaptureError(f"the data are compressed more than {_MAX_RATIO} times, which no capture of calls is")
        return data

    def _next_member(self) -> bool:
        """Zeros after the last member are padding, as gzip(1) has it; anything else that is no member is too."""
        while len(self._rest) < 2:
            more = self._source.read()
            if not more:
                return False
            self._rest += more
        if not self._rest.startswith(_GZIP):
            return False
        self._inflate = zlib.decompressobj(wbits=31)
        return True


class Source:
    """A buffer over a capture's bytes: `fill` grows it, `data` from `position` on is what has not been used."""

    def __init__(self, stream: Readable, max_size: int) -> None:
        start = b""
        while len(start) < 6 and (more := stream.read(_PACKED_CHUNK)):
            start += more
        if not start:
            raise CaptureError("the file is empty")
        for magic, name in _OTHER_COMPRESSION.items():
            if start.startswith(magic):
                raise CaptureError(f"the file is compressed with {name}; unpack it first (only gzip is read as it is)")
        self._from: _Plain | _Gunzip = (
            _Gunzip(_Plain(stream, start, _PACKED_CHUNK)) if start.startswith(_GZIP) else _Plain(stream, start, _CHUNK)
        )
        self._left = max_size
        self._max_size = max_size
        self.data = b""
        self.position = 0

    def fill(self, size: int) -> bool:
        """Make sure that `size` bytes stand at `position`; False when the capture ends before."""
        pieces: list[bytes] = []
        have = len(self.data) - self.position
        while have < size:
            piece = self._from.read()
            if not piece:
                break
            self._left -= len(piece)
            if self._left < 0:
                raise CaptureError(f"the capture is larger than the limit of {self._max_size} bytes")
            pieces.append(piece)
            have += len(piece)
        if pieces:
            self.data = b"".join([self.data[self.position :], *pieces])
            self.position = 0
        return have >= size

    def __len__(self) -> int:
        return len(self.data) - self.position


@contextmanager
def opened(capture: Path | str | BinaryIO) -> Iterator[tuple[Readable, str]]:
    """The stream and the name of a path, of "-" (standard input) or of a stream that is open already."""
    if not isinstance(capture, (str, Path)):
        yield capture, str(getattr(capture, "name", "capture"))
        return
    is_input = str(capture) == "-"
    name = "standard input" if is_input else str(capture)
    try:
        stream = open(0 if is_input else capture, "rb", buffering=0, closefd=not is_input)  # noqa: SIM115 (used below)
    except OSError as error:
        raise CaptureError(f"{name}: cannot be opened: {error.strerror}") from error
    with stream:
        yield stream, name

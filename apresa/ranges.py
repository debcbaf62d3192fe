"""Files by HTTP, whole or one range of bytes (RFC 9110 section 14), so that a player can seek."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

CHUNK = 256 << 10
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Readable(Protocol):
    """What bytes come from."""

    def read(self, length: int, /) -> bytes: ...

    def close(self) -> None: ...


class Unsatisfiable(ValueError):
    """The range begins behind the end of the file."""


def parse_range(text: str, size: int) -> tuple[int, int] | None:
    """First and last byte that are asked for; None when the whole file is to be sent. Raises Unsatisfiable."""
    found = _RANGE.fullmatch(text.strip())
    if not found or found.groups() == ("", ""):
        return None  # several ranges, other units, nonsense: a server may ignore the header
    first, last = found.groups()
    if not first:
        length = min(int(last), size)
        if not length:
            raise Unsatisfiable(text)
        return size - length, size - 1
    begin, end = int(first), min(int(last or size), size - 1)
    if last and int(last) < begin:
        return None
    if begin >= size:
        raise Unsatisfiable(text)
    return begin, end


def file_response(
    request: HttpRequest, path: Path, *, content_type: str, etag: str, name: str = ""
) -> HttpResponseBase:
    """The file, or the range that the request asks for; name makes it a download. Raises OSError."""
    file = path.open("rb")
    size = path.stat().st_size
    asked = request.headers.get("Range", "")
    if request.headers.get("If-Range", f'"{etag}"') != f'"{etag}"':
        asked = ""
    try:
        span = parse_range(asked, size) if asked and size else None
    except Unsatisfiable:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    begin, end = span or (0, size - 1)
    file.seek(begin)
    response = body(request, file, end + 1 - begin)
    response.status_code = 206 if span else 200
    if span:
        response["Content-Range"] = f"bytes {begin}-{end}/{size}"
    response["Content-Length"] = str(end + 1 - begin)
    response["Content-Type"] = content_type
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    if name:
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def body(request: HttpRequest, file: Readable, length: int) -> HttpResponseBase:
    """So many bytes from where the file stands; it is closed with the answer."""
    if request.method == "HEAD":
        file.close()
        return HttpResponse()
    kind = AsyncPart if isinstance(request, ASGIRequest) else Part
    return StreamingHttpResponse(kind(file, length))


class OpenPart:
    """Bytes of an open file from where it stands. Django closes it, also when nobody reads the answer."""

    def __init__(self, file: Readable, length: int) -> None:
        self.file, self.length = file, length

    def read(self) -> bytes:
        chunk = self.file.read(min(CHUNK, self.length))
        self.length -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()


class Part(OpenPart):
    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read():
            yield chunk


class AsyncPart(OpenPart):
    """Under ASGI a plain iterator would be read whole into memory before the first byte leaves."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await asyncio.to_thread(self.read):
            yield chunk

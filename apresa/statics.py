"""Style sheets, scripts and icons: whole answers, packed for the wire, also under an asynchronous server."""

import gzip
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

SMALLEST = 1000  # bytes; less is not worth packing
PACKED_TYPES = ("text/", "application/json", "image/svg+xml")


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise has no types
    """WhiteNoise gives a file iterator, which an asynchronous server reads in one go, with a warning."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status), headers=dict(found.headers))
        if found.status == 200 and len(content) >= SMALLEST and _may_pack(request, response):
            response.content = _packed(content)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
        return response


def _may_pack(request: HttpRequest, response: HttpResponse) -> bool:
    response["Vary"] = "Accept-Encoding"
    accepted = request.headers.get("Accept-Encoding", "")
    return "gzip" in accepted and response.get("Content-Type", "").startswith(PACKED_TYPES)


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)

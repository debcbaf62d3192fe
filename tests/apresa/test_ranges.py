"""Ranges of bytes as RFC 9110 section 14 has them."""

import asyncio
import io
from pathlib import Path

import pytest
from django.core.handlers.asgi import ASGIRequest
from hypothesis import given
from hypothesis import strategies as st

from apresa.ranges import Unsatisfiable, file_response, parse_range


@given(st.integers(1, 1000), st.integers(0, 1200), st.integers(0, 1200))
def test_a_range_gives_what_slicing_gives(size: int, first: int, last: int) -> None:
    data = bytes(number % 251 for number in range(size))
    try:
        span = parse_range(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert first >= size
        return
    if span is None:
        assert last < first
    else:
        assert data[span[0] : span[1] + 1] == data[first : last + 1]


@given(st.integers(1, 1000), st.integers(1, 2000))
def test_a_suffix_gives_the_last_bytes(size: int, length: int) -> None:
    assert parse_range(f"bytes=-{length}", size) == (max(0, size - length), size - 1)


@given(st.text(max_size=40), st.integers(0, 1000))
def test_any_header_gives_a_range_inside_the_file_or_none(text: str, size: int) -> None:
    try:
        span = parse_range(text, size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span[0] <= span[1] < size


@pytest.mark.parametrize("asked", ["", "bytes=0-1,3-4", "lines=1-2", "bytes=-", "bytes=abc"])
def test_what_is_no_single_range_is_ignored(asked: str) -> None:
    assert parse_range(asked, 10) is None


def test_under_asgi_the_file_is_sent_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "audio"
    path.write_bytes(bytes(600_000))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"range", b"bytes=1-599999")]}
    request = ASGIRequest(scope, io.BytesIO())

    async def sizes() -> list[int]:
        response = file_response(request, path, content_type="audio/flac", etag="x")
        try:
            return [len(chunk) async for chunk in response]  # type: ignore[attr-defined]  # a streaming response
        finally:
            response.close()

    assert asyncio.run(sizes()) == [262_144, 262_144, 75_711]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import endpoint, parse_endpoint


@pytest.mark.parametrize(
    ("packed", "port", "text"),
    [
        (bytes([192, 0, 2, 1]), 5060, "192.0.2.1:5060"),
        (bytes.fromhex("20010db8000000000000000000000001"), 5060, "[2001:db8::1]:5060"),
        (bytes(16), 0, "[::]:0"),
    ],
)
def test_an_endpoint_is_written_as_people_write_it(packed: bytes, port: int, text: str) -> None:
    assert endpoint(packed, port) == text


@given(st.binary(min_size=4, max_size=4) | st.binary(min_size=16, max_size=16), st.integers(0, 65535))
def test_an_endpoint_comes_back_from_its_text(packed: bytes, port: int) -> None:
    assert parse_endpoint(endpoint(packed, port)) == (packed, port)


@pytest.mark.parametrize("text", ["", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "x:1", "[::1:5", "192.0.2.1:٣"])
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_endpoint(text)


@given(st.text(max_size=40))
def test_any_text_is_an_endpoint_or_refused(text: str) -> None:
    try:
        packed, port = parse_endpoint(text)
    except ValueError:
        return
    assert len(packed) in {4, 16}
    assert port <= 65535

"""HEP messages cut from the bytes of a TCP connection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import DecodeError
from recordings.pipeline.capture.hep_stream import HepStream

MESSAGE = b"HEP3\x00\x0aabcd"
bodies = st.binary(max_size=300).map(lambda body: b"HEP3" + (6 + len(body)).to_bytes(2) + body)


@given(st.lists(bodies, max_size=8), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_messages_come_out_whole_however_the_connection_cuts_them(messages: list[bytes], sizes: list[int]) -> None:
    stream, data, found, turn = HepStream(), b"".join(messages), [], 0
    while data:
        size = sizes[turn % len(sizes)]
        found += stream.feed(data[:size])
        data, turn = data[size:], turn + 1
    assert (found, stream.rest) == (messages, b"")


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_messages_a_rest_of_bounded_size_or_refused(first: bytes, second: bytes) -> None:
    stream = HepStream()
    try:
        found = stream.feed(first) + stream.feed(second)
    except DecodeError:
        return
    assert b"".join(found) + stream.rest == first + second
    assert len(stream.rest) < 1 << 16


@pytest.mark.parametrize("data", [b"INVITE sip:b@h SIP/2.0\r\n", b"HEP4", b"HEP3\0\5", MESSAGE + b"G"])
def test_a_connection_that_is_not_hep_is_refused(data: bytes) -> None:
    with pytest.raises(DecodeError):
        HepStream().feed(data)


def test_a_message_that_is_not_whole_is_kept() -> None:
    stream = HepStream()
    assert (stream.feed(MESSAGE + MESSAGE[:9]), stream.rest) == ([MESSAGE], MESSAGE[:9])
    assert stream.feed(MESSAGE[9:]) == [MESSAGE]

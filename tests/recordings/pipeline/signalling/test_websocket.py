import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.beginnings import begins_sip, begins_websocket
from recordings.pipeline.capture.frames import Segment
from recordings.pipeline.signalling.tcp import Connections
from recordings.pipeline.signalling.websocket import WebSocket
from tests.recordings.pipeline.signalling.test_tcp import MESSAGES, segment
from tests.samples.websocket import AGREE, ASK, BROWSER, SERVER, ws_frame

MASK = b"\x12\xff\0\x9a"
PING = ws_frame(b"are you there", kind=9)


def read(*chunks: bytes) -> list[bytes]:
    """What the messages are when the bytes come in these chunks."""
    connections, at, found = Connections(), 0, []
    for number, chunk in enumerate(chunks, 1):
        found += [data for _, data in connections.feed(segment(at, chunk), number)]
        at += len(chunk)
    return found


@pytest.mark.parametrize("mask", [b"", MASK])
@pytest.mark.parametrize("kind", [1, 2])
def test_messages_come_out_of_frames(mask: bytes, kind: int) -> None:
    frames = [ws_frame(message, mask=mask, kind=kind) for message in MESSAGES]
    assert read((ASK if mask else AGREE) + b"".join(frames)) == MESSAGES
    assert read(*frames) == MESSAGES  # a capture that began in the middle


def test_a_message_in_fragments_with_a_ping_between_them_is_one() -> None:
    first, second, third = MESSAGES[1][:50], MESSAGES[1][50:51], MESSAGES[1][51:]
    frames = [
        ws_frame(first, mask=MASK, last=False),
        PING,
        ws_frame(second, mask=b"abcd", kind=0, last=False),
        ws_frame(third, mask=b"\0\0\0\1", kind=0),
    ]
    assert read(b"".join(frames), ws_frame(MESSAGES[0], mask=MASK)) == [MESSAGES[1], MESSAGES[0]]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 3000), max_size=12))
def test_frames_cut_anywhere_give_the_same_messages(cuts: list[int]) -> None:
    stream = ASK + b"".join(ws_frame(message, mask=MASK) for message in MESSAGES)
    head = ASK.index(b"\n")  # the request line comes whole
    places = sorted({0, len(stream), *(head + cut % (len(stream) - head) for cut in cuts)})
    assert read(*(stream[begin:end] for begin, end in itertools.pairwise(places))) == MESSAGES


def test_a_compressed_message_is_counted_and_those_after_it_are_read() -> None:
    connections = Connections()
    data = AGREE + ws_frame(b"\xaa" * 40, flags=0x40) + ws_frame(MESSAGES[0])
    assert [found for _, found in connections.feed(segment(0, data), 1)] == [MESSAGES[0]]
    assert connections.compressed == 1


def test_keep_alives_and_other_text_are_no_messages() -> None:
    assert read(AGREE, ws_frame(b"\r\n\r\n"), ws_frame(b""), ws_frame(b'{"json": 1}'), PING) == []


def test_after_a_hole_the_next_frame_at_the_start_of_a_segment_is_read() -> None:
    connections = Connections()
    frames = [ws_frame(message) for message in MESSAGES]
    assert connections.feed(segment(0, AGREE + frames[0][:50]), 1) == []
    at = len(AGREE) + len(frames[0])
    late = 10**10
    found = connections.feed(segment(at + 50, frames[1]), 2)
    found += connections.feed(segment(at + 50 + len(frames[1]), frames[2], time_ns=late), 3)
    assert [data for _, data in found] == [MESSAGES[1], MESSAGES[2]]


def test_a_frame_longer_than_any_message_is_passed_over() -> None:
    large = ws_frame(bytes(300_000))
    assert read(AGREE + large[:1000], large[1000:] + ws_frame(MESSAGES[0])) == [MESSAGES[0]]


def test_a_connection_says_that_it_is_a_websocket() -> None:
    connections = Connections()
    there, plain = Segment(0, BROWSER, SERVER, 1, 0, 16, ASK), segment(0, MESSAGES[0])
    connections.feed(there, 1)
    connections.feed(plain, 2)
    assert (connections.transport(there), connections.transport(plain)) == ("ws", "tcp")


@pytest.mark.parametrize("mask", [b"", MASK])
def test_the_beginning_of_a_frame_with_sip_in_it_is_known(mask: bytes) -> None:
    assert begins_websocket(ws_frame(MESSAGES[0], mask=mask)[:64])
    assert begins_sip(ASK)
    assert begins_sip(AGREE)
    assert not begins_sip(ASK.replace(b"sip", b"chat"))
    assert not begins_websocket(ws_frame(b"no message" * 20, mask=mask))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_read_or_skipped(chunks: list[bytes]) -> None:
    socket = WebSocket()
    for number, chunk in enumerate(chunks):
        begins_sip(chunk)
        socket.feed(chunk, number, 0)
    assert socket.held <= sum(map(len, chunks))
    socket.flush()
    assert socket.held == 0

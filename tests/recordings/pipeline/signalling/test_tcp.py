from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Segment
from recordings.pipeline.signalling.framer import MOST_BYTES, Framer
from recordings.pipeline.signalling.tcp import Connections
from tests.samples.signalling import sdp, sip

FIN, SYN = 1, 2


def message(number: int, body: bytes = b"") -> bytes:
    headers = {"Via": "SIP/2.0/TCP h", "Call-ID": f"c{number}", "CSeq": f"{number} INVITE"}
    return sip("INVITE sip:b@h SIP/2.0", headers, body)


MESSAGES = [message(number, sdp("192.0.2.1:4000") if number % 2 else b"") for number in range(4)]
STREAM = b"".join(MESSAGES)


def segment(sequence: int, payload: bytes, flags: int = 0, time_ns: int = 0) -> Segment:
    return Segment(time_ns, "192.0.2.1:5060", "192.0.2.2:5060", sequence & 0xFFFFFFFF, 0, flags, payload)


def read(*segments: Segment) -> list[bytes]:
    connections = Connections()
    return [data for number, found in enumerate(segments, 1) for _, data in connections.feed(found, number)]


def test_several_messages_in_one_segment_and_one_in_several() -> None:
    half = len(MESSAGES[0]) + 20
    assert read(segment(0, STREAM)) == MESSAGES
    assert read(segment(0, STREAM[:half]), segment(half, STREAM[half:])) == MESSAGES


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_segments_cut_anywhere_doubled_and_out_of_order_give_the_same_messages(data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(STREAM) - 1), max_size=8)))
    edges = list(zip([0, *cuts], [*cuts, len(STREAM)], strict=True))
    start = data.draw(st.sampled_from([0, 0xFFFFFFF0]))
    pieces = [segment(start + 1 + begin, STREAM[max(0, begin - 3) : end]) for begin, end in edges if begin == 0]
    pieces += [segment(start + 1 + begin - 3, STREAM[begin - 3 : end]) for begin, end in edges if begin >= 3]
    pieces += [segment(start + 1 + begin, STREAM[begin:end]) for begin, end in edges if 0 < begin < 3]
    order = data.draw(st.permutations(pieces + pieces[:2]))
    assert read(segment(start, b"", SYN), *order) == MESSAGES


def test_stream_seen_from_the_middle_begins_with_the_next_message() -> None:
    assert read(segment(500, STREAM[20:])) == MESSAGES[1:]


def test_lost_segment_costs_its_messages_only() -> None:
    length = len(MESSAGES[0])
    late = segment(length + 50, STREAM[length + 50 :], time_ns=10**9)
    assert read(segment(0, STREAM[:length]), late, segment(0, b"", FIN)) == [MESSAGES[0], *MESSAGES[2:]]


def test_other_protocols_and_junk_are_skipped() -> None:
    junk = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" + bytes(500) + b"\r\n"
    assert read(segment(0, junk + STREAM)) == MESSAGES


def test_huge_content_length_costs_the_body_not_the_message() -> None:
    head = b"INVITE sip:b@h SIP/2.0\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 99999999999\r\n\r\n"
    assert read(segment(0, head + b"x" * 1000 + b"\r\n" + MESSAGES[0])) == [head, MESSAGES[0]]


def test_message_that_the_end_of_the_capture_cuts_is_given_without_its_rest() -> None:
    connections = Connections()
    assert connections.feed(segment(0, MESSAGES[1][:-5]), 7) == []
    assert connections.pending(0) == 7
    assert connections.flush() == [(("192.0.2.1:5060", "192.0.2.2:5060"), "tcp", 7, MESSAGES[1][:-5])]


def test_message_names_the_record_of_its_first_byte() -> None:
    connections = Connections()
    connections.feed(segment(0, STREAM[:30]), 3)
    found = connections.feed(segment(30, STREAM[30:]), 9)
    assert [first for first, _ in found] == [3, 9, 9, 9]
    assert connections.pending(0) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=80), st.integers(0, 31)), max_size=30))
def test_any_segments_are_read_within_bounds(steps: list[tuple[int, bytes, int]]) -> None:
    connections = Connections()
    for number, (sequence, payload, flags) in enumerate(steps):
        connections.feed(segment(sequence, payload, flags), number)
    half = connections.halves.get(("192.0.2.1:5060", "192.0.2.2:5060"))
    assert half is None or half.size == sum(map(len, half.waiting.values()))


def test_endless_head_is_given_up() -> None:
    framer = Framer()
    for number in range(40):
        framer.feed(b"INVITE sip:b@h SIP/2.0\r\n" + b"x: y\r\n" * 2000, number, 0)
    assert len(framer.buffer) <= MOST_BYTES + 20_000


def test_connections_together_hold_a_bounded_amount(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recordings.pipeline.signalling.tcp.MOST_TOGETHER", 10_000)
    connections = Connections()
    for number in range(100):
        connections.feed(replace(segment(0, MESSAGES[1][:-5]), source=f"192.0.2.1:{number}"), number)
        assert connections.held == sum(half.held for half in connections.halves.values())
    assert 9_000 < connections.held <= 10_000
    assert next(reversed(connections.halves)) == ("192.0.2.1:99", "192.0.2.2:5060")


def test_message_in_segments_of_one_byte_is_read() -> None:
    assert read(*(segment(place, STREAM[place : place + 1]) for place in range(len(STREAM)))) == MESSAGES


def test_framer_forgets_what_it_searched_when_a_stream_breaks_off() -> None:
    framer = Framer()
    framer.feed(b"INVITE sip:b@h SIP/2.0\r\n" + b"x: y\r\n" * 100, 1, 0)
    assert framer.flush() == []
    assert [data for _, data in framer.feed(STREAM, 2, 0)] == MESSAGES

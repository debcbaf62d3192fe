"""The SIP ladder: columns, arrows, and bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pages.ladder import MOST_LANES, MOST_STEPS, OTHERS, describe, ladder
from recordings.queries.details import Message

A, B, C = "192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"


def message(source: str, destination: str, text: str, at: float = 0.0) -> Message:
    return Message(0, round(at * 1e9), source, destination, "udp", text)


def test_addresses_become_lanes_in_the_order_of_their_first_message() -> None:
    drawn = ladder([message(A, B, "INVITE sip:x SIP/2.0\r\n"), message(B, C, "INVITE sip:x SIP/2.0\r\n", 0.5)])
    assert drawn.lanes == [A, B, C]
    assert [(step.start, step.span, step.leftwards, step.seconds) for step in drawn.steps] == [
        (1, 2, False, 0.0),
        (2, 2, False, 0.5),
    ]


def test_answer_points_back() -> None:
    drawn = ladder([message(A, C, "INVITE sip:x SIP/2.0\r\n"), message(C, A, "SIP/2.0 180 Ringing\r\n")])
    assert (drawn.steps[1].start, drawn.steps[1].span, drawn.steps[1].leftwards) == (1, 2, True)


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("INVITE sip:x@y SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0", "INVITE (SDP)", "request"),
        ("INVITE sip:x@y SIP/2.0\r\nc: application/sdp\r\n\r\nv=0", "INVITE (SDP)", "request"),
        ("SIP/2.0 100 Trying\r\n\r\n", "100 Trying", "going"),
        ("SIP/2.0 200 OK\r\n\r\n", "200 OK", "ok"),
        ("SIP/2.0 486 Busy Here\r\n\r\n", "486 Busy Here", "fail"),
        ("\r\n\r\nBYE sip:x SIP/2.0\r\n\r\n", "BYE", "request"),
        ("garbage", "garbage", "request"),
        ("", "?", "request"),
    ],
)
def test_arrow_says_what_the_message_is(text: str, label: str, kind: str) -> None:
    assert describe(message(A, B, text)) == (label, kind)


def test_too_many_addresses_share_the_last_lane() -> None:
    drawn = ladder([message(f"a{n}", f"b{n}", "ACK x SIP/2.0") for n in range(10)])
    assert len(drawn.lanes) == MOST_LANES
    assert drawn.lanes[-1] == OTHERS
    assert all(step.start + step.span - 1 <= MOST_LANES for step in drawn.steps)


def test_too_many_messages_are_counted_not_drawn() -> None:
    drawn = ladder([message(A, B, "ACK x SIP/2.0")] * (MOST_STEPS + 7))
    assert (len(drawn.steps), drawn.hidden) == (MOST_STEPS, 7)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=80)), max_size=30))
def test_any_messages_give_a_ladder_within_its_lanes(items: list[tuple[str, str, str]]) -> None:
    drawn = ladder([message(*item) for item in items])
    assert all(step.start >= 1 and step.start + step.span - 1 <= len(drawn.lanes) for step in drawn.steps)

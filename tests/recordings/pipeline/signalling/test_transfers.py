"""Redirections, transfers, and calls that go on behind a B2BUA."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.pipeline.signalling.sip import SipError, parse
from recordings.pipeline.signalling.transfers import legs, remarks
from recordings.pipeline.spool.policy import Policy, parse_policy
from tests.samples.signalling import ALICE, ALICE_MEDIA, BOB, BOB_MEDIA, Story, sdp, two_legs

BY_HEADER = Policy(leg_headers=("session-id", "x-cid"))


def test_a_redirected_call_ends_as_that() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(302, headers={"Contact": "<sip:carol@example.com>"})
    story.request("ACK", tags=("a", "b"))
    story.wait(40)
    [call] = story.calls()
    assert (call.end_reason, call.status, call.answered_ns) == ("redirected", 302, None)


def test_a_redirected_call_that_is_tried_at_the_new_place_goes_on() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(302)
    story.request("ACK", tags=("a", "b"))
    story.request("INVITE", sdp(ALICE_MEDIA), cseq=2)
    story.response(200, sdp(BOB_MEDIA), cseq=2)
    story.wait(3)
    story.bye()
    story.wait(3)
    [call] = story.calls()
    assert (call.end_reason, call.status) == ("bye", None)


def test_a_transfer_is_told_in_the_remarks_of_both_calls() -> None:
    story = Story()
    story.answered()
    refer = {"Refer-To": "<sip:carol@example.com?Replaces=call-2%3Bto-tag%3Dx%3Bfrom-tag%3Dy>"}
    story.request("REFER", cseq=3, tags=("b", "a"), hop=(BOB, ALICE), headers=refer)
    story.request(
        "INVITE", sdp("192.0.2.1:4100"), call_id="call-3",
        headers={"Replaces": "call-2;to-tag=x;from-tag=y", "Referred-By": "<sip:bob@example.com>"},
    )  # fmt: skip
    story.bye()
    story.end()
    notes = {call.call_ids[0]: call.notes for call in story.calls()}
    assert notes == {
        "call-1": ("the callee asked for a transfer to carol, in the place of call call-2",),
        "call-3": (
            "this call takes the place of call call-2",
            "this call was asked for by bob, who transferred another",
        ),
    }


@pytest.mark.parametrize(
    "headers",
    [
        ({"X-CID": "77"}, {"X-CID": "77"}),
        (
            {"Session-ID": "a" * 32 + ";remote=" + "0" * 32},
            {"Session-ID": "a" * 32 + ";remote=" + "b" * 32},
        ),
    ],
)
def test_legs_with_a_header_in_common_are_one_call(headers: tuple[dict[str, str], dict[str, str]]) -> None:
    [call] = two_legs(headers).calls(BY_HEADER)
    assert (call.call_ids, call.end_reason, call.ended_by) == (("front", "behind"), "bye", "caller")
    assert {key for key in call.keys if key[0] == "dialog"} == {
        ("dialog", "front", "a"), ("dialog", "front", "q"), ("dialog", "behind", "p"), ("dialog", "behind", "b"),
    }  # fmt: skip
    assert {binding.stream: binding.side for binding in call.streams} == {"s1": "caller", "s2": "caller"}


def test_legs_without_it_or_without_the_setting_are_two_calls() -> None:
    same = {"X-CID": "77"}
    assert len(two_legs((same, same)).calls()) == 2
    assert len(two_legs((same, {"X-CID": "78"})).calls(BY_HEADER)) == 2
    assert len(two_legs(({}, {})).calls(BY_HEADER)) == 2


def test_the_policy_file_names_headers_in_any_case() -> None:
    assert parse_policy(b'{"leg_headers": ["X-CID"]}').leg_headers == ("x-cid",)


@given(st.sampled_from(["REFER", "INVITE", "BYE"]), st.text(max_size=60), st.sampled_from(["Refer-To", "Replaces"]))
def test_any_header_gives_remarks_of_bounded_length(method: str, value: str, name: str) -> None:
    lines = [
        f"{method} sip:b@h SIP/2.0",
        "Call-ID: c",
        f"CSeq: 1 {method}",
        f"{name}: {value}",
        f"X-CID: {value}",
        "",
        "",
    ]
    try:
        message = parse("\r\n".join(lines).encode())
    except SipError:
        return
    assert all(len(remark) < 600 for remark in remarks(message, "caller"))
    assert all(len(found) <= 200 for _, found in legs(message, ("x-cid",)))

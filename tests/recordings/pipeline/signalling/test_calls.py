from recordings.pipeline.spool.calls import CallFile
from recordings.pipeline.spool.policy import Policy
from tests.samples.signalling import ALICE, ALICE_MEDIA, BOB, BOB_MEDIA, PROXY, START_NS, Story, sdp


def the_call(story: Story, policy: Policy | None = None) -> CallFile:
    [call] = story.calls(policy)
    return call


def test_call_answered_and_ended_by_the_caller() -> None:
    story = Story()
    story.answered()
    story.time += 10
    story.bye()
    story.wait(1)
    call = the_call(story)
    assert (call.caller, call.callee, call.end_reason, call.status) == ("alice", "bob", "bye", None)
    assert (call.caller_uri, call.callee_uri, call.ended_by) == (
        "sip:alice@example.com",
        "sip:bob@example.com",
        "caller",
    )
    assert (call.started_ns, call.answered_ns) == (START_NS, START_NS + 10**9)
    assert call.ended_ns == START_NS + 11 * 10**9
    assert (call.local, call.call_ids, call.protocol) == ("000000000001", ("call-1",), "sip")
    assert [message.text.split("\r\n")[0] for message in call.messages][-1] == "SIP/2.0 200 Said"


def test_call_ended_by_the_callee() -> None:
    story = Story()
    story.answered()
    story.time += 3
    story.request("BYE", hop=(BOB, ALICE), tags=("b", "a"), cseq=9)
    story.wait(1)
    assert the_call(story).ended_by == "callee"


def test_call_is_written_only_when_a_tick_passes_its_linger() -> None:
    story = Story()
    story.answered()
    story.bye()
    story.wait(0.2)
    assert story.calls() == []
    story.wait(0.2)
    assert len(story.calls()) == 1


def test_call_refused_keeps_its_status() -> None:
    for status in (404, 486, 503, 603):
        story = Story()
        story.request("INVITE", sdp(ALICE_MEDIA))
        story.response(status)
        story.request("ACK", tags=("a", "b"))
        story.wait(3)
        call = the_call(story)
        assert (call.end_reason, call.status, call.answered_ns) == ("rejected", status, None)


def test_call_challenged_and_tried_again_is_one_call() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(407)
    story.wait(20)
    story.request("INVITE", sdp(ALICE_MEDIA), cseq=2)
    story.response(200, sdp(BOB_MEDIA), cseq=2)
    story.wait(400)
    story.bye()
    story.wait(1)
    call = the_call(story)
    assert (call.end_reason, call.status, call.answered_ns) == ("bye", None, START_NS + 20 * 10**9)


def test_call_challenged_and_given_up_is_rejected() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(401)
    story.wait(400)
    call = the_call(story)
    assert (call.end_reason, call.status) == ("rejected", 401)


def test_call_cancelled_has_status_487() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(180)
    story.request("CANCEL")
    story.response(487)
    story.wait(3)
    call = the_call(story)
    assert (call.end_reason, call.status) == ("cancel", 487)


def test_call_cancelled_too_late_goes_on() -> None:
    story = Story()
    story.answered()
    story.request("CANCEL")
    story.wait(60)
    assert story.calls() == []


def test_call_forked_is_one_call_and_waits_for_all_branches() -> None:
    story = Story()
    for number in (1, 2):
        story.request(
            "INVITE", sdp(ALICE_MEDIA), branch=f"z9hG4bKf{number}", hop=(PROXY, f"192.0.2.{20 + number}:5060")
        )
    story.response(486, tags=("a", "b1"), branch="z9hG4bKf1")
    story.wait(30)
    assert story.calls() == []
    story.response(200, sdp(BOB_MEDIA), tags=("a", "b2"), branch="z9hG4bKf2")
    story.wait(30)
    story.request("BYE", tags=("a", "b2"), cseq=2)
    story.wait(1)
    call = the_call(story)
    assert (call.end_reason, call.status) == ("bye", None)
    assert [key for key in call.keys if key[0] == "dialog"] == [("dialog", "call-1", tag) for tag in ("a", "b1", "b2")]


def test_call_with_two_answers_lives_until_the_last_bye() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(200, sdp(BOB_MEDIA), tags=("a", "b1"))
    story.response(200, sdp("192.0.2.3:6000"), tags=("a", "b2"))
    story.request("BYE", tags=("a", "b1"), cseq=2)
    story.wait(30)
    assert story.calls() == []
    story.request("BYE", tags=("a", "b2"), cseq=3)
    story.wait(1)
    assert the_call(story).ended_ns == START_NS + 30 * 10**9


def test_call_on_two_hops_is_one_call() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA), hop=(ALICE, PROXY), branch="z9hG4bKone")
    story.request("INVITE", sdp(ALICE_MEDIA), hop=(PROXY, BOB), branch="z9hG4bKtwo")
    story.response(200, sdp(BOB_MEDIA), hop=(BOB, PROXY), branch="z9hG4bKtwo")
    story.response(200, sdp(BOB_MEDIA), hop=(PROXY, ALICE), branch="z9hG4bKone")
    story.bye()
    story.wait(1)
    assert [message.leg for message in the_call(story).messages] == [0, 1, 1, 0, 2, 2]


def test_call_refused_behind_the_proxy_waits_for_the_proxys_word() -> None:
    story = Story()
    story.request("INVITE", hop=(ALICE, PROXY), branch="z9hG4bKone")
    story.request("INVITE", hop=(PROXY, BOB), branch="z9hG4bKtwo")
    story.response(486, hop=(BOB, PROXY), branch="z9hG4bKtwo")
    story.wait(10)
    assert story.calls() == []
    story.response(503, hop=(PROXY, ALICE), branch="z9hG4bKone")
    story.wait(3)
    assert the_call(story).status == 503


def test_message_mirrored_twice_stands_once_on_the_ladder_and_a_repeated_one_twice() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.time += 0.001
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.time += 0.5
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.end()
    assert len(the_call(story).messages) == 2


def test_call_without_bye_ends_with_the_capture() -> None:
    story = Story()
    story.answered()
    story.time += 5
    story.end()
    call = the_call(story)
    assert (call.end_reason, call.ended_ns) == ("capture_end", START_NS + 6 * 10**9)


def test_call_that_sip_shows_alive_ends_by_the_longest_call_only() -> None:
    story = Story()
    story.answered()
    story.wait(3500)
    assert story.calls(Policy(longest_call=3600)) == []
    story.wait(200)
    story.wait(1)
    call = the_call(story, Policy(longest_call=3600))
    assert (call.end_reason, call.ended_ns) == ("timeout", START_NS + 3600 * 10**9)


def test_session_timer_ends_a_call_that_nobody_refreshes() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(200, sdp(BOB_MEDIA), headers={"Session-Expires": "1800;refresher=uac"})
    story.wait(1500)
    story.request("UPDATE", tags=("a", "b"), cseq=2)
    story.response(200, method="UPDATE", cseq=2, headers={"Session-Expires": "1800"})
    story.wait(1500)
    assert story.calls() == []
    story.wait(400)
    story.wait(1)
    assert the_call(story).end_reason == "timeout"


def test_call_never_answered_is_given_up() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(180)
    story.wait(301)
    story.wait(3)
    call = the_call(story)
    assert (call.end_reason, call.status, call.answered_ns) == ("timeout", None, None)


def test_call_with_only_requests_captured_counts_as_answered_by_its_ack() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.request("ACK", tags=("a", "b"), branch="z9hG4bKother")
    story.request("BYE", tags=("a", "b"), cseq=2)
    story.wait(1)
    assert the_call(story).answered_ns == START_NS


def test_dialog_seen_from_the_middle_is_a_call_once_an_answer_shows_it() -> None:
    story = Story()
    story.response(200, sdp(BOB_MEDIA))
    story.bye()
    story.wait(1)
    call = the_call(story)
    assert (call.caller, call.answered_ns, call.end_reason) == ("alice", START_NS, "bye")


def test_other_methods_and_lone_byes_are_no_calls() -> None:
    story = Story()
    for method in ("OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE", "INVITE1", "BYE", "ACK"):
        story.request(method, call_id=method)
        story.response(200, call_id=method, method=method)
    story.end()
    assert story.calls() == []


def test_call_id_used_again_after_a_bye_is_another_call_with_another_id() -> None:
    story = Story()
    story.answered()
    story.bye()
    story.request("INVITE", sdp(ALICE_MEDIA), branch="z9hG4bKagain")
    story.response(486, branch="z9hG4bKagain")
    story.wait(3)
    calls = story.calls()
    assert [call.end_reason for call in calls] == ["bye", "rejected"]
    assert len({call.uuid for call in calls}) == 2


def test_call_id_used_again_by_a_phone_that_restarted_is_another_call() -> None:
    story = Story()
    story.answered()
    story.wait(60)
    story.request("INVITE", sdp(ALICE_MEDIA), branch="z9hG4bKagain", tags=("a2", ""))
    story.wait(1)
    story.end()
    assert [call.end_reason for call in story.calls()] == ["timeout", "capture_end"]


def test_late_messages_of_an_ended_call_begin_no_second_one() -> None:
    story = Story()
    story.answered()
    story.bye()
    story.wait(1)
    story.bye()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(200, sdp(BOB_MEDIA))
    story.end()
    assert len(story.calls()) == 1


def test_info_digits_are_kept_with_their_side() -> None:
    story = Story()
    story.answered()
    relay = {"Content-Type": "application/dtmf-relay"}
    story.request("INFO", b"Signal=5\r\nDuration=160\r\n", tags=("a", "b"), cseq=3, headers=relay)
    story.request("INFO", b"#", tags=("b", "a"), cseq=4, hop=(BOB, ALICE), headers={"Content-Type": "application/dtmf"})
    story.bye()
    story.wait(1)
    at = START_NS + 10**9
    assert the_call(story).digits == ((at, "5", "caller"), (at, "#", "callee"))


def test_id_is_a_name_made_of_call_id_and_tag_alone() -> None:
    first, second = Story(), Story()
    second.time = 1000
    for story in (first, second):
        story.answered()
        story.bye()
        story.wait(1)
    assert the_call(first).uuid == the_call(second).uuid


def test_recording_switched_off_is_said_in_the_call_file() -> None:
    story = Story()
    story.answered()
    story.bye()
    story.wait(1)
    call = the_call(story, Policy(7, record=False))
    assert (call.record, call.reason, call.policy) == (False, "recording is switched off", 7)

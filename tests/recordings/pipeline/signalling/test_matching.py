from recordings.pipeline.spool.calls import Binding, Codec
from recordings.pipeline.spool.policy import Policy
from tests.samples.signalling import ALICE, ALICE_MEDIA, BOB, BOB_MEDIA, PROXY, START_NS, Story, sdp


def sides(bindings: tuple[Binding, ...]) -> dict[str, str]:
    return {binding.stream: binding.side for binding in bindings}


def test_streams_to_announced_addresses_are_spoken_by_the_other_side() -> None:
    story = Story()
    story.answered()
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.stream("back", BOB_MEDIA, ALICE_MEDIA, ssrc=2)
    story.time += 5
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {"forth": "caller", "back": "callee"}
    assert {(binding.from_ns, binding.to_ns) for binding in call.streams} == {
        (START_NS + 10**9, START_NS + 6_300_000_000)
    }
    assert call.streams[0].payload_types == {8: Codec("PCMA"), 101: Codec("telephone-event")}
    assert ("stream", "0x00000002", BOB_MEDIA, ALICE_MEDIA) in call.keys
    assert ("media", BOB_MEDIA) in call.keys


def test_stream_from_behind_nat_is_found_by_its_destination_and_the_reverse_by_its_partner() -> None:
    story = Story()
    story.answered(here="10.0.0.5:4000")
    story.stream("forth", "198.51.100.7:31000", BOB_MEDIA)
    story.stream("back", BOB_MEDIA, "198.51.100.7:31000", ssrc=2)
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {"forth": "caller", "back": "callee"}


def test_stream_to_the_port_announced_and_the_address_seen_is_the_calls() -> None:
    story = Story()
    story.answered(here="10.0.0.5:4000", there="10.1.1.5:6000")
    story.stream("back", "203.0.113.5:999", ALICE_MEDIA)
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {"back": "callee"}


def test_stream_is_found_by_its_announced_ssrc_after_the_path_moved() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA, "a=ssrc:77 cname:x"))
    story.response(200, sdp(BOB_MEDIA))
    story.stream("moved", "198.51.100.7:31000", BOB_MEDIA, ssrc=77)
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {"moved": "caller"}


def test_early_media_before_the_answer_belongs_to_the_call() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.stream("tone", "192.0.2.77:7000", ALICE_MEDIA)
    story.time += 1
    story.response(183, sdp("192.0.2.77:7000"))
    story.response(404)
    story.wait(3)
    [call] = story.calls()
    assert sides(call.streams) == {"tone": "callee"}


def test_media_that_came_before_its_signalling_are_kept_from_their_first_packet() -> None:
    story = Story()
    story.stream("early", ALICE_MEDIA, BOB_MEDIA)
    story.time += 2
    story.answered()
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert call.streams[0].from_ns == START_NS


def test_port_used_again_divides_the_stream_between_the_calls() -> None:
    story = Story()
    story.answered("call-1")
    story.stream("shared", ALICE_MEDIA, BOB_MEDIA)
    story.time += 10
    story.bye("call-1")
    story.wait(1)
    story.answered("call-2")
    story.time += 10
    story.bye("call-2")
    story.wait(1)
    first, second = story.calls()
    assert [call.call_ids for call in (first, second)] == [("call-1",), ("call-2",)]
    assert first.streams[0].to_ns <= second.streams[0].from_ns
    assert second.streams[0].from_ns == second.started_ns


def test_flow_of_two_calls_at_once_is_divided_by_ssrc() -> None:
    story = Story()
    story.answered("call-1")
    story.stream("shared", ALICE_MEDIA, BOB_MEDIA, ssrc=1)
    story.time += 5
    story.answered("call-2")
    story.stream("shared", ALICE_MEDIA, BOB_MEDIA, ssrc=2)
    story.time += 5
    story.bye("call-1")
    story.bye("call-2")
    story.wait(1)
    assert {call.call_ids[0]: call.streams[0].ssrcs for call in story.calls()} == {"call-1": (1,), "call-2": (2,)}


def test_media_moved_by_re_invite_belong_to_the_call_on_both_paths() -> None:
    story = Story()
    story.answered()
    story.stream("one", ALICE_MEDIA, BOB_MEDIA)
    story.time += 5
    story.request("INVITE", sdp("192.0.2.1:4444"), cseq=2, tags=("a", "b"))
    story.response(200, sdp("192.0.2.2:6666"), cseq=2)
    story.stream("two", "192.0.2.2:6666", "192.0.2.1:4444")
    story.time += 5
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {"one": "caller", "two": "callee"}


def test_offer_of_the_callee_is_told_from_the_callers() -> None:
    story = Story()
    story.answered()
    story.request("INVITE", sdp("192.0.2.2:6666"), cseq=5, tags=("b", "a"), hop=(BOB, ALICE))
    story.response(200, sdp("192.0.2.1:4444"), cseq=5, tags=("b", "a"), hop=(ALICE, BOB))
    story.stream("forth", "192.0.2.1:4444", "192.0.2.2:6666")
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {"forth": "caller"}


def test_keys_in_the_description_mark_the_streams_as_encrypted() -> None:
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc"
    for here, there, encrypted in (
        (sdp(ALICE_MEDIA, key, profile="RTP/SAVP"), sdp(BOB_MEDIA, key, profile="RTP/SAVP"), True),
        (sdp(ALICE_MEDIA, key), sdp(BOB_MEDIA), False),
        (sdp(ALICE_MEDIA, key), sdp(BOB_MEDIA, key), True),
    ):
        story = Story()
        story.request("INVITE", here)
        story.response(200, there)
        story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
        story.bye()
        story.wait(1)
        [call] = story.calls()
        assert [binding.encrypted for binding in call.streams] == [encrypted]


def test_video_is_bound_as_video() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA, "m=video 4002 RTP/AVP 96", "a=rtpmap:96 H264/90000"))
    story.response(200, sdp(BOB_MEDIA, "m=video 6002 RTP/AVP 96", "a=rtpmap:96 H264/90000"))
    story.stream("sound", ALICE_MEDIA, BOB_MEDIA)
    story.stream("picture", "192.0.2.1:4002", "192.0.2.2:6002", payload_type=96)
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert {binding.stream: binding.media for binding in call.streams} == {"sound": "audio", "picture": "video"}


def test_relay_between_two_hops_gives_each_stream_its_side() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA), hop=(ALICE, PROXY), branch="z9hG4bKone")
    story.request("INVITE", sdp("192.0.2.9:7000"), hop=(PROXY, BOB), branch="z9hG4bKtwo")
    story.response(200, sdp(BOB_MEDIA), hop=(BOB, PROXY), branch="z9hG4bKtwo")
    story.response(200, sdp("192.0.2.9:7002"), hop=(PROXY, ALICE), branch="z9hG4bKone")
    story.stream("forth-1", ALICE_MEDIA, "192.0.2.9:7002")
    story.stream("forth-2", "192.0.2.9:7000", BOB_MEDIA)
    story.stream("back-1", BOB_MEDIA, "192.0.2.9:7000", ssrc=2)
    story.stream("back-2", "192.0.2.9:7002", ALICE_MEDIA, ssrc=2)
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {
        "forth-1": "caller", "forth-2": "caller", "back-1": "callee", "back-2": "callee",
    }  # fmt: skip


def test_rtp_without_sip_is_one_call_of_both_directions() -> None:
    story = Story()
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.time += 1
    story.stream("back", BOB_MEDIA, ALICE_MEDIA, ssrc=2)
    story.time += 30
    story.close("forth", "back")
    story.wait(30)
    assert story.calls() == []
    story.wait(31)
    [call] = story.calls()
    assert (call.protocol, call.caller, call.callee, call.end_reason) == ("rtp", ALICE_MEDIA, BOB_MEDIA, "timeout")
    assert (call.started_ns, call.ended_ns) == (START_NS, START_NS + 31 * 10**9)
    assert sides(call.streams) == {"forth": "caller", "back": "callee"}


def test_rtp_whose_signalling_comes_late_is_no_call_of_its_own() -> None:
    story = Story()
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.time += 2
    story.answered()
    story.time += 2
    story.close("forth")
    story.wait(100)
    story.bye()
    story.wait(1)
    assert [call.protocol for call in story.calls()] == ["sip"]


def test_rtp_that_no_call_explains_is_not_drawn_into_one() -> None:
    story = Story()
    story.answered()
    story.stream("own", ALICE_MEDIA, BOB_MEDIA)
    story.stream("strange", "198.51.100.1:1000", "198.51.100.2:2000")
    story.bye()
    story.wait(1)
    story.end()
    assert [(call.protocol, list(sides(call.streams))) for call in story.calls()] == [
        ("sip", ["own"]), ("rtp", ["strange"]),
    ]  # fmt: skip


def test_calls_at_once_to_one_port_keep_to_their_own_streams_in_whatever_order_they_end() -> None:
    story = Story()
    callers = {f"call-{number}": f"192.0.2.1:{4000 + 4 * number}" for number in range(4)}
    for call_id, media in callers.items():
        story.answered(call_id, here=media)
        story.stream(f"{call_id}-forth", media, BOB_MEDIA)
        story.stream(f"{call_id}-back", BOB_MEDIA, media)
    for call_id in ("call-2", "call-0", "call-3", "call-1"):
        story.wait(10)
        story.bye(call_id)
    story.wait(1)
    assert {call.call_ids[0]: sides(call.streams) for call in story.calls()} == {
        call_id: {f"{call_id}-forth": "caller", f"{call_id}-back": "callee"} for call_id in callers
    }


def test_streams_between_the_calls_hosts_are_taken_where_every_announced_address_is_wrong() -> None:
    story = Story()
    story.answered(here="10.0.0.5:4000", there="10.1.1.5:6000")
    story.stream("forth", "192.0.2.1:31000", "192.0.2.2:32000")
    story.stream("back", "192.0.2.2:32000", "192.0.2.1:31000")
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert sides(call.streams) == {"forth": "caller", "back": "callee"}


def test_streams_that_could_be_those_of_two_calls_are_given_to_neither() -> None:
    story = Story()
    for call_id in ("call-1", "call-2"):
        story.answered(call_id, here="10.0.0.5:4000", there="10.1.1.5:6000")
    story.stream("forth", "192.0.2.1:31000", "192.0.2.2:32000")
    story.bye("call-1")
    story.wait(1)
    [call] = story.calls()
    assert call.streams == ()


def test_rtp_without_sip_is_not_recorded_where_the_policy_says_so() -> None:
    story = Story()
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.time += 30
    story.close("forth")
    story.wait(61)
    [call] = story.calls(Policy(calls_without_signalling=False))
    assert (call.protocol, call.record, call.reason) == ("rtp", False, "calls without signalling are not recorded")


def test_a_flood_towards_a_call_does_not_crowd_out_its_own_streams() -> None:
    story = Story()
    story.answered()
    for number in range(300):
        story.stream(f"flood-{number}", f"203.0.113.9:{10_000 + number}", ALICE_MEDIA, ssrc=1000 + number)
    story.stream("s1", ALICE_MEDIA, BOB_MEDIA)
    story.stream("s2", BOB_MEDIA, ALICE_MEDIA, ssrc=2)
    story.wait(1)
    story.bye()
    story.wait(1)
    [call] = story.calls()
    named = [binding.stream for binding in call.streams]
    assert (len(named), {"s1", "s2"} <= set(named)) == (128, True)

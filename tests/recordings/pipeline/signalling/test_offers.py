from recordings.pipeline.spool.calls import dump_call, parse_call
from tests.samples.signalling import ALICE, ALICE_MEDIA, BOB, BOB_MEDIA, PROXY, Story, sdp
from tests.samples.srtp import Phone


def bound(story: Story) -> dict[str, str]:
    [call] = story.calls()
    return {binding.stream: binding.side for binding in call.streams}


def finish(story: Story) -> None:
    story.bye()
    story.wait(1)


def test_invite_without_offer_is_offered_by_the_callee_and_answered_in_the_ack() -> None:
    story = Story()
    story.request("INVITE")
    story.response(200, sdp(BOB_MEDIA))
    story.request("ACK", sdp(ALICE_MEDIA), tags=("a", "b"), branch="z9hG4bKack")
    story.stream("forth", "198.51.100.9:1", BOB_MEDIA)
    story.stream("back", "198.51.100.8:1", ALICE_MEDIA)
    finish(story)
    assert bound(story) == {"forth": "caller", "back": "callee"}


def test_offer_in_a_reliable_183_is_answered_in_the_prack() -> None:
    story = Story()
    story.request("INVITE")
    story.response(183, sdp(BOB_MEDIA), headers={"Require": "100rel", "RSeq": "1"})
    story.request("PRACK", sdp(ALICE_MEDIA), tags=("a", "b"), cseq=2)
    story.stream("back", "198.51.100.8:1", ALICE_MEDIA)
    story.response(200, method="PRACK", cseq=2)
    story.response(200)
    finish(story)
    assert bound(story) == {"back": "callee"}


def test_update_before_the_answer_moves_the_media() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA))
    story.response(183, sdp(BOB_MEDIA))
    story.request("UPDATE", sdp("192.0.2.1:4444"), tags=("a", "b"), cseq=2)
    story.response(200, sdp("192.0.2.2:6666"), method="UPDATE", cseq=2)
    story.stream("forth", "192.0.2.1:4444", "192.0.2.2:6666")
    story.response(200)
    finish(story)
    assert bound(story) == {"forth": "caller"}


def test_hold_and_its_music_from_elsewhere_stay_in_the_call() -> None:
    story = Story()
    story.answered()
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.request("INVITE", sdp("192.0.2.77:7000", "a=sendonly"), cseq=2, tags=("a", "b"))
    story.response(200, sdp(BOB_MEDIA, "a=recvonly"), cseq=2)
    story.stream("music", "192.0.2.77:7000", BOB_MEDIA, ssrc=5)
    story.time += 5
    story.request("INVITE", sdp("0.0.0.0:4000", "a=inactive"), cseq=3, tags=("a", "b"))
    story.response(200, sdp("0.0.0.0:6000", "a=inactive"), cseq=3)
    finish(story)
    assert bound(story) == {"forth": "caller", "music": "caller"}


def test_re_invite_that_is_refused_changes_nothing() -> None:
    story = Story()
    story.answered()
    story.request("INVITE", sdp(ALICE_MEDIA, kind="image"), cseq=2, tags=("a", "b"))
    story.response(488, cseq=2)
    story.wait(10)
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.wait(10)
    assert story.calls() == []
    finish(story)
    assert bound(story) == {"forth": "caller"}


def test_new_codec_by_re_invite_joins_the_old_ones() -> None:
    story = Story()
    story.answered()
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    codec = ("a=rtpmap:96 opus/48000/2",)
    story.request("INVITE", sdp(ALICE_MEDIA, *codec, formats="96"), cseq=2, tags=("a", "b"))
    story.response(200, sdp(BOB_MEDIA, *codec, formats="96"), cseq=2)
    finish(story)
    [call] = story.calls()
    assert {number: codec.name for number, codec in call.streams[0].payload_types.items()} == {
        8: "PCMA", 101: "telephone-event", 96: "opus",
    }  # fmt: skip


def test_payload_types_are_those_of_the_receiver() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA, "a=rtpmap:97 iLBC/8000"))
    story.response(200, sdp(BOB_MEDIA, "a=rtpmap:97 speex/8000"))
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.stream("back", BOB_MEDIA, ALICE_MEDIA)
    finish(story)
    [call] = story.calls()
    assert {binding.side: binding.payload_types[97].name for binding in call.streams} == {
        "caller": "speex", "callee": "iLBC",
    }  # fmt: skip


def test_hops_with_tags_of_their_own_end_with_the_first_bye() -> None:
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA), hop=(ALICE, PROXY), branch="z9hG4bKone", tags=("a1", ""))
    story.request("INVITE", sdp(ALICE_MEDIA), hop=(PROXY, BOB), branch="z9hG4bKtwo", tags=("a2", ""))
    story.response(200, sdp(BOB_MEDIA), hop=(BOB, PROXY), branch="z9hG4bKtwo", tags=("a2", "b2"))
    story.response(200, sdp(BOB_MEDIA), hop=(PROXY, ALICE), branch="z9hG4bKone", tags=("a1", "b1"))
    story.stream("forth", ALICE_MEDIA, BOB_MEDIA)
    story.wait(5)
    story.request("BYE", hop=(ALICE, PROXY), tags=("a1", "b1"), cseq=2)
    story.wait(1)
    assert bound(story) == {"forth": "caller"}


def test_stream_mirrored_on_two_ports_is_bound_from_both() -> None:
    story = Story()
    story.answered()
    story.stream("port-1", ALICE_MEDIA, BOB_MEDIA)
    story.stream("port-2", ALICE_MEDIA, BOB_MEDIA)
    finish(story)
    assert bound(story) == {"port-1": "caller", "port-2": "caller"}


def test_a_stream_is_bound_with_all_keys_of_the_call_those_of_its_speaker_first() -> None:
    here, there, later = (Phone("AES_CM_128_HMAC_SHA1_80", seed).line for seed in (1, 2, 3))
    story = Story()
    story.request("INVITE", sdp(ALICE_MEDIA, f"a=crypto:{here}", profile="RTP/SAVP"))
    story.stream("s1", ALICE_MEDIA, BOB_MEDIA)
    story.stream("s2", BOB_MEDIA, ALICE_MEDIA, ssrc=2)
    story.wait(1)  # the key comes after the media
    story.response(200, sdp(BOB_MEDIA, f"a=crypto:{there}", profile="RTP/SAVP"))
    story.wait(1)
    again = sdp(ALICE_MEDIA, f"a=crypto:{later}", profile="RTP/SAVP")
    story.request("INVITE", again, cseq=2, tags=("a", "b"))
    story.wait(1)
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert {binding.stream: binding.keys for binding in call.streams} == {
        "s1": (here, later, there),
        "s2": (there, here, later),
    }
    assert parse_call(dump_call(call)) == call

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.write import udp_frame
from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.spool.calls import dump_call, parse_call
from recordings.pipeline.spool.journal import Kind, Record, facts_payload, frame_payload
from recordings.pipeline.spool.policy import Policy
from tests.samples.signalling import ALICE, ALICE_MEDIA, BOB, BOB_MEDIA, START_NS, Story, sdp, sip

METHODS = ["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "INFO", "OPTIONS"]
TAGS = st.sampled_from(["", "a", "b", "a2", "b2"])
ADDRESSES = st.sampled_from([ALICE_MEDIA, BOB_MEDIA, "0.0.0.0:1", "192.0.2.3:9"])
Step = tuple[str, str, int, str, str, str, str, int]
STEPS = st.tuples(
    st.sampled_from(["request", "response", "open", "close", "wait", "boot"]),
    st.sampled_from(METHODS),
    st.integers(100, 699),
    TAGS,
    TAGS,
    ADDRESSES,
    ADDRESSES,
    st.integers(1, 3),
)


def told(steps: list[Step]) -> Story:
    story = Story()
    for what, method, status, here, there, source, destination, number in steps:
        story.time += 0.1
        names = {"call_id": f"call-{number}", "cseq": number}
        if what == "request":
            story.request(method, sdp(source), tags=(here or "a", there), call_id=f"call-{number}", cseq=number)
        elif what == "response":
            body = sdp(source) if status % 2 else b""
            story.response(status, body, method=method, tags=(here, there), call_id=f"call-{number}", cseq=number)
        elif what == "open":
            story.stream(f"s{number}", source, destination, ssrc=status)
        elif what == "close":
            story.close(f"s{number}")
        elif what == "boot":
            story.put(Kind.BOOT, facts_payload(boot=names["call_id"], since_ns=story.now_ns - 1))
        else:
            story.wait(status / 10)
    return story


@settings(deadline=None, max_examples=150)
@given(st.lists(STEPS, max_size=40))
def test_any_story_ends_with_each_call_once_and_each_stream_settled(steps: list[Step]) -> None:
    story = told(steps)
    story.end()
    engine = Engine(Policy(), "node")
    calls = [call for record in story.records for call in engine.feed(record)]
    locals_ = [call.local for call in calls]
    assert len(set(locals_)) == len(locals_)
    assert engine.live == {}
    assert engine.by_address == {}
    assert sorted(engine.take_settled()) == sorted(engine.flows.all)
    for call in calls:
        assert call.ended_ns >= call.started_ns
        assert call.end_reason in {"bye", "cancel", "rejected", "redirected", "timeout", "capture_end"}
        assert parse_call(dump_call(call)) == call


ASK: Step = ("request", "INVITE", 100, "", "", "192.0.2.2:6000", ALICE_MEDIA, 1)
END_BEFORE_BEGIN: list[Step] = [
    ("close", "INVITE", 100, "", "", ALICE_MEDIA, ALICE_MEDIA, 3),
    ("open", "INVITE", 100, "", "", ALICE_MEDIA, ALICE_MEDIA, 3),
]


@settings(deadline=None, max_examples=100)
@given(st.lists(STEPS, max_size=30), st.integers(0, 30))
@example([*[ASK] * 7, *END_BEFORE_BEGIN, ASK], 9)
def test_any_story_read_again_from_a_checkpoint_gives_the_same_calls(steps: list[Step], cut: int) -> None:
    story = told(steps)
    story.end()
    first = Engine(Policy(), "node")
    begun = [call for record in story.records[:cut] for call in first.feed(record)]
    state = json.loads(json.dumps(first.state()))
    second = Engine(Policy(), "node")
    second.restore(state)
    rest = [call for record in story.records if record.number >= state["low_water"] for call in second.feed(record)]
    assert sorted(begun + rest, key=lambda call: call.local) == sorted(story.calls(), key=lambda call: call.local)


@settings(deadline=None)
@given(st.sampled_from(list(Kind)), st.binary(max_size=200))
def test_any_record_is_followed_or_counted(kind: Kind, payload: bytes) -> None:
    Engine(Policy()).feed(Record(1, kind, START_NS, payload))


@pytest.mark.parametrize("kind", [Kind.STREAM_OPEN, Kind.STREAM_CLOSE, Kind.TICK, Kind.BOOT, Kind.HOLE])
def test_record_with_wrong_facts_is_counted(kind: Kind) -> None:
    engine = Engine(Policy())
    story = Story()
    story.stream("s", ALICE_MEDIA, BOB_MEDIA)
    wrong: list[dict[str, object]] = [
        {"stream": "s", "last_ns": "x", "until_ns": "x", "since_ns": -1, "from_ns": []},
        {"stream": []},
    ]
    for facts in wrong:
        story.put(kind, json.dumps({"source": "a", "destination": [], "ssrc": [1], **facts}).encode())
    story.put(kind, b"[]")
    for record in story.records:
        engine.feed(record)
    assert engine.counters["damaged"] > 0


def test_gap_of_the_capture_is_noted_in_the_calls_of_that_time() -> None:
    story = Story()
    story.answered("call-1")
    begin = story.now_ns
    story.time += 5
    story.put(Kind.BOOT, facts_payload(boot="b2", since_ns=begin))
    end = story.now_ns
    story.put(Kind.HOLE, facts_payload(from_ns=end, to_ns=end + 1, packets=3, reason="ring full"))
    story.answered("call-2")
    story.end()
    gaps = {call.call_ids[0]: call.gaps for call in story.calls()}
    assert gaps == {
        "call-1": ((begin, end, "capture was not running"), (end, end + 1, "ring full")),
        "call-2": (),
    }


def test_streams_before_and_after_a_restart_of_capture_belong_to_the_one_call() -> None:
    story = Story()
    story.answered()
    story.stream("before", ALICE_MEDIA, BOB_MEDIA)
    story.time += 5
    story.put(Kind.BOOT, facts_payload(boot="b2", since_ns=story.now_ns))
    story.time += 1
    story.stream("after", ALICE_MEDIA, BOB_MEDIA)
    story.time += 5
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert [binding.stream for binding in call.streams] == ["before", "after"]


def test_rtp_alone_before_and_after_a_restart_of_capture_is_one_call() -> None:
    story = Story()
    story.stream("before", ALICE_MEDIA, BOB_MEDIA)
    story.time += 5
    story.put(Kind.BOOT, facts_payload(boot="b2", since_ns=story.now_ns))
    story.wait(1)
    story.stream("after", ALICE_MEDIA, BOB_MEDIA)
    story.wait(100)
    story.close("after")
    story.wait(61)
    [call] = story.calls()
    assert [binding.stream for binding in call.streams] == ["before", "after"]


def test_long_ladder_is_bounded_and_the_rest_counted() -> None:
    story = Story()
    story.answered()
    for number in range(2500):
        story.time += 0.2
        story.request("UPDATE", cseq=number + 10, tags=("a", "b"))
    story.bye()
    story.wait(1)
    [call] = story.calls()
    assert len(call.messages) == 2000
    assert call.notes == ("506 more SIP messages were not kept",)


def test_flood_of_invites_is_refused_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recordings.pipeline.signalling.engine.MOST_CALLS", 10)
    story = Story()
    for number in range(30):
        story.request("INVITE", call_id=f"call-{number}")
    engine = Engine(Policy())
    for record in story.records:
        engine.feed(record)
    assert (len(engine.live), engine.counters["refused"]) == (10, 20)


def test_ladders_together_are_bounded_and_their_memory_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recordings.pipeline.signalling.engine.MOST_LADDER_BYTES", 3000)
    engine = Engine(Policy())
    story = Story()
    for number in range(10):
        story.answered(f"call-{number}")
    for record in story.records:
        engine.feed(record)
    kept = sum(len(message.text) for call in engine.live.values() for message in call.messages)
    assert engine.budget.left == 3000 - kept
    assert 2000 < kept <= 3000
    story.end()
    engine.feed(story.records[-1])
    assert engine.budget.left == 3000


def test_call_that_goes_on_for_long_is_scheduled_once() -> None:
    story = Story()
    story.answered()
    for number in range(100):
        story.wait(60)
        story.request("UPDATE", cseq=number + 10, tags=("a", "b"))
    engine = Engine(Policy())
    for record in story.records:
        engine.feed(record)
    assert len(engine.deadlines) <= 2


def test_flood_of_announcements_in_one_call_is_bounded() -> None:
    story = Story()
    story.answered()
    for number in range(400):
        story.request("UPDATE", sdp(f"192.0.2.1:{5000 + number}"), cseq=number + 10, tags=(f"t{number}", "b"))
    engine = Engine(Policy())
    for record in story.records:
        engine.feed(record)
    [call] = engine.live.values()
    assert (len(call.announced.all), len(call.tags)) == (128, 64)
    assert len(engine.by_address) == 128


def test_message_in_several_datagrams_fragments_needs_all_their_records() -> None:
    headers = {
        "Via": "x;branch=z9hG4bK1",
        "From": "<sip:a@h>;tag=a",
        "To": "<sip:b@h>",
        "Call-ID": "c",
        "CSeq": "1 INVITE",
    }
    story = Story()
    story.tick()
    for frame in fragments(sip("INVITE sip:b@h SIP/2.0", {**headers, "Subject": "x" * 3000}, sdp(ALICE_MEDIA))):
        story.put(Kind.FRAME, frame)
    engine = Engine(Policy())
    for record in story.records:
        engine.feed(record)
    [call] = engine.live.values()
    assert (call.number, call.first, engine.low_water()) == (len(story.records), 2, 2)


def fragments(payload: bytes) -> list[bytes]:
    whole = udp_frame(ALICE, BOB, payload)
    ethernet, header, body = whole[:14], bytearray(whole[14:34]), whole[34:]
    found = []
    for offset in range(0, len(body), 1480):
        piece = body[offset : offset + 1480]
        more = 0x2000 if offset + 1480 < len(body) else 0
        header[2:4] = (20 + len(piece)).to_bytes(2, "big")
        header[6:8] = (more | offset // 8).to_bytes(2, "big")
        data = ethernet + bytes(header) + piece
        found.append(frame_payload(Frame(START_NS, 1, data, len(data))))
    return found

"""A wish to silence a call → the streams it is of → packets that reach no file, with the stream alive."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from recordings.pipeline.signalling.engine import Engine
from recordings.pipeline.signalling.outcome import alone_id
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import Policy
from recordings.pipeline.spool.silences import Silence, change_silence
from tests.samples.cores import SLOTS, batches, new_core
from tests.samples.flows import MS, START, Sent, all_packets, flow, talk
from tests.samples.signalling import ALICE_MEDIA, BOB_MEDIA, START_NS, Story
from worker.sniffer import arena
from worker.sniffer.silencing import Silencing, silenced_streams

CALL = "5f0c1c1e-0000-4000-8000-00000000000a"
SECOND = 10**9


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(tmp_path / "live")
    made.create("n1")
    return made


def talking() -> tuple[Story, Engine]:
    """A call with a stream each way, and two streams that no signalling explains."""
    story = Story()
    story.answered()
    story.stream("caller", ALICE_MEDIA, BOB_MEDIA)
    story.stream("callee", BOB_MEDIA, ALICE_MEDIA, ssrc=2)
    story.stream("alone", "192.0.2.77:9", "192.0.2.78:9", ssrc=3)
    story.stream("other", "192.0.2.87:9", "192.0.2.88:9", ssrc=4)
    story.wait(1)
    engine = Engine(Policy(), "node")
    for record in story.records:
        engine.feed(record)
    return story, engine


def test_the_streams_of_a_silenced_call_are_found_by_its_call_id_and_by_its_id() -> None:
    _, engine = talking()
    [call] = engine.live.values()
    for wish in (Silence(CALL, ("call-1",), ((5, 9),)), Silence(engine.identify(call), (), ((5, 9),))):
        engine.silences = (wish,)
        assert [silenced_streams(engine, now) for now in (4, 5, 8, 9)] == [
            set(),
            {"caller", "callee"},
            {"caller", "callee"},
            set(),
        ]


def test_a_stream_without_signalling_is_silenced_by_the_id_of_its_call() -> None:
    _, engine = talking()
    [flows] = [found for found in engine.unexplained() if found[0].stream == "alone"]
    engine.silences = (Silence(alone_id(engine.origin, flows), (), ((0, 9),)),)
    assert silenced_streams(engine, 5) == {"alone"}


def test_the_ended_call_tells_its_spans() -> None:
    story, engine = talking()
    engine.silences = (Silence(CALL, ("call-1",), ((START_NS + SECOND, START_NS + 2 * SECOND),)),)
    story.bye()
    story.wait(30)
    calls = [call for record in story.records for call in engine.feed(record)]
    assert [call.silences for call in calls if call.protocol == "sip"] == [
        ((START_NS + SECOND, START_NS + 2 * SECOND),)
    ]


def test_the_list_of_streams_follows_the_wishes_and_a_restart_finds_them_again(session: Session) -> None:
    _, engine = talking()
    now = time.time_ns()
    Silencing(session).obey(engine)
    assert not session.silenced.exists()
    change_silence(session.silences, Silence(CALL, ("call-1",), ((now, now + 3600 * SECOND),)))
    Silencing(session).obey(engine)
    assert json.loads(session.silenced.read_bytes()) == ["callee", "caller"]
    _, again = talking()
    follower = Silencing(session)
    follower.obey(again)
    assert again.silences == engine.silences
    change_silence(session.silences, Silence(CALL, (), ((now, now),)))
    follower.obey(again)
    assert json.loads(session.silenced.read_bytes()) == []


def silence(session: Session, names: list[str]) -> None:
    """As signalling does: replaced by rename."""
    temporary = session.path / "silenced.new"
    temporary.write_text(json.dumps(names))
    temporary.rename(session.silenced)


def stream_of(session: Session, wanted: str) -> str:
    return next(path.stem for path in session.streams.glob("*.stream") if wanted.encode() in path.read_bytes()[:500])


def test_packets_of_a_silenced_stream_reach_no_file_and_those_of_others_do(tmp_path: Path, session: Session) -> None:
    core = new_core(session, arena.private(SLOTS))
    sent = talk(range(2), 150)  # three seconds
    phases = [sent[:100], sent[100:200], sent[200:]]
    kept = []
    for number, phase in enumerate(phases):
        for batch in batches(tmp_path, phase):
            core.feed(batch)
            core.tick(phase[-1].time_ns)
        if number == 0:
            silence(session, [stream_of(session, flow(0)[0])])
        elif number == 1:
            silence(session, [])
        core.tick(phase[-1].time_ns + MS)
        kept += [one for one in phase if number != 1 or one.flow == flow(1)]
    core.close()
    assert all_packets(session) == all_packets_of(kept)
    assert len(list(session.streams.glob("*.stream"))) == 2  # the silenced one did not end and begin anew


def all_packets_of(sent: list[Sent]) -> Counter[tuple[tuple[str, str], bytes]]:
    return Counter((one.flow, one.packet) for one in sent)


def test_a_stream_silenced_for_longer_than_the_time_out_lives_on(tmp_path: Path, session: Session) -> None:
    core = new_core(session, arena.private(SLOTS))
    first = talk(range(1), 50)
    for batch in batches(tmp_path, first):
        core.feed(batch)
    core.tick(first[-1].time_ns)
    silence(session, [stream_of(session, flow(0)[0])])
    long = [Sent(START + at * SECOND, flow(0), first[0].packet) for at in range(2, 92, 10)]
    core.tick(long[0].time_ns)
    for one in long:
        for batch in batches(tmp_path, [one]):
            core.feed(batch)
        core.tick(one.time_ns)
    assert core.arena.used(arena.OPEN) != []
    core.close()
    assert all_packets(session) == all_packets_of(first)


def test_a_next_sniffer_silences_before_it_takes_its_first_packet(tmp_path: Path, session: Session) -> None:
    memory = arena.private(SLOTS)
    core = new_core(session, memory)
    sent = talk(range(1), 100)
    for batch in batches(tmp_path, sent[:50]):
        core.feed(batch)
    core.tick(sent[49].time_ns)
    silence(session, [stream_of(session, flow(0)[0])])
    core = new_core(session, memory)
    for batch in batches(tmp_path, sent[50:]):
        core.feed(batch)
    core.tick(sent[-1].time_ns)
    core.close()
    assert all_packets(session) == all_packets_of(sent[:50])


@pytest.mark.parametrize("text", ["", "{", "7", "[[]]", '{"a": 1}'])
def test_a_list_that_cannot_be_read_changes_nothing(text: str, tmp_path: Path, session: Session) -> None:
    core = new_core(session, arena.private(SLOTS))
    session.silenced.write_text(text)
    sent = talk(range(1), 20)
    for batch in batches(tmp_path, sent):
        core.feed(batch)
        core.tick(sent[-1].time_ns)
    core.close()
    assert all_packets(session) == all_packets_of(sent)

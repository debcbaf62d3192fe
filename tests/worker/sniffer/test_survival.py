"""What a sniffer leaves behind when it is killed, or when the disk is full, and how the next goes on from it."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from recordings.pipeline.capture.batch import from_block
from recordings.pipeline.capture.pcap import read_blocks
from recordings.pipeline.spool import streams
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.layout import Session
from tests.samples.cores import SLOTS, batches, new_core, write
from tests.samples.flows import START, Sent, all_packets, flow, journal, packets, stored, talk
from tests.samples.full_disk import files_of_at_most
from worker.sniffer import arena
from worker.sniffer.shared import Word


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(tmp_path / "live")
    made.create("n1")
    return made


@pytest.mark.parametrize("seed", range(8))
def test_a_sniffer_killed_anywhere_loses_nothing_and_doubles_at_most_its_last_batch(
    tmp_path: Path, session: Session, seed: int
) -> None:
    chance, sent, memory = random.Random(seed), talk(range(20), 60), arena.private(SLOTS)
    core, doubled = new_core(session, memory), 0
    for batch in batches(tmp_path, sent):
        core.feed(batch)
        if chance.random() < 0.4:  # killed before the batch was let go: it comes again
            doubled += len(batch)
            core = new_core(session, memory)
            core.feed(batch)
        core.chronicle.flush()
        if chance.random() < 0.5:
            core.tick(int(batch.time_ns.max()))
    core.end()
    found = all_packets(session)
    assert set(found) == {(one.flow, one.packet) for one in sent}
    assert found.total() <= len(sent) + doubled
    assert {ends: len(several) for ends, several in stored(session).items()} == {flow(n): 1 for n in range(20)}
    assert all(data.torn_bytes == 0 for several in stored(session).values() for data in several)


def test_what_was_written_but_not_noted_is_written_once(tmp_path: Path, session: Session) -> None:
    sent, memory = talk([1], 20), arena.private(SLOTS)
    core = new_core(session, memory)
    [batch, *_] = batches(tmp_path, sent)
    core.feed(batch)
    core.chronicle.flush()
    [slot] = memory.used(arena.OPEN)
    before = memory.sizes(slot)
    core.tick(START)
    [[data]] = stored(session).values()
    size = (session.stream(data.header.stream)).stat().st_size
    memory.set_sizes(slot, size - streams.CHUNK.size - before[1], before[1])  # as before the write was noted
    with session.stream(data.header.stream).open("ab") as file:
        file.write(b"APC1 and a torn rest")
    again = new_core(session, memory)
    again.end()
    [[data]] = stored(session).values()
    assert (packets(data), data.torn_bytes) == ([one.packet for one in sent[: len(batch)]], 0)


def test_a_file_made_but_not_noted_is_made_anew(tmp_path: Path, session: Session) -> None:
    sent, memory = talk([1], 5), arena.private(SLOTS)
    core = new_core(session, memory)
    [batch] = batches(tmp_path, sent)
    core.feed(batch)
    session.stream("b-1").write_bytes(b"APRSTRM1 torn")
    new_core(session, memory).end()
    [[data]] = stored(session).values()
    assert packets(data) == [one.packet for one in sent]


def test_streams_are_told_of_again_after_a_restart(tmp_path: Path, session: Session) -> None:
    memory = arena.private(SLOTS)
    core = new_core(session, memory)
    for batch in batches(tmp_path, talk([1, 2], 5)):
        core.feed(batch)  # killed before the journal was written
    again = new_core(session, memory)
    again.chronicle.flush()
    told = [record.facts() for record in journal(session, Kind.STREAM_OPEN)]
    assert [(facts["stream"], facts["source"]) for facts in told] == [("b-1", flow(1)[0]), ("b-2", flow(2)[0])]
    assert memory.control.get(Word.OPEN) == 2
    assert len(journal(session, Kind.BOOT)) == 1


def test_times_hours_apart_in_one_batch_are_kept_as_they_are(tmp_path: Path, session: Session) -> None:
    hours = [0, 1, 2, 3, -9, 5, -8000, 6, 9000]
    sent = [replace(one, time_ns=START + hour * 3600 * 10**9) for one, hour in zip(talk([1], 9), hours, strict=True)]
    [block] = read_blocks(write(tmp_path, sent))
    core = new_core(session, arena.private(SLOTS))
    core.feed(from_block(block))
    core.end()
    [[data]] = stored(session).values()
    assert data.time_ns.tolist() == [one.time_ns for one in sent]


def test_a_full_disk_stops_nothing_and_what_it_costs_is_noted(tmp_path: Path, session: Session) -> None:
    sent, memory = talk([1], 3000), arena.private(SLOTS)
    core = new_core(session, memory)
    work = batches(tmp_path, sent)
    full = range(30, 210)  # 45 s of 64 s
    for number, batch in enumerate(work):
        with files_of_at_most(60_000 if number in full else 1 << 40):
            core.feed(batch)
            core.tick(int(batch.time_ns.max()))
    assert memory.control.get(Word.DISK_ERROR) == 0
    core.end()
    [[data]] = stored(session).values()
    found = packets(data)
    assert (data.torn_bytes, set(found) <= {one.packet for one in sent}) == (0, True)
    lost = len(sent) - len(found)
    assert lost > 0
    assert [(hole.packets, hole.reason) for hole in data.holes] == [(lost, "disk")]
    missing = [one.time_ns // 1000 * 1000 for one in sent if one.packet not in set(found)]
    assert [(hole.start_ns, hole.end_ns) for hole in data.holes] == [(missing[0], missing[-1])]
    noted = [record.facts() for record in journal(session, Kind.HOLE)]
    assert sum(facts["packets"] for facts in noted if facts["reason"] == "disk") == lost
    assert [record.number for record in journal(session)] == list(range(1, len(journal(session)) + 1))


def test_the_journal_of_a_full_disk_is_bounded_and_says_what_it_lost(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.sniffer.chronicle._MOST_WAITING", 20_000)
    message = b"MESSAGE sip:a@b SIP/2.0\r\n" + b"X: y\r\n" * 100
    sent = [Sent(START + n * 20_000_000, flow(1), message) for n in range(100)]
    core = new_core(session, arena.private(SLOTS))
    core.chronicle.flush()
    work = batches(tmp_path, sent)
    with files_of_at_most(core.chronicle.writer.size):
        for batch in work:
            core.feed(batch)
            core.tick(int(batch.time_ns.max()))
        assert core.control.get(Word.DISK_ERROR) != 0
    core.end()
    kept = journal(session, Kind.FRAME)
    assert [record.frame() for record in kept] == [one.frame() for one in sent[: len(kept)]]
    assert [record.facts()["packets"] for record in journal(session, Kind.HOLE)] == [len(sent) - len(kept)]
    assert 0 < len(kept) < len(sent)


def test_more_streams_than_slots_are_refused_and_counted(tmp_path: Path, session: Session) -> None:
    sent, memory = talk(range(SLOTS + 10), 10), arena.private(SLOTS)
    core = new_core(session, memory)
    for batch in batches(tmp_path, sent):
        core.feed(batch)
        core.tick(int(batch.time_ns.max()))
    core.end()
    kept = sum(all_packets(session).values())
    noted = sum(record.facts()["packets"] for record in journal(session, Kind.HOLE))
    assert kept + noted == len(sent)
    assert len(stored(session)) == SLOTS


def test_flows_that_never_become_streams_do_not_take_the_room_of_those_that_do(
    tmp_path: Path, session: Session
) -> None:
    chance = random.Random(3)
    noise = [Sent(START + n * 10**6, flow(n), b"\x80\0" + chance.randbytes(30)) for n in range(100, 1000)]
    sent = talk([1], 40)
    core = new_core(session, arena.private(SLOTS))
    for batch in batches(tmp_path, sorted(noise + sent, key=lambda one: one.time_ns)):
        core.feed(batch)
    core.end()
    assert set(all_packets(session)) >= {(one.flow, one.packet) for one in sent[1:]}
    assert list(stored(session)) == [flow(1)]

"""Capture with encryption on: a killed sniffer loses nothing, and nothing of a call lies in the spool in clear."""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from recordings.pipeline.spool import keys
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.keys import KeyFolder
from recordings.pipeline.spool.layout import Session
from recordings.pipeline.spool.policy import Policy, write_policy
from recordings.pipeline.spool.streams import read_stream
from tests.samples.cores import SLOTS, batches, new_core
from tests.samples.flows import Sent, all_packets, flow, journal, packets, stored, talk
from tests.samples.full_disk import files_of_at_most
from tests.samples.sealing import all_bytes, reboot, recipient, sealed_session, unlock
from worker.sniffer import arena
from worker.sniffer.shared import Word

pytestmark = pytest.mark.usefixtures("key_folder")

SIP = b"INVITE sip:200@example.org SIP/2.0\r\nCall-ID: secret-call\r\n\r\n"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return sealed_session(tmp_path / "live", "n1")


def with_sip(sent: list[Sent]) -> list[Sent]:
    """The same, and a SIP message in the middle."""
    message = Sent(sent[len(sent) // 2].time_ns, ("192.0.2.1:5060", "192.0.2.2:5060"), SIP)
    return sorted([*sent, message], key=lambda one: one.time_ns)


def is_in(session: Session, found: bytes, sent: list[Sent]) -> int:
    """How many of the payloads, and the SIP message, someone who searches the spool finds."""
    return sum(one.packet[12:] in found for one in sent) + (SIP in found)


@pytest.mark.parametrize("seed", range(8))
def test_a_sniffer_killed_anywhere_loses_nothing_and_leaves_nothing_in_clear(
    tmp_path: Path, session: Session, seed: int
) -> None:
    chance, sent, memory = random.Random(seed), talk(range(20), 60), arena.private(SLOTS)
    core, doubled = new_core(session, memory), 0
    for batch in batches(tmp_path, with_sip(sent)):
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
    assert all(data.torn_bytes == 0 and data.finished for several in stored(session).values() for data in several)
    assert {SIP in record.payload for record in journal(session, Kind.FRAME)} == {True}
    assert is_in(session, all_bytes(session.path), sent) == 0


def test_the_same_search_finds_everything_with_encryption_off(tmp_path: Path) -> None:
    session, sent = Session(tmp_path / "live"), talk(range(3), 20)
    session.create("n1")
    core = new_core(session, arena.private(SLOTS))
    for batch in batches(tmp_path, with_sip(sent)):
        core.feed(batch)
    core.end()
    assert is_in(session, all_bytes(session.path), sent) == len(sent) + 1


def test_what_was_written_but_not_noted_is_written_once(tmp_path: Path, session: Session) -> None:
    sent, memory = talk([1], 40), arena.private(SLOTS)
    core = new_core(session, memory)
    first, second, *_ = batches(tmp_path, sent)
    core.feed(first)
    core.tick(int(first.time_ns.max()))
    core.feed(second)
    [slot] = memory.used(arena.OPEN)
    before = memory.sizes(slot)
    core.tick(int(second.time_ns.max()))
    memory.set_sizes(slot, *before)  # as before the write was noted
    again = new_core(session, memory)
    again.end()
    [[data]] = stored(session).values()
    assert packets(data) == [one.packet for one in sent[: len(first) + len(second)]]
    assert (data.torn_bytes, data.finished) == (0, True)


def test_a_full_disk_costs_no_packet_once_it_has_room_again(tmp_path: Path, session: Session) -> None:
    sent, memory = talk([1], 40), arena.private(SLOTS)
    core = new_core(session, memory)
    first, *rest = batches(tmp_path, sent)
    core.feed(first)
    core.tick(int(first.time_ns.max()))
    [[data]] = stored(session).values()
    size = session.stream(data.header.stream).stat().st_size
    core.feed(rest[0])
    with files_of_at_most(size + 40):
        core.tick(int(rest[0].time_ns.max()))
    assert memory.control.get(Word.DISK_ERROR)
    for batch in rest[1:]:
        core.feed(batch)
    core.end()
    [[data]] = stored(session).values()
    assert (packets(data), data.torn_bytes, data.finished) == ([one.packet for one in sent], 0, True)


def test_without_a_usable_key_nothing_is_written_and_it_is_counted(tmp_path: Path, session: Session) -> None:
    keys.use(None)
    sent, memory = talk([1], 400), arena.private(SLOTS)
    core = new_core(session, memory)
    for batch in batches(tmp_path, with_sip(sent)):
        core.feed(batch)
        core.tick(int(batch.time_ns.max()))
    core.end()
    assert os.strerror(memory.control.get(Word.DISK_ERROR)) == "Required key not available"
    assert memory.control.get(Word.LOST) == len(sent)
    assert [path for folder in (session.streams, session.journal) for path in folder.iterdir()] == []
    assert is_in(session, all_bytes(session.path), sent) == 0


def test_switched_on_in_the_middle_of_a_call_all_that_follows_is_sealed(tmp_path: Path, session: Session) -> None:
    write_policy(session.policy, Policy(number=1))
    sent, memory = talk([1, 2], 80), arena.private(SLOTS)
    core = new_core(session, memory)
    several = batches(tmp_path, sent)
    half = len(several) // 2
    for batch in several[:half]:
        core.feed(batch)
        core.tick(int(batch.time_ns.max()))
    write_policy(session.policy, Policy(number=2, recipient=recipient()))
    core.tick(int(several[half - 1].time_ns.max()))
    for batch in several[half:]:
        core.feed(batch)
        core.tick(int(batch.time_ns.max()))
    core.end()
    before = sum(len(batch) for batch in several[:half])
    assert set(all_packets(session)) == {(one.flow, one.packet) for one in sent}
    found = all_bytes(session.path)
    assert [one.packet[12:] in found for one in sent] == [True] * before + [False] * (len(sent) - before)
    assert {ends: [data.header.generation for data in several] for ends, several in stored(session).items()} == {
        flow(1): [0, 1],
        flow(2): [0, 1],
    }


def test_switched_on_while_the_sniffer_was_dead_nothing_is_added_to_clear_files(
    tmp_path: Path, session: Session
) -> None:
    policy = Policy(number=1)
    write_policy(session.policy, policy)
    sent, memory = talk([1], 60), arena.private(SLOTS)
    first, *rest = batches(tmp_path, sent)
    core = new_core(session, memory)
    core.feed(first)
    core.tick(int(first.time_ns.max()))
    write_policy(session.policy, replace(policy, number=2, recipient=recipient()))
    core = new_core(session, memory)
    for batch in rest:
        core.feed(batch)
        core.tick(int(batch.time_ns.max()))
    core.end()
    found = all_bytes(session.path)
    assert set(all_packets(session)) == {(one.flow, one.packet) for one in sent}
    assert [one.packet[12:] in found for one in sent] == [True] * len(first) + [False] * (len(sent) - len(first))


def test_after_a_reboot_the_streams_wait_for_the_private_key(
    tmp_path: Path, session: Session, key_folder: KeyFolder
) -> None:
    sent = talk([1], 20)
    core = new_core(session, arena.private(SLOTS))
    for batch in batches(tmp_path, sent):
        core.feed(batch)
    core.end()
    reboot(key_folder)
    with pytest.raises(OSError, match="sealed, waits for unlock"):
        read_stream(next(session.streams.glob("*.stream")))
    unlock(session, key_folder)
    assert set(all_packets(session)) == {(one.flow, one.packet) for one in sent}

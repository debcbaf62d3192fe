"""The spool's files, sealed: the same readers, nothing in clear, and a wait for an unlock after a reboot."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apresa.shared.sealing.records import HEAD
from recordings.pipeline.spool.calls import read_call, write_call
from recordings.pipeline.spool.errors import SpoolError, SpoolLocked
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.policy import Policy, write_policy
from recordings.pipeline.spool.sealing import Sealing, sealing_of
from recordings.pipeline.spool.segments import JournalReader, JournalWriter, segments
from recordings.pipeline.spool.streams import StreamHeader, create_stream, pack_chunk, pack_records, read_stream
from tests.samples.full_disk import files_of_at_most
from tests.samples.sealing import all_bytes, recipient, sealed_session, sealing
from tests.samples.spool import sip_call

pytestmark = pytest.mark.usefixtures("key_folder")

SAID = b"what was said, twenty milliseconds of it"
payloads = st.lists(st.binary(max_size=60), max_size=12)


def write_stream(path: Path, how: Sealing | None, count: int = 3) -> None:
    records = how.begin(path.stem) if how else None
    handle = create_stream(path, StreamHeader(path.stem, "node", "boot", "192.0.2.1:4000", "192.0.2.2:4000"), records)
    for number in range(count):
        chunk = b"".join(pack_chunk(pack_records([(number, SAID, 0)], 0), base_ns=0, child=1, number=number, policy=1))
        os.write(handle, records.seal(os.fstat(handle).st_size, chunk) if records else chunk)
    if records:
        os.write(handle, records.seal(os.fstat(handle).st_size, b"", last=True))
    os.close(handle)


def journal(path: Path, how: Sealing | None, segment_bytes: int = 32 << 20) -> JournalWriter:
    return JournalWriter(path, {"node": "n", "boot": "b", "child": 1}, segment_bytes, how)


def read(folder: Path) -> list[bytes]:
    return [record.payload for record in JournalReader(folder).read() if record.kind != Kind.SEGMENT]


def test_a_sealed_stream_reads_as_the_clear_one(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    write_stream(session.stream("s"), how)
    (tmp_path / "clear").mkdir()
    write_stream(tmp_path / "clear/s.stream", None)
    one, other = read_stream(session.stream("s")), read_stream(tmp_path / "clear/s.stream")
    assert (one.header, one.data, one.torn_bytes, one.finished) == (other.header, other.data, 0, True)
    assert one.lengths.tolist() == [len(SAID)] * 3


def test_what_was_said_lies_in_the_clear_file_and_not_in_the_sealed_one(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    write_stream(session.stream("s"), how)
    assert SAID not in all_bytes(session.path)
    write_stream(session.stream("clear"), None)
    assert SAID in all_bytes(session.path)


def test_a_stream_without_its_last_record_says_so(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    write_stream(session.stream("s"), how)
    size = session.stream("s").stat().st_size
    os.truncate(session.stream("s"), size - 33)
    found = read_stream(session.stream("s"))
    assert (len(found.lengths), found.torn_bytes, found.finished) == (3, 0, False)


def test_a_stream_put_in_the_place_of_another_is_refused(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    write_stream(session.stream("one"), how)
    session.stream("one").rename(session.stream("two"))
    with pytest.raises(SpoolError):
        read_stream(session.stream("two"))


@settings(deadline=None, max_examples=30)
@given(written=payloads, segment=st.integers(1, 900))
def test_a_sealed_journal_reads_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], segment: int
) -> None:
    session, how = sealing(tmp_path_factory.mktemp("sealed"))
    out = journal(session.journal, how, segment)
    for payload in written:
        out.append(Kind.FRAME, 1, payload)
        out.flush()
    out.close()
    assert read(session.journal) == written
    numbers = [record.number for record in JournalReader(session.journal).read()]
    assert numbers == list(range(1, len(numbers) + 1))


@settings(deadline=None, max_examples=30)
@given(written=payloads, after=payloads, share=st.floats(0, 1))
def test_a_sealed_journal_that_was_cut_goes_on_without_a_gap(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], after: list[bytes], share: float
) -> None:
    session, how = sealing(tmp_path_factory.mktemp("sealed"))
    out = journal(session.journal, how)
    ends = []
    for payload in written:
        out.append(Kind.FRAME, 1, payload)
        out.flush()
        ends.append(out.size)
    out.close()
    for path in segments(session.journal):
        os.truncate(path, cut := round(share * path.stat().st_size))
    again = journal(session.journal, sealing_of(session))
    for payload in after:
        again.append(Kind.FRAME, 2, payload)
    again.close()
    expected = written[: sum(end <= cut for end in ends)] + after if written else after
    assert read(session.journal) == expected
    for path in segments(session.journal):
        assert path.read_bytes()[:8] == b"APSEALED"


@settings(deadline=None, max_examples=40)
@given(written=payloads.filter(len), place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_in_a_sealed_journal_gives_an_error_or_an_earlier_end(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], place: int, bit: int
) -> None:
    session, how = sealing(tmp_path_factory.mktemp("sealed"))
    out = journal(session.journal, how)
    for payload in written:
        out.append(Kind.FRAME, 1, payload)
        out.flush()
    out.close()
    [path] = segments(session.journal)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(data)
    found: list[bytes] = []
    with suppress(SpoolError, SpoolLocked):
        found.extend(record.payload for record in JournalReader(session.journal).read() if record.kind != Kind.SEGMENT)
    assert found == written[: len(found)]
    assert len(found) < len(written)


def test_a_segment_cut_between_records_is_refused_when_another_follows(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    out = journal(session.journal, how)
    out.append(Kind.FRAME, 1, b"one")
    out.flush()
    size = out.size
    out.append(Kind.FRAME, 1, b"two")
    out.roll()
    out.append(Kind.FRAME, 1, b"three")
    out.close()
    assert read(session.journal) == [b"one", b"two", b"three"]
    os.truncate(segments(session.journal)[0], size)
    with pytest.raises(SpoolError, match="ends in the middle"):
        read(session.journal)


def test_a_clear_journal_goes_on_sealed_once_the_policy_says_so_and_reads_to_its_end(tmp_path: Path) -> None:
    session = sealed_session(tmp_path / "s")
    write_policy(session.policy, Policy(number=1))
    how = sealing_of(session)
    out = journal(session.journal, how)
    out.append(Kind.FRAME, 1, b"before")
    out.close()
    write_policy(session.policy, Policy(number=2, recipient=recipient()))
    how.policy.current()
    out = journal(session.journal, how)
    out.append(Kind.FRAME, 1, b"after")
    out.close()
    assert read(session.journal) == [b"before", b"after"]
    assert b"after" not in all_bytes(session.path)
    assert b"before" in all_bytes(session.path)


def test_a_reader_follows_a_sealed_journal_while_it_grows(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    out, reader, seen = journal(session.journal, how, 700), JournalReader(session.journal), []
    for number in range(20):
        out.append(Kind.FRAME, number, b"x" * number)
        out.flush()
        seen += [record.payload for record in reader.read() if record.kind == Kind.FRAME]
    assert seen == [b"x" * number for number in range(20)]
    assert len(segments(session.journal)) > 2


def test_a_failed_write_keeps_sealed_records_for_the_next(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    out = journal(session.journal, how)
    out.append(Kind.FRAME, 1, b"before")
    out.flush()
    out.append(Kind.FRAME, 2, b"during")
    with files_of_at_most(out.size + 20), pytest.raises(OSError, match="File too large"):
        out.flush()
    out.append(Kind.FRAME, 3, b"after")
    out.close()
    assert read(session.journal) == [b"before", b"during", b"after"]


def test_a_sealed_call_file_reads_as_it_was_and_holds_nothing_in_clear(tmp_path: Path) -> None:
    session, how = sealing(tmp_path)
    call = sip_call()
    write_call(session.call(call.local), call, how)
    assert read_call(session.call(call.local)) == call
    assert b"INVITE" not in all_bytes(session.path)
    write_call(session.calls / "clear.call", call)
    assert b"INVITE" in all_bytes(session.path)


@settings(deadline=None, max_examples=60)
@given(place=st.integers(HEAD), cut=st.booleans())
def test_a_changed_or_cut_call_file_is_refused(tmp_path_factory: pytest.TempPathFactory, place: int, cut: bool) -> None:
    session, how = sealing(tmp_path_factory.mktemp("sealed"))
    path = session.call("1")
    write_call(path, sip_call("1"), how)
    data = bytearray(path.read_bytes())
    place = HEAD + place % (len(data) - HEAD)
    if cut:
        del data[place:]
    else:
        data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(SpoolError):
        read_call(path)

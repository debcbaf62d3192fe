"""The journal: gap-free numbers over restarts, cuts and segments; damage is an error or an earlier end."""

import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.spool import journal
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.segments import SEGMENT_BYTES, JournalReader, JournalWriter, segments
from tests.samples.full_disk import files_of_at_most
from tests.samples.independent_reader import journal_records

HEAD: dict[str, object] = {"node": "n1", "boot": "b", "child": 1, "seal": 0}
payloads = st.lists(st.binary(max_size=60), max_size=12)


def writer(folder: Path, segment_bytes: int = SEGMENT_BYTES) -> JournalWriter:
    folder.mkdir(exist_ok=True)
    return JournalWriter(folder, dict(HEAD), segment_bytes)


def read(folder: Path) -> list[bytes]:
    return [record.payload for record in JournalReader(folder).read() if record.kind != Kind.SEGMENT]


def numbers(folder: Path) -> list[int]:
    return [record.number for record in JournalReader(folder).read()]


@settings(deadline=None, max_examples=40)
@given(written=payloads, segment=st.integers(1, 300))
def test_both_readers_find_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], segment: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    out = writer(folder, segment)
    for number, payload in enumerate(written):
        out.append(Kind.FRAME, number, payload)
        out.flush()
    out.close()
    assert read(folder) == written
    assert numbers(folder) == list(range(1, len(numbers(folder)) + 1))
    data = b"".join(path.read_bytes() for path in segments(folder))
    assert [payload for _, kind, _, payload in journal_records(data) if kind == 1] == written


@settings(deadline=None, max_examples=40)
@given(written=payloads, after=payloads, share=st.floats(0, 1))
def test_a_cut_journal_goes_on_without_a_gap(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], after: list[bytes], share: float
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    out = writer(folder)
    ends = []
    for payload in written:
        out.append(Kind.FRAME, 1, payload)
        out.flush()
        ends.append(out.size)
    out.close()
    [segment] = segments(folder)
    cut = round(share * segment.stat().st_size)
    os.truncate(segment, cut)
    again = writer(folder)
    for payload in after:
        again.append(Kind.FRAME, 2, payload)
    again.close()
    assert read(folder) == written[: sum(end <= cut for end in ends)] + after
    assert numbers(folder) == list(range(1, again.number + 1))
    assert next(iter(JournalReader(folder).read())).kind == Kind.SEGMENT


@settings(deadline=None, max_examples=60)
@given(written=payloads, place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_gives_an_error_or_an_earlier_end(
    tmp_path_factory: pytest.TempPathFactory, written: list[bytes], place: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    out = writer(folder)
    for payload in written:
        out.append(Kind.FRAME, 1, payload)
    out.close()
    [segment] = segments(folder)
    data = bytearray(segment.read_bytes())
    data[place % len(data)] ^= 1 << bit
    segment.write_bytes(data)
    found: list[bytes] = []
    with suppress(SpoolError):
        found.extend(record.payload for record in JournalReader(folder).read() if record.kind != Kind.SEGMENT)
    assert found == written[: len(found)]


@settings(deadline=None, max_examples=100)
@given(data=st.binary(max_size=120), offset=st.integers(0, 130))
def test_any_bytes_give_only_a_spool_error(data: bytes, offset: int) -> None:
    for content in (data, journal.pack(1, Kind.TICK, 5, data), b"APJ1" + data):
        try:
            step = journal.unpack(content, offset)
            if step is not None:
                step[0].facts()
        except SpoolError:
            continue


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"[" * 5000, b"\xff", b"1"])
def test_facts_that_are_no_object_are_a_spool_error(payload: bytes) -> None:
    with pytest.raises(SpoolError):
        journal.Record(1, Kind.TICK, 0, payload).facts()


def test_a_frame_comes_back_as_it_was(tmp_path: Path) -> None:
    frame = Frame(123, 113, b"abc", 1500, 4)
    out = writer(tmp_path)
    out.append(Kind.FRAME, frame.time_ns, journal.frame_payload(frame))
    out.close()
    assert [record.frame() for record in JournalReader(tmp_path).read() if record.kind == Kind.FRAME] == [frame]


def test_a_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    out, reader = writer(tmp_path, 200), JournalReader(tmp_path)
    seen: list[int] = []
    for number in range(20):
        out.append(Kind.FRAME, number, b"x" * number)
        out.flush()
        seen += [record.number for record in reader.read()]
    assert seen == numbers(tmp_path)
    assert [record.number for record in JournalReader(tmp_path, 9).read()] == seen[8:]


def test_a_failed_write_keeps_its_records_for_the_next(tmp_path: Path) -> None:
    out = writer(tmp_path)
    out.append(Kind.FRAME, 1, b"before")
    out.flush()
    out.append(Kind.FRAME, 2, b"during")
    with files_of_at_most(out.size + 20), pytest.raises(OSError, match="File too large"):
        out.flush()
    assert read(tmp_path) == [b"before"]
    out.append(Kind.FRAME, 3, b"after")
    out.close()
    assert read(tmp_path) == [b"before", b"during", b"after"]


def test_a_record_over_the_limit_is_refused_and_takes_no_number(tmp_path: Path) -> None:
    out = writer(tmp_path)
    with pytest.raises(SpoolError):
        out.append(Kind.FRAME, 1, bytes(journal.LARGEST + 1))
    out.append(Kind.FRAME, 1, b"next")
    out.close()
    assert numbers(tmp_path) == [1, 2]

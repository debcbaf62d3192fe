"""Stream files: what was written is read, by our reader and by an independent one, whatever happened to the file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.spool import streams
from recordings.pipeline.spool.errors import SpoolError
from recordings.pipeline.spool.streams import Hole, StreamHeader
from tests.samples.independent_reader import stream_packets

HEADER = StreamHeader("b-1", "n1", "b", "192.0.2.1:4000", "[2001:db8::1]:4000", 2, "vxlan", (7,))
BASE = 1_750_000_000_000_000_000
Packet = tuple[int, bytes, int]

packet = st.tuples(
    st.integers(0, 2**32 - 1).map(lambda microseconds: BASE + microseconds * 1000),
    st.binary(max_size=40),
    st.integers(0, 7),
)
run = st.tuples(packet, st.integers(1, 12)).map(lambda pair: [pair[0]] * pair[1])  # of one length: read at once
chunks = st.lists(
    st.lists(run, min_size=1, max_size=4).map(lambda runs: [one for alike in runs for one in alike]), max_size=5
)


def write(path: Path, written: list[list[Packet]]) -> list[int]:
    """A stream file with these chunks; where each part of it ends."""
    data = streams.pack_header(HEADER)
    ends = [len(data)]
    for number, records in enumerate(written):
        payload = streams.pack_records(records, BASE)
        data += b"".join(streams.pack_chunk(payload, base_ns=BASE, child=3, number=number, policy=5))
        ends.append(len(data))
    path.write_bytes(data)
    return ends


def read(path: Path) -> list[Packet]:
    found = streams.read_stream(path)
    return [
        (time_ns, found.data[begin : begin + size], flags)
        for time_ns, begin, size, flags in zip(
            found.time_ns.tolist(), found.offsets.tolist(), found.lengths.tolist(), found.flags.tolist(), strict=True
        )
    ]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("streams") / "b-1.stream"


@settings(deadline=None, max_examples=60)
@given(written=chunks)
def test_both_readers_find_what_was_written(file: Path, written: list[list[Packet]]) -> None:
    write(file, written)
    everything = [one for records in written for one in records]
    assert read(file) == everything
    assert streams.read_stream(file).header == HEADER
    header, packets = stream_packets(file.read_bytes())
    assert packets == [(time_ns, flags, data) for time_ns, data, flags in everything]
    assert (header["source"], header["vlan"]) == (HEADER.source, [7])


@settings(deadline=None, max_examples=60)
@given(written=chunks, share=st.floats(0, 1))
def test_a_file_is_readable_up_to_any_cut(file: Path, written: list[list[Packet]], share: float) -> None:
    ends = write(file, written)
    whole = file.read_bytes()
    cut = ends[0] + round(share * (len(whole) - ends[0]))
    file.write_bytes(whole[:cut])
    kept = sum(end <= cut for end in ends[1:])
    expected = [one for records in written[:kept] for one in records]
    assert read(file) == expected
    assert len(stream_packets(whole[:cut])[1]) == len(expected)
    assert streams.whole_length(file) == ends[kept]


@settings(deadline=None, max_examples=60)
@given(written=chunks, place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_gives_an_error_or_an_earlier_end(
    file: Path, written: list[list[Packet]], place: int, bit: int
) -> None:
    ends = write(file, written)
    damaged = bytearray(file.read_bytes())
    place %= len(damaged)
    damaged[place] ^= 1 << bit
    file.write_bytes(damaged)
    if place < ends[0]:
        with pytest.raises(SpoolError):
            read(file)
    else:
        kept = sum(end <= place for end in ends[1:])
        assert read(file) == [one for records in written[:kept] for one in records]


@settings(deadline=None, max_examples=100)
@given(data=st.binary(max_size=200))
def test_any_bytes_give_only_a_spool_error(file: Path, data: bytes) -> None:
    for content in (data, streams.pack_header(HEADER) + data):
        file.write_bytes(content)
        try:
            streams.read_stream(file)
        except SpoolError:
            continue


@pytest.mark.parametrize("kind", [streams.HOLE, streams.COMMAND])
@pytest.mark.parametrize("text", [b"", b"[]", b"[1]", b"{", b'{"a": 1}', b"[" * 5000, b"\xff", b"null", b"1"])
def test_a_sound_chunk_with_nonsense_in_it_gives_only_a_spool_error(file: Path, kind: int, text: bytes) -> None:
    chunk = streams.pack_chunk(text, base_ns=BASE, child=1, number=1, policy=0, kind=kind)
    file.write_bytes(streams.pack_header(HEADER) + b"".join(chunk))
    if kind == streams.COMMAND and text == b'{"a": 1}':
        assert streams.read_stream(file).commands == ({"a": 1},)
    else:
        with pytest.raises(SpoolError):
            streams.read_stream(file)


def test_a_hole_is_read_as_it_was_noted(file: Path) -> None:
    hole = Hole(BASE, BASE + 5, 17, "disk")
    chunk = streams.pack_chunk(streams.pack_hole(hole), base_ns=BASE, child=1, number=1, policy=0, kind=streams.HOLE)
    file.write_bytes(streams.pack_header(HEADER) + b"".join(chunk))
    assert streams.read_stream(file).holes == (hole,)


def test_a_stream_file_is_made_only_once(tmp_path: Path) -> None:
    path = tmp_path / "b-1.stream"
    streams.create_stream(path, HEADER)
    with pytest.raises(FileExistsError):
        streams.create_stream(path, HEADER)
    assert path.read_bytes() == streams.pack_header(HEADER)

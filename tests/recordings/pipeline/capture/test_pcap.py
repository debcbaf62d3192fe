import io
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.blocks import BLOCK_FRAMES
from recordings.pipeline.capture.frames import Frame
from recordings.pipeline.capture.pcap import read_blocks, read_frames
from tests.samples.capture_files import Maker, frames, pcap, pcapng, read_all

CONTENT = frames(3)


@pytest.mark.parametrize(("order", "kind"), list(product("<>", ["micro", "nano", "modified"])))
def test_a_pcap_of_every_dialect_gives_its_frames(order: str, kind: str) -> None:
    assert read_all(pcap(CONTENT, order=order, kind=kind)) == (CONTENT, None)


def test_nanoseconds_are_kept_where_the_file_has_them() -> None:
    frame = Frame(1_700_000_000_123_456_789, 113, b"x" * 20, 20)
    assert read_all(pcap([frame], kind="nano", link=113)) == ([frame], None)


def test_a_frame_cut_by_the_snapshot_length_keeps_its_length_on_the_wire() -> None:
    frame = Frame(1_700_000_000_000_000_000, 1, b"abc", 1514)
    assert read_all(pcap([frame])) == ([frame], None)


def test_the_length_of_a_check_sequence_beside_the_link_type_is_no_link_type() -> None:
    data = bytearray(pcap(CONTENT))
    data[20:24] = (0x54000001).to_bytes(4, "little")
    assert read_all(bytes(data)) == (CONTENT, None)


def test_a_file_with_a_header_alone_has_no_frames() -> None:
    assert read_all(pcap([])) == ([], None)


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_more_frames_than_a_block_holds_come_in_order(make: Maker) -> None:
    content = frames(2 * BLOCK_FRAMES + 5)
    blocks = list(read_blocks(io.BytesIO(make(content))))
    assert max(len(block) for block in blocks) == BLOCK_FRAMES
    assert [frame for block in blocks for frame in block.frames()] == content


@pytest.mark.parametrize("left", [1, 15, 16, 17, 75])
def test_a_truncated_file_gives_the_whole_packets_and_says_so(left: int) -> None:
    data = pcap(CONTENT)
    got, error = read_all(data[: len(data) - 76 + left])
    assert got == CONTENT[:2]
    assert error is not None
    assert (error.truncated, error.packets) == (True, 2)
    assert str(error) == "capture: the file ends in the middle of packet 3; the 2 before it were read"


def test_a_header_cut_short_is_truncated() -> None:
    got, error = read_all(pcap([])[:20])
    assert (got, str(error)) == ([], "capture: the file ends within its header")


def test_an_impossible_length_ends_the_reading_but_is_no_truncation() -> None:
    data = bytearray(pcap(CONTENT))
    data[24 + 76 + 8 : 24 + 76 + 12] = b"\xff\xff\xff\x7f"
    got, error = read_all(bytes(data))
    assert got == CONTENT[:1]
    assert error is not None
    assert (error.truncated, error.packets) == (False, 1)
    assert str(error) == "capture: packet 2 says it has 2147483647 bytes, which cannot be; the 1 before it were read"


def test_what_is_no_capture_is_refused_in_one_sentence() -> None:
    assert (
        str(read_all(b"GIF89a" + bytes(100))[1]) == "capture: this is not a capture file (pcap or pcapng, also in gzip)"
    )


def test_a_reader_that_gets_a_byte_at_a_time_gives_the_same_frames() -> None:
    class Slow(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            return super().read(1)

    assert list(read_frames(Slow(pcap(CONTENT)))) == CONTENT
    assert list(read_frames(Slow(pcapng(CONTENT)))) == CONTENT


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400), st.sampled_from([b"", pcap([])[:24], pcap([], order=">"), pcapng([])]))
def test_arbitrary_bytes_give_frames_or_a_capture_error(data: bytes, start: bytes) -> None:
    _, error = read_all(start + data)
    assert error is None or str(error).startswith("capture: ")


@settings(deadline=None, max_examples=200)
@given(st.data(), st.sampled_from([pcap(CONTENT), pcap(CONTENT, order=">", kind="modified"), pcapng(CONTENT)]))
def test_a_damaged_capture_gives_frames_or_a_capture_error(choices: st.DataObject, valid: bytes) -> None:
    data = bytearray(valid)
    for _ in range(choices.draw(st.integers(1, 4))):
        data[choices.draw(st.integers(0, len(data) - 1))] = choices.draw(st.integers(0, 255))
    got, error = read_all(bytes(data))
    assert len(got) <= 20
    assert error is None or error.packets == len(got)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 300), st.sampled_from([pcap(CONTENT, kind="nano"), pcapng(CONTENT)]))
def test_a_capture_cut_anywhere_gives_a_beginning_of_its_frames(cut: int, valid: bytes) -> None:
    got, error = read_all(valid[:cut])
    assert got == CONTENT[: len(got)]
    assert error is None or error.truncated or not got

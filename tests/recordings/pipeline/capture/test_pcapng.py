import io

import pytest

from recordings.pipeline.capture.frames import CaptureError, Frame
from recordings.pipeline.capture.pcap import read_blocks, read_frames
from tests.samples.capture_files import block, enhanced, frames, interface, obsolete, pcapng, read_all, section, simple

CONTENT = frames(3)
SECOND = 1_700_000_000


def read(data: bytes) -> list[Frame]:
    return list(read_frames(io.BytesIO(data)))


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_pcapng_of_either_byte_order_gives_its_frames(order: str) -> None:
    assert read(pcapng(CONTENT, order=order)) == CONTENT


@pytest.mark.parametrize(
    ("resolution", "ticks", "nanoseconds"),
    [
        (6, SECOND * 10**6 + 5, 5_000),
        (9, SECOND * 10**9 + 5, 5),
        (3, SECOND * 10**3 + 5, 5_000_000),
        (0, SECOND, 0),
        (10, SECOND * 10**10 + 57, 5),
        (0x80 | 10, SECOND * 1024 + 512, 500_000_000),
        (0x80 | 30, SECOND * 2**30 + 2**29, 500_000_000),
    ],
)
def test_the_clock_of_an_interface_is_respected(resolution: int, ticks: int, nanoseconds: int) -> None:
    data = section() + interface(resolution=resolution) + enhanced(b"x", ticks)
    assert [frame.time_ns for frame in read(data)] == [SECOND * 10**9 + nanoseconds]


@pytest.mark.parametrize("offset", [3600, -3600])
def test_an_offset_of_the_clock_is_added(offset: int) -> None:
    data = section() + interface(resolution=9, offset=offset) + enhanced(b"x", SECOND * 10**9)
    assert [frame.time_ns for frame in read(data)] == [(SECOND + offset) * 10**9]


@pytest.mark.parametrize(("resolution", "offset"), [(0, None), (0xFF, None), (127, None), (6, 2**62), (6, -(2**62))])
def test_an_absurd_clock_gives_a_time_within_63_bits(resolution: int, offset: int | None) -> None:
    data = section() + interface(resolution=resolution, offset=offset) + enhanced(b"x", 2**64 - 1)
    (frame,) = read(data)
    assert 0 <= frame.time_ns < 2**63


def test_interfaces_with_clocks_of_their_own_may_alternate() -> None:
    data = section() + interface(resolution=6) + interface(resolution=9)
    data += enhanced(b"a", SECOND * 10**6) + enhanced(b"b", SECOND * 10**9 + 1, number=1)
    data += enhanced(b"c", SECOND * 10**6 + 1)
    assert read(data) == [
        Frame(SECOND * 10**9, 1, b"a", 1, 0),
        Frame(SECOND * 10**9 + 1, 1, b"b", 1, 1),
        Frame(SECOND * 10**9 + 1000, 1, b"c", 1, 0),
    ]


def test_interfaces_of_different_link_types_come_in_blocks_of_one() -> None:
    data = section() + interface(1) + interface(113)
    data += enhanced(b"a", 1) + enhanced(b"b", 2) + enhanced(b"c", 3, number=1) + enhanced(b"d", 4)
    blocks = list(read_blocks(io.BytesIO(data)))
    assert [(part.link, len(part)) for part in blocks] == [(1, 2), (113, 1), (1, 1)]
    assert [frame.data for part in blocks for frame in part.frames()] == [b"a", b"b", b"c", b"d"]


def test_sections_of_both_byte_orders_follow_each_other() -> None:
    data = pcapng(CONTENT[:1]) + pcapng(CONTENT[1:2], order=">") + pcapng(CONTENT[2:])
    assert read(data) == CONTENT


@pytest.mark.parametrize("order", ["<", ">"])
def test_an_obsolete_packet_block_is_read(order: str) -> None:
    data = section(order=order) + interface(order=order) + obsolete(b"abc", SECOND * 10**6, order=order)
    assert read(data) == [Frame(SECOND * 10**9, 1, b"abc", 3)]


def test_a_simple_packet_block_has_no_time_and_the_snapshot_length_of_the_interface() -> None:
    data = section() + interface(snaplen=6) + simple(b"abcdef", 100)
    assert read(data) == [Frame(0, 1, b"abcdef", 100)]
    assert read(section() + interface() + simple(b"abcde", 5)) == [Frame(0, 1, b"abcde", 5)]


def test_blocks_of_other_kinds_are_passed_over() -> None:
    data = section() + block(0xBAD, b"x" * 100) + interface() + block(5, bytes(8)) + enhanced(b"a", 1) + block(4, b"")
    assert [frame.data for frame in read(data)] == [b"a"]


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [
        (enhanced(b"x", 1, number=1), "packet 2 names interface 1, which the file does not describe"),
        (block(6, b"\0" * 12 + b"\xff\0\0\0" + bytes(4)), "packet 2 says it has 255 bytes, which cannot be"),
        (
            b"\6\0\0\0\xff\xff\xff\xff" + bytes(8),
            "the block after packet 1 says it has 4294967295 bytes, which cannot be",
        ),
        (b"\6\0\0\0\0\0\0\0" + bytes(8), "the block after packet 1 says it has 0 bytes, which cannot be"),
        (b"\x0a\x0d\x0d\x0a" + bytes(24), "the section after packet 1 has no byte order"),
        (block(1, b""), "an interface of the capture is not described as pcapng demands"),
        (enhanced(b"abcd", 1)[:-1], "the file ends in the middle of packet 2"),
    ],
)
def test_a_fault_is_told_after_the_packets_before_it(rest: bytes, sentence: str) -> None:
    got, error = read_all(section() + interface() + enhanced(b"a", 1) + rest)
    assert [frame.data for frame in got] == [b"a"]
    assert error is not None
    assert str(error) == f"capture: {sentence}; the 1 before it were read"
    assert (error.packets, error.truncated) == (1, sentence.startswith("the file ends"))


def test_interfaces_without_end_are_refused() -> None:
    with pytest.raises(CaptureError, match="not described as pcapng demands"):
        read(section() + interface() * 5000)

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.media import rtp
from tests.samples.intervals import intervals_of
from tests.samples.streams import START, parsed, talk
from tests.samples.streams import rtp as packet


def numbers(values: list[int]) -> list[int]:
    long: list[int] = rtp.extend_sequence(np.array(values, np.int64)).tolist()
    return long


def test_parse_reads_every_header_field() -> None:
    packets = parsed([(7, packet(65535, 2**32 - 1, b"abc", ssrc=0xFFFFFFFF, kind=101, marker=True))])
    assert (packets.sequence[0], packets.timestamp[0], packets.ssrc[0]) == (65535, 2**32 - 1, 2**32 - 1)
    assert (packets.payload_type[0], bool(packets.marker[0]), packets.time_ns[0]) == (101, True, 7)
    assert packets.payload(0) == b"abc"


def test_parse_skips_csrc_extension_and_padding() -> None:
    plain = packet(1, 2, b"")
    with_all = bytes([0x80 | 0x20 | 0x10 | 2]) + plain[1:] + bytes(8) + b"\xbe\xde\0\1abcd" + b"voice" + b"\0\0\3"
    assert list(parsed([(0, with_all)]).payloads()) == [b"voice"]


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(20),
        b"\x80\xc8" + bytes(20),  # RTCP sender report
        b"\xa0\0" + bytes(20),  # padding of length 0
        b"\xa0\0" + bytes(9) + b"\xff" * 3,  # padding longer than the packet
        b"\x8f\0" + bytes(20),  # fifteen CSRCs in 22 octets
        b"\x90\0" + bytes(12) + b"\xff\xff",  # extension cut
        b"\x90\0" + bytes(12) + b"\xff\xff\xff\xff",  # extension longer than the packet
    ],
)
def test_parse_leaves_out_what_is_no_whole_rtp_packet(wrong: bytes) -> None:
    good = packet(1, 2, b"x")
    assert list(parsed([(0, wrong), (1, good)]).payloads()) == [b"x"]


def test_a_marked_packet_of_a_high_payload_type_is_not_taken_for_rtcp() -> None:
    assert parsed([(0, packet(1, 2, b"x", kind=93, marker=True))]).payload_type.tolist() == [93]


def test_parse_refuses_arrays_that_do_not_belong_together() -> None:
    one = np.zeros(1, np.int64)
    with pytest.raises(rtp.RtpError):
        rtp.parse(b"", one, one, np.zeros(2, np.int64))


@settings(deadline=None)
@given(st.binary(max_size=400), st.lists(st.tuples(st.integers(-50, 500), st.integers(-50, 500)), max_size=8))
def test_parse_of_any_bytes_stays_inside_them(data: bytes, places: list[tuple[int, int]]) -> None:
    offsets, lengths = (np.array([place[at] for place in places], np.int64) for at in (0, 1))
    packets = rtp.parse(data, offsets, lengths, np.zeros(len(places), np.int64))
    for index in range(len(packets)):
        assert len(packets.payload(index)) == packets.length[index] >= 0


def test_split_keeps_the_order_of_first_packets() -> None:
    timed = [(0, packet(1, 0, b"a", 9)), (1, packet(1, 0, b"b", 3)), (2, packet(2, 0, b"c", 9))]
    assert [(ssrc, list(own.payloads())) for ssrc, own in rtp.split(parsed(timed))] == [(9, [b"a", b"c"]), (3, [b"b"])]


def test_sequence_wraps_are_counted() -> None:
    assert numbers([65534, 65535, 0, 1]) == [65534, 65535, 65536, 65537]


def test_sequence_of_a_packet_before_the_wrap_that_comes_late_stays_below_it() -> None:
    assert numbers([65534, 0, 65535, 1]) == [65534, 65536, 65535, 65537]


def test_sequence_that_restarts_lower_goes_on_above() -> None:
    long = numbers([40000, 40001, 40002, 30000, 30001, 30002])
    assert [step % 65536 for step in long] == [40000, 40001, 40002, 30000, 30001, 30002]
    assert long == sorted(long)


def test_sequence_of_one_stray_packet_moves_nothing_else() -> None:
    assert numbers([40000, 40001, 12345, 40002, 40003])[-2:] == [40002, 40003]


@settings(deadline=None)
@given(st.lists(st.integers(0, 65535), max_size=60))
def test_sequence_extension_keeps_the_low_16_bits(values: list[int]) -> None:
    assert [number % 65536 for number in numbers(values)] == values


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 65535), st.integers(2, 300), st.randoms(use_true_random=False))
def test_order_is_the_same_for_every_arrival_order(first: int, count: int, chance: random.Random) -> None:
    timed = talk([bytes([at % 256]) for at in range(count)], sequence=first)
    late = list(timed)
    for at in range(1, count - 1):
        if chance.random() < 0.3:
            late[at], late[at + 1] = late[at + 1], late[at]
    doubled = [item for item in late for _ in range(chance.choice([1, 1, 2]))]
    ordered = rtp.order(parsed(doubled))
    assert list(ordered.packets.payloads()) == [bytes([at % 256]) for at in range(count)]
    assert ordered.duplicates == len(doubled) - count
    assert ordered.conflicts == 0


def test_order_keeps_the_first_of_two_packets_with_one_number() -> None:
    timed = [(0, packet(1, 0, b"first")), (1, packet(1, 0, b"other")), (2, packet(2, 160, b"next"))]
    ordered = rtp.order(parsed(timed))
    assert list(ordered.packets.payloads()) == [b"first", b"next"]
    assert (ordered.duplicates, ordered.conflicts) == (0, 1)


def test_order_prefers_the_copy_of_lower_rank() -> None:
    timed = [(0, packet(1, 0, b"first")), (1, packet(1, 0, b"other"))]
    assert list(rtp.order(parsed(timed), np.array([1, 0])).packets.payloads()) == [b"other"]


def test_join_puts_packets_of_two_buffers_in_arrival_order() -> None:
    even = parsed([(0, packet(1, 0, b"a")), (2, packet(3, 0, b"c"))])
    odd = parsed([(1, packet(2, 0, b"b"))])
    packets, source = rtp.join([even, odd])
    assert (list(packets.payloads()), source.tolist()) == ([b"a", b"b", b"c"], [0, 1, 0])


def test_timestamps_are_extended_over_the_wrap_and_back() -> None:
    values = np.array([2**32 - 160, 0, 160, 2**32 - 160], np.int64)
    assert np.diff(rtp.extend_timestamp(values)).tolist() == [160, 160, -320]


def test_empty_input_gives_empty_output() -> None:
    none = parsed([(START, b"")])
    assert (len(none), rtp.split(none), len(rtp.order(none).sequence)) == (0, [], 0)


@given(st.lists(st.integers(0, 2**16 - 1), unique=True, min_size=1, max_size=60))
def test_intervals_hold_exactly_the_numbers_that_came(numbers: list[int]) -> None:
    none = np.zeros(len(numbers), np.int64)
    long = np.array(sorted(numbers), np.int64)
    packets = rtp.Packets(b"", none, none, none, long, none, none, none, none > 0)
    assert rtp.Ordered(packets, long, none, long, 0, 0).intervals() == intervals_of(numbers)

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.fragments import Reassembled, Reassembler
from recordings.pipeline.capture.frames import Datagram, DecodeError, Fragment, Frame, Segment
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.write import ethernet_frame, ip_packet, udp_frame
from tests.samples.packets import ALICE, ALICE6, BOB, BOB6, TIME, TUNNEL_FROM, TUNNEL_TO, fragments, frame, tcp_packet

PAYLOAD = bytes(range(256)) * 12
PACKET, PACKET6 = udp_frame(ALICE, BOB, PAYLOAD)[14:], udp_frame(ALICE6, BOB6, PAYLOAD)[14:]
DATAGRAM, DATAGRAM6 = Datagram(TIME, ALICE, BOB, PAYLOAD), Datagram(TIME, ALICE6, BOB6, PAYLOAD)
SECOND = 10**9


def cut(packet: bytes, size: int = 1480, *, identification: int = 77, vlan: tuple[int, ...] = ()) -> list[Frame]:
    pieces = fragments(packet, size, identification=identification)
    return [frame(ethernet_frame(piece, vlan)) for piece in pieces]


def later(frames: Sequence[Frame], seconds: float) -> list[Frame]:
    return [replace(one, time_ns=one.time_ns + int(seconds * SECOND)) for one in frames]


def put(reassembler: Reassembler, frames: Sequence[Frame]) -> list[Reassembled]:
    """What comes out when all frames, each a fragment, go in."""
    out = []
    for one in frames:
        decoded = decode(one)
        assert isinstance(decoded, Fragment)
        whole = reassembler.add(one, decoded)
        if whole is not None:
            out.append(whole)
    return out


@pytest.mark.parametrize(("packet", "datagram"), [(PACKET, DATAGRAM), (PACKET6, DATAGRAM6)])
def test_fragments_in_order_give_the_datagram_and_its_frames(packet: bytes, datagram: Datagram) -> None:
    frames = cut(packet)
    reassembler = Reassembler()
    assert put(reassembler, frames) == [Reassembled(datagram, tuple(frames))]
    assert (len(reassembler), reassembler.bytes, reassembler.dropped) == (0, 0, 0)


@settings(deadline=None, max_examples=100)
@given(st.data(), st.sampled_from([(PACKET, DATAGRAM), (PACKET6, DATAGRAM6)]), st.sampled_from([8, 56, 512, 1480]))
def test_fragments_in_any_order_and_repeated_give_the_datagram_once(
    choices: st.DataObject, case: tuple[bytes, Datagram], size: int
) -> None:
    frames = cut(case[0], size)
    order = choices.draw(st.permutations([*frames, *frames[:3]]))
    whole = put(Reassembler(), order)
    assert [one.decoded for one in whole] == [case[1]]
    assert sorted(one.data for one in whole[0].frames) == sorted(one.data for one in frames)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_overlapping_fragments_of_one_packet_give_the_datagram(choices: st.DataObject) -> None:
    body, source, destination = PACKET[20:], PACKET[12:16], PACKET[16:20]
    base = Fragment(TIME, source, destination, 17, 5, 0, True, b"")
    cuts = choices.draw(st.lists(st.tuples(st.integers(0, 380), st.integers(1, 100)), max_size=20))
    pieces = [(at * 8, min((at + size) * 8, len(body))) for at, size in cuts if at * 8 < len(body)]
    pieces += [(at, min(at + 800, len(body))) for at in range(0, len(body), 800)]
    reassembler, out = Reassembler(), []
    for start, end in choices.draw(st.permutations(pieces)):
        part = replace(base, offset=start, more=end < len(body), payload=body[start:end])
        out.append(reassembler.add(frame(b""), part))
    assert [one.decoded for one in out if one is not None][:1] == [DATAGRAM]


def test_where_fragments_differ_the_bytes_that_came_first_stay() -> None:
    first = cut(PACKET, 1024)
    other = cut(udp_frame(ALICE, BOB, bytes(len(PAYLOAD)))[14:], 1024)
    whole = put(Reassembler(), [first[0], other[0], first[1], other[1], first[2], first[3]])
    assert [one.decoded for one in whole] == [DATAGRAM]
    assert whole[0].frames == tuple(first)


def test_a_fragment_beyond_the_end_is_left_out() -> None:
    frames = cut(PACKET, 1024)
    beyond = replace(decode_fragment(frames[0]), offset=8192)
    reassembler = Reassembler()
    assert put(reassembler, frames[3:]) == []
    assert reassembler.add(frames[0], beyond) is None
    assert [one.decoded for one in put(reassembler, frames[:3])] == [DATAGRAM]


def decode_fragment(one: Frame) -> Fragment:
    decoded = decode(one)
    assert isinstance(decoded, Fragment)
    return decoded


def test_numbers_vlans_and_directions_are_kept_apart() -> None:
    back = udp_frame(BOB, ALICE, PAYLOAD)[14:]
    cases = [cut(PACKET), cut(PACKET, identification=78), cut(PACKET, vlan=(5,)), cut(back)]
    mixed = [one for together in zip(*cases, strict=True) for one in together]
    assert [one.frames for one in put(Reassembler(), mixed)] == [tuple(frames) for frames in cases]


def test_a_packet_mirrored_twice_does_not_spoil_the_next_with_its_number() -> None:
    twice = [one for one in cut(PACKET) for _ in range(2)]
    again = later(cut(udp_frame(ALICE, BOB, PAYLOAD[::-1])[14:]), 0.5)
    reassembler = Reassembler()
    whole = put(reassembler, [*twice, *again])
    assert [one.decoded for one in whole] == [DATAGRAM, Datagram(TIME + SECOND // 2, ALICE, BOB, PAYLOAD[::-1])]
    assert len(reassembler) == 0


def test_a_packet_sent_again_later_is_given_again() -> None:
    assert len(put(Reassembler(), [*cut(PACKET), *later(cut(PACKET), 2)])) == 2


def test_fragments_wait_thirty_seconds_for_the_rest() -> None:
    first, *rest = cut(PACKET)
    assert len(put(Reassembler(), [first, *later(rest, 30)])) == 1
    reassembler = Reassembler()
    assert put(reassembler, [first, *later(rest, 30.1)]) == []
    assert reassembler.dropped == 1


def test_a_clock_that_jumps_stops_nothing() -> None:
    reassembler = Reassembler()
    put(reassembler, later(cut(PACKET, identification=1)[:1], 10**9))
    assert len(put(reassembler, cut(PACKET))) == 1


def test_packets_without_end_are_bounded_in_number() -> None:
    reassembler = Reassembler(max_packets=10)
    for identification in range(50):
        put(reassembler, cut(PACKET, identification=identification)[:1])
    assert (len(reassembler), reassembler.dropped) == (10, 40)


def test_packets_without_end_are_bounded_in_bytes() -> None:
    reassembler = Reassembler(max_bytes=1_000_000)
    far = replace(decode_fragment(cut(PACKET)[0]), offset=65000 & ~7, payload=b"12345678")
    for identification in range(100):
        reassembler.add(frame(bytes(60)), replace(far, identification=identification))
        assert reassembler.bytes <= 1_000_000
    assert len(reassembler) + reassembler.dropped == 100


def test_a_fragment_repeated_for_ever_takes_no_memory() -> None:
    reassembler = Reassembler()
    first = cut(PACKET)[0]
    put(reassembler, [first])
    before = reassembler.bytes
    put(reassembler, [first] * 1000)
    assert reassembler.bytes == before


def test_a_fragmented_tunnel_that_holds_fragments_is_followed() -> None:
    inner = fragments(PACKET, 2048)
    outer = [cut(ip_packet(TUNNEL_FROM, TUNNEL_TO, 4, piece), 1024, identification=n) for n, piece in enumerate(inner)]
    frames = [one for together in outer for one in together]
    assert len(frames) == 5
    assert put(Reassembler(), frames) == [Reassembled(replace(DATAGRAM, encapsulation="ipip"), tuple(frames))]


def test_a_tcp_segment_is_reassembled_too() -> None:
    whole = put(Reassembler(), cut(tcp_packet(ALICE, BOB, 9, 0x18, PAYLOAD)))
    assert [one.decoded for one in whole] == [Segment(TIME, ALICE, BOB, 9, 7, 0x18, PAYLOAD)]


def test_what_cannot_hold_a_call_comes_out_as_nothing() -> None:
    frames = cut(ip_packet(PACKET[12:16], PACKET[16:20], 1, PAYLOAD))
    assert put(Reassembler(), frames) == [Reassembled(None, tuple(frames))]


def test_a_malformed_datagram_in_fragments_is_a_decode_error() -> None:
    frames = cut(ip_packet(PACKET[12:16], PACKET[16:20], 17, PACKET[20:24] + b"\xff\xff" + PACKET[26:]))
    reassembler = Reassembler()
    with pytest.raises(DecodeError, match="UDP datagram says 65535 bytes, the frame has 3080"):
        put(reassembler, frames)
    assert len(reassembler) == 0


FRAGMENTS = st.builds(
    Fragment,
    time_ns=st.integers(0, 100 * SECOND),
    source=st.sampled_from([bytes(4), bytes(16)]),
    destination=st.just(bytes(4)),
    protocol=st.sampled_from([4, 6, 17, 41, 44, 47, 60]),
    identification=st.integers(0, 2),
    offset=st.integers(0, 12).map(lambda unit: unit * 8),
    more=st.booleans(),
    payload=st.integers(1, 8).flatmap(lambda units: st.binary(min_size=8 * units, max_size=8 * units)),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(FRAGMENTS | FRAGMENTS.map(lambda one: replace(one, more=False, payload=one.payload[:5])), max_size=40))
def test_arbitrary_fragments_are_put_together_or_a_decode_error_and_leak_nothing(pieces: list[Fragment]) -> None:
    reassembler = Reassembler(max_packets=4)
    for piece in pieces:
        with suppress(DecodeError):
            reassembler.add(frame(piece.payload), piece)
        assert len(reassembler) <= 4
        assert reassembler.bytes >= 0
    reassembler.add(frame(b""), Fragment(10**18, b"1234", b"1234", 17, 9, 8, True, bytes(8)))
    assert (len(reassembler), reassembler.bytes) == (1, bytes_of_one())


def bytes_of_one() -> int:
    fresh = Reassembler()
    fresh.add(frame(b""), Fragment(10**18, b"1234", b"1234", 17, 9, 8, True, bytes(8)))
    return fresh.bytes

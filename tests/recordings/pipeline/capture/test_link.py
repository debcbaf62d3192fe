from contextlib import suppress
from dataclasses import replace
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Datagram, DecodeError, Fragment, Segment
from recordings.pipeline.capture.link import decode, is_known_link
from recordings.pipeline.capture.write import ethernet_frame, ip_packet, udp_frame
from tests.samples import packets
from tests.samples.packets import ALICE, ALICE6, BOB, BOB6, INNER, INNER6, MESSAGE, PACKET, PACKET6, TIME, frame

DATAGRAM = Datagram(TIME, ALICE, BOB, MESSAGE)
DATAGRAM6 = Datagram(TIME, ALICE6, BOB6, MESSAGE)
MACS = INNER[:12]
SLL = pack(">HHH8s", 0, 1, 6, bytes(8))
SLL2_REST = bytes(18)
MPLS_LAST, MPLS_MORE = pack(">I", 17 << 12 | 0x100 | 64), pack(">I", 16 << 12 | 64)
OPTION_PACKET = b"\x46\0" + pack(">H", len(PACKET) + 4) + PACKET[4:20] + b"\1\1\1\0" + PACKET[20:]
HEAD6, UDP6 = PACKET6[:40], PACKET6[40:]


def ipv6(next_header: int, body: bytes) -> bytes:
    return HEAD6[:4] + pack(">HBB", len(body), next_header, 64) + HEAD6[8:] + body


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (1, INNER),
        (1, INNER + b"\0" * 12),
        (1, MACS + b"\x00\x40\xaa\xaa\x03\0\0\0\x08\x00" + PACKET),
        (1, MACS + b"\x88\x47" + MPLS_MORE + MPLS_LAST + PACKET),
        (1, MACS + b"\x08\x00" + OPTION_PACKET),
        (0, b"\2\0\0\0" + PACKET),
        (0, b"\0\0\0\2" + PACKET),
        (108, b"\0\0\0\2" + PACKET),
        (9, b"\xff\x03\x00\x21" + PACKET),
        (9, b"\x00\x21" + PACKET),
        (9, b"\x21" + PACKET),
        (50, b"\xff\x03\x00\x21" + PACKET),
        (104, b"\x0f\0\x08\0" + PACKET),
        (12, PACKET),
        (14, PACKET),
        (101, PACKET),
        (228, PACKET),
        (113, SLL + b"\x08\x00" + PACKET),
        (276, b"\x08\x00" + SLL2_REST + PACKET),
    ],
)
def test_an_ipv4_datagram_is_found_on_every_link(link: int, data: bytes) -> None:
    assert decode(frame(data, link=link)) == DATAGRAM


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (1, INNER6),
        (0, b"\x1e\0\0\0" + PACKET6),
        (0, b"\x18\0\0\0" + PACKET6),
        (0, b"\0\0\0\x1c" + PACKET6),
        (108, b"\0\0\0\x0a" + PACKET6),
        (9, b"\xff\x03\x00\x57" + PACKET6),
        (101, PACKET6),
        (229, PACKET6),
        (113, SLL + b"\x86\xdd" + PACKET6),
        (276, b"\x86\xdd" + SLL2_REST + PACKET6),
        (101, ipv6(0, b"\x11\0" + bytes(6) + UDP6)),
        (101, ipv6(0, b"\x3c\1" + bytes(14) + b"\x11\0" + bytes(6) + UDP6)),
        (101, ipv6(43, b"\x11\0" + bytes(6) + UDP6)),
        (101, ipv6(51, b"\x11\4" + bytes(22) + UDP6)),
        (101, ipv6(44, b"\x11\0\0\0" + bytes(4) + UDP6)),
    ],
)
def test_an_ipv6_datagram_is_found_on_every_link_and_behind_extension_headers(link: int, data: bytes) -> None:
    assert decode(frame(data, link=link)) == DATAGRAM6


@pytest.mark.parametrize(
    ("tags", "vlan"),
    [
        (b"\x81\0\x20\x64", (100,)),
        (b"\x88\xa8\0\xc8\x81\0\0\x64", (200, 100)),
        (b"\x91\0\0\xc8\x91\0\0\x64\x81\0\0\0", (200, 100, 0)),
    ],
)
def test_vlan_tags_are_told_from_the_outside_in(tags: bytes, vlan: tuple[int, ...]) -> None:
    assert decode(frame(MACS + tags + INNER[12:])) == replace(DATAGRAM, vlan=vlan)


def test_a_pppoe_session_is_told_as_encapsulation() -> None:
    data = MACS + b"\x88\x64\x11\0\0\1" + pack(">H", len(PACKET) + 2) + b"\0\x21" + PACKET + b"padding"
    assert decode(frame(data)) == replace(DATAGRAM, encapsulation="pppoe")


@pytest.mark.parametrize("control", [b"", bytes(4)])
def test_an_mpls_pseudo_wire_is_told_as_encapsulation(control: bytes) -> None:
    data = MACS + b"\x88\x47" + MPLS_LAST + control + b"\x9a" * 12 + INNER[12:]
    assert decode(frame(data)) == replace(DATAGRAM, encapsulation="mpls")


@pytest.mark.parametrize(("source", "destination"), [(ALICE, BOB), (ALICE6, BOB6)])
def test_a_tcp_segment_has_its_numbers_and_no_padding(source: str, destination: str) -> None:
    packet = packets.tcp_packet(source, destination, 4_000_000_000, 0x18, MESSAGE)
    wanted = Segment(TIME, source, destination, 4_000_000_000, 7, 0x18, MESSAGE)
    assert decode(frame(ethernet_frame(packet) + bytes(6))) == wanted


def test_what_the_snapshot_length_cut_off_is_counted() -> None:
    assert decode(frame(INNER, cut=10)) == replace(DATAGRAM, payload=MESSAGE[:-10], missing=10)
    assert decode(frame(INNER + bytes(6), cut=6)) == DATAGRAM


def test_a_datagram_shorter_than_its_packet_ends_where_it_says() -> None:
    packet = ip_packet(PACKET[12:16], PACKET[16:20], 17, PACKET[20:] + b"trailer")
    assert decode(frame(packet, link=101)) == DATAGRAM


def test_a_total_length_of_zero_is_a_packet_to_the_end_of_the_frame() -> None:
    assert decode(frame(PACKET[:2] + b"\0\0" + PACKET[4:], link=101)) == DATAGRAM


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (1, MACS + b"\x08\x06" + bytes(28)),
        (1, MACS + b"\x00\x26\x42\x42\x03" + bytes(35)),
        (1, MACS + b"\x88\x63" + bytes(30)),
        (1, ethernet_frame(ip_packet(bytes(4), bytes(4), 1, bytes(20)))),
        (1, ethernet_frame(ip_packet(bytes(16), bytes(16), 58, bytes(20)))),
        (9, b"\xff\x03\xc0\x21" + bytes(20)),
        (0, b"\7\0\0\0" + bytes(20)),
        (105, bytes(100)),
    ],
)
def test_what_cannot_belong_to_a_call_is_nothing(link: int, data: bytes) -> None:
    assert decode(frame(data, link=link)) is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (INNER[:10], "Ethernet header needs 14 bytes, the frame has 10"),
        (INNER[:20], "IPv4 header needs 20 bytes, the frame has 6"),
        (INNER[:-1], "IPv4 packet says 67 bytes, the frame has 66"),
        (INNER[:14] + b"\x55" + INNER[15:], "IPv4 header begins with 0x55"),
        (INNER[:14] + b"\x44" + INNER[15:], "IPv4 header begins with 0x44"),
        (INNER[:16] + b"\0\x13" + INNER[18:], "IPv4 packet of 19 bytes has a header of 20"),
        (INNER[:38] + b"\0\x07" + INNER[40:], "UDP datagram says 7 bytes"),
        (INNER[:38] + b"\x01\0" + INNER[40:], "UDP datagram says 256 bytes, the frame has 47"),
        (INNER6[:-1], "IPv6 packet says 47 bytes, the frame has 46"),
        (MACS + b"\x81\0\0\1" * 17 + b"\x08\0", "more than 16 VLAN tags in one frame"),
        (MACS + b"\x88\x47" + MPLS_MORE * 17, "more than 16 MPLS labels"),
        (
            MACS + b"\x86\xdd" + ipv6(0, b"\0\0" + bytes(6)) + bytes(0),
            "IPv6 extension header needs 8 bytes, the frame has 0",
        ),
        (
            MACS + b"\x86\xdd" + ipv6(0, b"\x2c\0" + bytes(6) + b"\x2c\0\0\0\0\0\0\0" * 70),
            "more than 64 layers in one frame",
        ),
        (ethernet_frame(ip_packet(bytes(4), bytes(4), 6, bytes(20))), "TCP header says 0 bytes"),
    ],
)
def test_what_breaks_a_protocol_is_a_decode_error(data: bytes, sentence: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(frame(data))
    assert str(caught.value) == sentence


LINKS = [link for link in range(300) if is_known_link(link)]


@settings(deadline=None, max_examples=400)
@given(st.sampled_from([*LINKS, 147]), st.binary(max_size=120), st.integers(0, 40))
def test_arbitrary_bytes_are_decoded_or_a_decode_error(link: int, data: bytes, missing: int) -> None:
    with suppress(DecodeError):
        decoded = decode(replace(frame(data, link=link), length=len(data) + missing))
        assert isinstance(decoded, Datagram | Segment | Fragment | None)


@settings(deadline=None, max_examples=300)
@given(
    st.data(),
    st.sampled_from(
        [
            INNER,
            INNER6,
            udp_frame(ALICE, BOB, MESSAGE, (1, 2)),
            MACS + b"\x86\xdd" + ipv6(0, b"\x2c\0" + bytes(6) + b"\x11\0\0\1" + UDP6),
        ]
    ),
)
def test_a_damaged_frame_is_decoded_or_a_decode_error(choices: st.DataObject, valid: bytes) -> None:
    data = bytearray(valid)
    for _ in range(choices.draw(st.integers(1, 5))):
        data[choices.draw(st.integers(12, len(data) - 1))] = choices.draw(st.integers(0, 255))
    with suppress(DecodeError):
        decoded = decode(frame(bytes(data)))
        assert decoded is None or len(decoded.payload) <= len(data)

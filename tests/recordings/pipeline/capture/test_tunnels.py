import zlib
from contextlib import suppress
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.pipeline.capture.frames import Datagram, DecodeError, Fragment, Frame, Segment
from recordings.pipeline.capture.link import decode
from recordings.pipeline.capture.write import ethernet_frame, ip_packet
from tests.samples.packets import (
    ALICE,
    ALICE6,
    BOB,
    BOB6,
    INNER,
    MESSAGE,
    PACKET,
    PACKET6,
    TIME,
    TUNNEL_FROM,
    TUNNEL_TO,
    erspan3,
    frame,
    hep,
    hep3,
    over_ip,
    over_udp,
)

GTP = pack(">BBHI", 0x30, 255, len(PACKET), 0x1234) + PACKET
GTP_EXTENDED = pack(">BBHI", 0x36, 255, len(PACKET) + 12, 1) + b"\0\1\0\x85" + b"\1\0\0\x85\1\0\0\0" + PACKET
L2TP_LENGTH = b"\x40\2" + pack(">HHH", 12 + len(PACKET), 1, 2) + b"\xff\x03\0\x21" + PACKET
WRAPPED = {
    "gre": ("gre", over_ip(47, b"\0\0\x08\0" + PACKET)),
    "gre with all fields": ("gre", over_ip(47, b"\xb0\0\x08\0" + bytes(12) + PACKET)),
    "gre with routes": ("gre", over_ip(47, b"\x40\0\x08\0" + bytes(4) + b"\x08\0\0\4abcd" + bytes(4) + PACKET)),
    "gre with Ethernet": ("gre", over_ip(47, b"\0\0\x65\x58" + INNER)),
    "nvgre": ("gre", over_ip(47, b"\x20\0\x65\x58\0\0\7\0" + INNER)),
    "pptp": ("gre", over_ip(47, b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\x03\0\x21" + PACKET)),
    "erspan I": ("erspan", over_ip(47, b"\0\0\x88\xbe" + INNER)),
    "erspan II": ("erspan", over_ip(47, b"\x10\0\x88\xbe\0\0\0\1" + pack(">HHI", 0x1064, 5, 0) + INNER)),
    "erspan III": ("erspan", over_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + erspan3(INNER))),
    "erspan III with subheader": ("erspan", over_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + erspan3(INNER, flags=1))),
    "erspan III with IP": ("erspan", over_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + erspan3(PACKET, flags=2 << 10))),
    "ipip": ("ipip", over_ip(4, PACKET)),
    "4in6": ("4in6", ethernet_frame(ip_packet(bytes(16), bytes(16), 4, PACKET))),
    "etherip": ("etherip", over_ip(97, b"\x30\0" + INNER)),
    "mpls in IP": ("mpls", over_ip(137, pack(">I", 0x140) + PACKET)),
    "vxlan": ("vxlan", over_udp(4789, b"\x08\0\0\0\0\0\x2a\0" + INNER)),
    "vxlan on Linux's old port": ("vxlan", over_udp(8472, b"\x08\0\0\0\0\0\x2a\0" + INNER)),
    "vxlan with policy": ("vxlan", over_udp(4789, b"\x88\0\0\7\0\0\x2a\0" + INNER)),
    "vxlan-gpe": ("vxlan", over_udp(4790, b"\x0c\0\0\1\0\0\x2a\0" + PACKET)),
    "geneve": ("geneve", over_udp(6081, b"\0\0\x65\x58\0\0\x2a\0" + INNER)),
    "geneve with options": ("geneve", over_udp(6081, b"\2\0\x08\0\0\0\x2a\0" + bytes(8) + PACKET)),
    "tzsp": ("tzsp", over_udp(37008, b"\1\0\0\1\0\x28\2ab\1" + INNER)),
    "gtpu": ("gtpu", over_udp(2152, GTP)),
    "gtpu with extensions": ("gtpu", over_udp(2152, GTP_EXTENDED)),
    "l2tp": ("l2tp", over_udp(1701, b"\0\2\0\1\0\2\0\x21" + PACKET)),
    "l2tp with length": ("l2tp", over_udp(1701, L2TP_LENGTH)),
    "l2tp with numbers and offset": ("l2tp", over_udp(1701, b"\x0a\2" + bytes(8) + b"\0\3abc\0\x21" + PACKET)),
    "hep 1": ("hep", over_udp(9060, hep(1, MESSAGE))),
    "hep 2": ("hep", over_udp(9060, hep(2, MESSAGE))),
    "hep 3": ("hep", over_udp(9060, hep3(MESSAGE))),
    "hep 3 on another port": ("hep", over_udp(9063, hep3(MESSAGE))),
    "hep 3 compressed": ("hep", over_udp(9060, hep3(zlib.compress(MESSAGE), kind=16))),
    "vxlan in gre": ("gre/vxlan", over_ip(47, b"\0\0\x08\0" + over_udp(4789, b"\x08" + bytes(7) + INNER)[14:])),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_datagram_is_found_in_every_tunnel(name: str) -> None:
    encapsulation, data = WRAPPED[name]
    assert decode(frame(data)) == Datagram(TIME, ALICE, BOB, MESSAGE, (), encapsulation)


@pytest.mark.parametrize(
    ("encapsulation", "data"),
    [
        ("6in4", over_ip(41, PACKET6)),
        ("6in6", ethernet_frame(ip_packet(bytes(16), bytes(16), 41, PACKET6))),
        ("gre", over_ip(47, b"\0\0\x86\xdd" + PACKET6)),
    ],
)
def test_ipv6_is_found_in_tunnels(encapsulation: str, data: bytes) -> None:
    assert decode(frame(data)) == Datagram(TIME, ALICE6, BOB6, MESSAGE, (), encapsulation)


def test_tags_outside_and_inside_a_tunnel_are_told_in_order() -> None:
    inside = INNER[:12] + b"\x81\0\0\x64" + INNER[12:]
    outside = over_udp(4789, b"\x08" + bytes(7) + inside)
    data = outside[:12] + b"\x81\0\0\7" + outside[12:]
    assert decode(frame(data)) == Datagram(TIME, ALICE, BOB, MESSAGE, (7, 100), "vxlan")


@pytest.mark.parametrize("port", [4789, 8472, 4790, 6081, 37008, 2152, 1701, 9060])
@pytest.mark.parametrize(
    "payload",
    [
        b"\x80\0" + bytes(170),
        b"\x90\x60" + bytes(60),
        b"\x80\xc8\0\6" + bytes(24),
        MESSAGE,
        b"PRACK sip:a@b SIP/2.0\r\n\r\n",
        b"\0\1\0\x08\x21\x12\xa4\x42" + bytes(20),
        b"\1\1\0\x0c\x21\x12\xa4\x42" + bytes(24),
        b"\x16\xfe\xfd" + bytes(40),
        b"\r\n\r\n",
        b"",
    ],
)
def test_media_and_signalling_on_the_port_of_a_tunnel_are_no_tunnel(port: int, payload: bytes) -> None:
    wanted = Datagram(TIME, "198.51.100.1:50000", f"198.51.100.2:{port}", payload)
    assert decode(frame(over_udp(port, payload))) == wanted


def test_a_gtp_message_that_carries_nothing_stays_a_datagram() -> None:
    echo = b"\x32\1\0\4" + bytes(8)
    assert decode(frame(over_udp(2152, echo))) == Datagram(TIME, "198.51.100.1:50000", "198.51.100.2:2152", echo)


@pytest.mark.parametrize("name", sorted(set(WRAPPED) - {"hep 3 compressed"}))
def test_what_the_snapshot_length_cut_off_a_tunnelled_packet_is_counted(name: str) -> None:
    encapsulation, data = WRAPPED[name]
    assert decode(frame(data, cut=3)) == Datagram(TIME, ALICE, BOB, MESSAGE[:-3], (), encapsulation, 3)


def nested(depth: int) -> Frame:
    packet = PACKET
    for _ in range(depth):
        packet = ip_packet(TUNNEL_FROM, TUNNEL_TO, 4, packet)
    return frame(packet, link=101)


def test_eight_tunnels_are_followed_and_no_more() -> None:
    assert decode(nested(8)) == Datagram(TIME, ALICE, BOB, MESSAGE, (), "/".join(["ipip"] * 8))
    with pytest.raises(DecodeError, match="more than 8 tunnels in one frame"):
        decode(nested(9))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (over_ip(47, b"\x40\0\x08\0" + bytes(4) + b"\0\1\0\0" * 65), "more than 64 GRE routes"),
        (over_ip(47, b"\x10\0\x88\xbe" + bytes(4) + b"\x70" + bytes(20)), "ERSPAN version 7 is not known"),
        (over_ip(97, b"\x20\0" + INNER), "EtherIP version 2 is not known"),
        (over_udp(37008, b"\1\0\0\1" + bytes(65)), "more than 64 TZSP tags"),
        (
            over_udp(2152, pack(">BBHI", 0x34, 255, 8, 1) + b"\0\0\0\x85" + bytes(4)),
            "a GTP extension header has no length",
        ),
        (over_udp(9060, b"HEP3\0\x0c\0\0\0\1\0\5"), "a HEP chunk says 5 bytes"),
        (over_udp(9060, b"HEP3\0\x0c\0\0\0\1\0\6"), "a HEP packet does not name both addresses"),
    ],
)
def test_a_broken_tunnel_is_a_decode_error(data: bytes, sentence: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(frame(data))
    assert str(caught.value) == sentence


def test_a_compressed_payload_is_bounded() -> None:
    decoded = decode(frame(over_udp(9060, hep3(zlib.compress(bytes(10_000_000)), kind=16))))
    assert decoded is not None
    assert len(decoded.payload) == 65535


@settings(deadline=None, max_examples=400)
@given(st.data(), st.sampled_from(sorted(WRAPPED)))
def test_a_damaged_tunnel_is_decoded_or_a_decode_error(choices: st.DataObject, name: str) -> None:
    data = bytearray(WRAPPED[name][1])
    for _ in range(choices.draw(st.integers(1, 4))):
        data[choices.draw(st.integers(12, len(data) - 1))] = choices.draw(st.integers(0, 255))
    damaged = frame(bytes(data), cut=choices.draw(st.integers(0, 60)))
    with suppress(DecodeError):
        assert isinstance(decode(damaged), Datagram | Segment | Fragment | None)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from([4789, 4790, 6081, 37008, 2152, 1701, 9060]), st.binary(max_size=100))
def test_arbitrary_bytes_to_the_port_of_a_tunnel_are_decoded_or_a_decode_error(port: int, payload: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(decode(frame(over_udp(port, payload))), Datagram | Segment | Fragment | None)

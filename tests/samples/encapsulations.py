"""One RTP packet in each wrapping that mirror ports and tunnels deliver; FAST: those known block by block."""

from ipaddress import ip_address
from struct import pack

from recordings.pipeline.capture.write import ethernet_frame, ip_packet, udp_frame
from tests.samples.flows import rtp
from tests.samples.packets import erspan3, hep, hep3, over_ip, over_udp

SPEAKER, LISTENER = "192.0.2.1:4000", "192.0.2.2:6000"
SPEAKER6, LISTENER6 = "[2001:db8::1]:4000", "[2001:db8::2]:6000"
_MACS = bytes(12)
_SIX = ip_address("2001:db8:f::1").packed, ip_address("2001:db8:f::2").packed


def wrapped(payload: bytes) -> dict[str, tuple[str, bytes]]:
    """Name → (what the stream's header must say, the frame), around a datagram with this payload."""
    inner, inner6 = udp_frame(SPEAKER, LISTENER, payload), udp_frame(SPEAKER6, LISTENER6, payload)
    packet, packet6 = inner[14:], inner6[14:]
    tagged = inner[:12] + b"\x81\0\0\x64" + inner[12:]
    gtp = pack(">BBHI", 0x30, 255, len(packet), 7) + packet
    gtp5 = pack(">BBHI", 0x34, 255, len(packet) + 8, 7) + b"\0\0\0\x85" + b"\1\0\1\0" + packet
    seen = ethernet_frame(packet)
    return {
        "802.1Q": ("", tagged),
        "QinQ": ("", _MACS + b"\x88\xa8\0\xc8" + tagged[12:]),
        "QinQ 0x9100": ("", _MACS + b"\x91\0\0\xc8" + tagged[12:]),
        "three tags": ("", _MACS + b"\x88\xa8\0\xc8\x88\xa8\0\xc9" + tagged[12:]),
        "MPLS": ("", _MACS + b"\x88\x47" + pack(">II", 16 << 12, 17 << 12 | 0x1FF) + packet),
        "MPLS IPv6": ("", _MACS + b"\x88\x47" + pack(">I", 17 << 12 | 0x1FF) + packet6),
        "MPLS pseudowire": ("mpls", _MACS + b"\x88\x47" + pack(">II", 17 << 12 | 0x1FF, 0) + seen),
        "PPPoE": ("pppoe", _MACS + b"\x88\x64\x11\0\0\1" + pack(">HH", 2 + len(packet), 0x21) + packet),
        "PPPoE IPv6": ("pppoe", _MACS + b"\x88\x64\x11\0\0\1" + pack(">HH", 2 + len(packet6), 0x57) + packet6),
        "GRE": ("gre", over_ip(47, b"\0\0\x08\0" + packet)),
        "GRE with all fields": ("gre", over_ip(47, b"\xb0\0\x08\0" + bytes(12) + packet)),
        "GRE with IPv6": ("gre", over_ip(47, b"\0\0\x86\xdd" + packet6)),
        "GRE over IPv6": ("gre", ethernet_frame(ip_packet(*_SIX, 47, b"\0\0\x08\0" + packet))),
        "GRE with a tagged frame": ("gre", over_ip(47, b"\0\0\x65\x58" + tagged)),
        "NVGRE": ("gre", over_ip(47, b"\x20\0\x65\x58\0\0\7\0" + inner)),
        "PPTP": ("gre", over_ip(47, b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\x03\0\x21" + packet)),
        "ERSPAN I": ("erspan", over_ip(47, b"\0\0\x88\xbe" + inner)),
        "ERSPAN II": ("erspan", over_ip(47, b"\x10\0\x88\xbe\0\0\0\1" + pack(">HHI", 0x1064, 5, 0) + inner)),
        "ERSPAN III": ("erspan", over_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + erspan3(inner))),
        "ERSPAN III with subheader": ("erspan", over_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + erspan3(inner, flags=1))),
        "ERSPAN III with IP": ("erspan", over_ip(47, b"\x10\0\x22\xeb\0\0\0\1" + erspan3(packet, flags=2 << 10))),
        "IP in IP": ("ipip", over_ip(4, packet)),
        "IPv6 in IPv4": ("6in4", over_ip(41, packet6)),
        "IPv4 in IPv6": ("4in6", ethernet_frame(ip_packet(*_SIX, 4, packet))),
        "VXLAN": ("vxlan", over_udp(4789, b"\x08\0\0\0\0\0\x2a\0" + inner)),
        "VXLAN 8472": ("vxlan", over_udp(8472, b"\x08\0\0\0\0\0\x2a\0" + inner)),
        "VXLAN-GPE": ("vxlan", over_udp(4790, b"\x0c\0\0\1\0\0\x2a\0" + packet)),
        "Geneve": ("geneve", over_udp(6081, b"\2\0\x65\x58\0\0\x2a\0" + bytes(8) + inner)),
        "TZSP": ("tzsp", over_udp(37008, b"\1\0\0\1\1" + inner)),
        "GTP-U": ("gtpu", over_udp(2152, gtp)),
        "GTP-U of 5G": ("gtpu", over_udp(2152, gtp5)),
        "L2TP": ("l2tp", over_udp(1701, b"\0\2\0\1\0\2\0\x21" + packet)),
        "EtherIP": ("etherip", over_ip(97, b"\x30\0" + inner)),
        "VXLAN in GRE": ("gre/vxlan", over_ip(47, b"\0\0\x08\0" + over_udp(4789, b"\x08" + bytes(7) + inner)[14:])),
        "ERSPAN of VXLAN": (
            "erspan/vxlan",
            over_ip(47, b"\0\0\x88\xbe" + over_udp(4789, b"\x08" + bytes(7) + tagged)),
        ),
        "HEP 2": ("hep", over_udp(9060, hep(2, payload))),
        "HEP 3": ("hep", over_udp(9060, hep3(payload))),
    }


TAGS = {
    "802.1Q": (100,), "QinQ": (200, 100), "QinQ 0x9100": (200, 100), "three tags": (200, 201, 100),
    "GRE with a tagged frame": (100,), "ERSPAN of VXLAN": (100,),
}  # fmt: skip
ONE_BY_ONE = {"PPTP", "ERSPAN III with IP", "VXLAN-GPE", "TZSP", "L2TP", "EtherIP", "HEP 2", "HEP 3"}
WRAPPED = wrapped(rtp(7, payload=b"speech" * 20))
FAST = set(WRAPPED) - ONE_BY_ONE

"""Link layers and what lies between them and IP: Ethernet, VLAN tags, MPLS, PPPoE, PPP, Linux cooked, BSD loopback."""

from struct import Struct

from recordings.pipeline.capture.frames import DecodeError
from recordings.pipeline.capture.walk import Layer, Peel, Step, Walk, need

ETHERTYPES: dict[int, Layer] = {
    0x0800: "ipv4",
    0x86DD: "ipv6",
    0x8100: "vlan",
    0x88A8: "vlan",
    0x9100: "vlan",
    0x8847: "mpls",
    0x8848: "mpls",
    0x8864: "pppoe",
    0x880B: "ppp",
    0x6558: "ethernet",
}
_PPP_PROTOCOLS: dict[int, Layer] = {0x21: "ipv4", 0x57: "ipv6", 0x281: "mpls", 0x283: "mpls"}
_IP_VERSIONS: dict[int, Layer] = {4: "ipv4", 6: "ipv6"}
_ADDRESS_FAMILIES: dict[int, Layer] = {2: "ipv4", 10: "ipv6", 24: "ipv6", 28: "ipv6", 30: "ipv6"}
_TWO_SHORTS = Struct(">HH")
_MAX_LABELS = 16


def ethertype(kind: int, rest: bytes) -> Step:
    """The step that an EtherType names; None for what cannot hold a call (ARP, LLDP, …)."""
    layer = ETHERTYPES.get(kind)
    return None if layer is None else (layer, rest)


def _ethernet(_walk: Walk, data: bytes) -> Step:
    need(data, 14, "Ethernet")
    kind = data[12] << 8 | data[13]
    if kind > 1500:
        return ethertype(kind, data[14:])
    if data[14:20] == b"\xaa\xaa\x03\x00\x00\x00":  # 802.3 length, LLC, SNAP with an EtherType (RFC 1042)
        need(data, 22, "SNAP")
        return ethertype(data[20] << 8 | data[21], data[22:])
    return None


def _vlan(walk: Walk, data: bytes) -> Step:
    need(data, 4, "VLAN")
    tag, kind = _TWO_SHORTS.unpack_from(data)
    walk.tag(tag & 0xFFF)
    return ethertype(kind, data[4:])


def _mpls(walk: Walk, data: bytes) -> Step:
    for position in range(0, 4 * _MAX_LABELS, 4):
        need(data, position + 5, "MPLS")
        if data[position + 2] & 1:
            return _below_labels(walk, data[position + 4 :])
    raise DecodeError(f"more than {_MAX_LABELS} MPLS labels")


def _below_labels(walk: Walk, rest: bytes) -> Step:
    """MPLS does not say what it carries: IP shows by its version, a control word by its 0 (RFC 4385), else Ethernet."""
    layer = _IP_VERSIONS.get(rest[0] >> 4)
    if layer is not None:
        return layer, rest
    walk.enter("mpls")
    return "ethernet", rest[4:] if rest[0] >> 4 == 0 else rest


def _pppoe(walk: Walk, data: bytes) -> Step:
    need(data, 6, "PPPoE")
    if data[0] != 0x11 or data[1] != 0:  # version 1, type 1, session data (RFC 2516, 4)
        return None
    walk.enter("pppoe")
    return "ppp", walk.take(data[6:], data[4] << 8 | data[5], "PPPoE")


def _ppp(_walk: Walk, data: bytes) -> Step:
    rest = data[2:] if data[:2] == b"\xff\x03" else data
    need(rest, 2, "PPP")
    if rest[0] & 1:  # protocol field compression (RFC 1661, 6.5)
        kind, rest = rest[0], rest[1:]
    else:
        kind, rest = rest[0] << 8 | rest[1], rest[2:]
    layer = _PPP_PROTOCOLS.get(kind)
    return None if layer is None else (layer, rest)


def _chdlc(_walk: Walk, data: bytes) -> Step:
    need(data, 4, "Cisco HDLC")
    return ethertype(data[2] << 8 | data[3], data[4:])


def _null(_walk: Walk, data: bytes) -> Step:
    """BSD loopback: the address family in the byte order of the machine that captured (families are below 256)."""
    need(data, 4, "loopback")
    family = data[0] | data[3] if data[1:3] == b"\0\0" else -1
    layer = _ADDRESS_FAMILIES.get(family)
    return None if layer is None else (layer, data[4:])


def _sll(_walk: Walk, data: bytes) -> Step:
    need(data, 16, "Linux cooked")
    return ethertype(data[14] << 8 | data[15], data[16:])


def _sll2(_walk: Walk, data: bytes) -> Step:
    need(data, 20, "Linux cooked v2")
    return ethertype(data[0] << 8 | data[1], data[20:])


def _ip(_walk: Walk, data: bytes) -> Step:
    need(data, 1, "IP")
    layer = _IP_VERSIONS.get(data[0] >> 4)
    if layer is None:
        raise DecodeError(f"IP version {data[0] >> 4} does not exist")
    return layer, data


PEELS: dict[Layer, Peel] = {
    "ethernet": _ethernet,
    "vlan": _vlan,
    "mpls": _mpls,
    "pppoe": _pppoe,
    "ppp": _ppp,
    "chdlc": _chdlc,
    "null": _null,
    "loop": _null,
    "sll": _sll,
    "sll2": _sll2,
    "ip": _ip,
}

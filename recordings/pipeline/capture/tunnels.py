"""Tunnels over IP and UDP. A UDP tunnel is known by port and by a header that RTP, SIP, STUN or T.38 cannot have."""

from collections.abc import Callable

from recordings.pipeline.capture.frames import DecodeError
from recordings.pipeline.capture.hep import hep
from recordings.pipeline.capture.layers import ethertype
from recordings.pipeline.capture.walk import Layer, Peel, Step, Walk, need

_CHECKSUM, _ROUTING, _KEY, _SEQUENCE, _ACKNOWLEDGEMENT = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
_ERSPAN, _ERSPAN_III = 0x88BE, 0x22EB
_ETHERNET, _IPV4, _IPV6 = 0x6558, 0x0800, 0x86DD
_MAX_ITEMS = 64  # extension headers, tags, routes within one header


def _gre(walk: Walk, data: bytes) -> Step:
    """RFC 2784, 2890, 1701 (routing), 2637 (PPTP, version 1)."""
    need(data, 4, "GRE")
    flags, kind = data[0] << 8 | data[1], data[2] << 8 | data[3]
    position = 4 + 4 * bool(flags & (_CHECKSUM | _ROUTING)) + 4 * bool(flags & _KEY)
    position += 4 * bool(flags & _SEQUENCE)
    if flags & 7 == 1:
        position += 4 * bool(flags & _ACKNOWLEDGEMENT)
    if flags & _ROUTING:
        position = _skip_routes(data, position)
    need(data, position, "GRE")
    rest = data[position:]
    if kind == _ERSPAN:
        return _erspan(walk, rest) if flags & _SEQUENCE else _mirrored(walk, rest)
    if kind == _ERSPAN_III:
        return _erspan(walk, rest)
    walk.enter("gre")
    return ethertype(kind, rest)


def _skip_routes(data: bytes, position: int) -> int:
    for _ in range(_MAX_ITEMS):
        need(data, position + 4, "GRE routing")
        family, length = data[position] << 8 | data[position + 1], data[position + 3]
        position += 4 + length
        if family == 0 and length == 0:
            return position
    raise DecodeError(f"more than {_MAX_ITEMS} GRE routes")


def _mirrored(walk: Walk, frame: bytes) -> Step:
    walk.enter("erspan")
    return "ethernet", frame


def _erspan(walk: Walk, data: bytes) -> Step:
    """Types II (version 1) and III (version 2) of draft-foschiano-erspan; type I has no header of its own."""
    need(data, 8, "ERSPAN")
    version = data[0] >> 4
    if version == 1:
        return _mirrored(walk, data[8:])
    if version != 2:
        raise DecodeError(f"ERSPAN version {version} is not known")
    need(data, 12, "ERSPAN")
    size = 12 + 8 * (data[11] & 1)
    need(data, size, "ERSPAN")
    if data[10] >> 2 & 31 == 2:  # frame type: an IP packet without Ethernet
        walk.enter("erspan")
        return "ip", data[size:]
    return _mirrored(walk, data[size:])


def _etherip(walk: Walk, data: bytes) -> Step:
    need(data, 2, "EtherIP")
    if data[0] >> 4 != 3:
        raise DecodeError(f"EtherIP version {data[0] >> 4} is not known")
    walk.enter("etherip")
    return "ethernet", data[2:]


def _vxlan(walk: Walk, data: bytes) -> Step:
    """RFC 7348; 0x88 with a group policy."""
    if len(data) < 8 or data[0] not in (0x08, 0x88) or data[7] != 0:
        return None
    walk.enter("vxlan")
    return "ethernet", data[8:]


def _vxlan_gpe(walk: Walk, data: bytes) -> Step:
    layers: dict[int, Layer] = {1: "ipv4", 2: "ipv6", 3: "ethernet"}
    if len(data) < 8 or data[0] & 0xFC != 0x0C or data[7] != 0 or data[3] not in layers:
        return None
    walk.enter("vxlan")
    return layers[data[3]], data[8:]


def _geneve(walk: Walk, data: bytes) -> Step:
    """RFC 8926."""
    size = 8 + 4 * (data[0] & 63) if data else 8
    if len(data) < size or data[0] >> 6 or data[7] or (kind := data[2] << 8 | data[3]) not in (_ETHERNET, _IPV4, _IPV6):
        return None
    walk.enter("geneve")
    return ethertype(kind, data[size:])


def _tzsp(walk: Walk, data: bytes) -> Step:
    if len(data) < 5 or data[0] != 1 or data[1] > 1 or data[2:4] != b"\0\1":  # version 1, a packet, Ethernet
        return None
    position = 4
    for _ in range(_MAX_ITEMS):
        need(data, position + 1, "TZSP")
        tag = data[position]
        if tag == 1:
            walk.enter("tzsp")
            return "ethernet", data[position + 1 :]
        if tag:
            need(data, position + 2, "TZSP")
        position += 2 + data[position + 1] if tag else 1
    raise DecodeError(f"more than {_MAX_ITEMS} TZSP tags")


def _gtpu(walk: Walk, data: bytes) -> Step:
    """3GPP TS 29.281: version 1, a G-PDU of exactly this length, extension headers."""
    if len(data) < 8 or data[0] & 0xF0 != 0x30 or data[1] != 255:
        return None
    if (data[2] << 8 | data[3]) + 8 != len(data) + walk.missing:
        return None
    position = 8
    if data[0] & 7:
        need(data, 12, "GTP")
        position = _skip_gtp_extensions(data) if data[0] & 4 else 12
    walk.enter("gtpu")
    return "ip", data[position:]


def _skip_gtp_extensions(data: bytes) -> int:
    position = 12
    for _ in range(_MAX_ITEMS):
        if data[position - 1] == 0:
            return position
        need(data, position + 1, "GTP extension")
        size = 4 * data[position]
        need(data, position + max(size, 1), "GTP extension")
        if size == 0:
            raise DecodeError("a GTP extension header has no length")
        position += size
    raise DecodeError(f"more than {_MAX_ITEMS} GTP extension headers")


def _l2tp(walk: Walk, data: bytes) -> Step:
    """RFC 2661, 3.1: a data message (T=0) of version 2, reserved bits 0."""
    if len(data) < 6 or data[0] & 0xB4 or data[1] != 2:
        return None
    position = 2
    if data[0] & 0x40:
        if data[2] << 8 | data[3] != len(data) + walk.missing:
            return None
        position += 2
    position += 4 + 4 * bool(data[0] & 0x08)
    if data[0] & 0x02:
        need(data, position + 2, "L2TP")
        position += 2 + (data[position] << 8 | data[position + 1])
    need(data, position, "L2TP")
    walk.enter("l2tp")
    return "ppp", data[position:]


_PORTS: dict[int, Callable[[Walk, bytes], Step]] = {
    4789: _vxlan,
    8472: _vxlan,
    4790: _vxlan_gpe,
    6081: _geneve,
    37008: _tzsp,
    2152: _gtpu,
    1701: _l2tp,
    9060: hep,
}
UDP_PORTS = tuple(_PORTS)


def udp_tunnel(walk: Walk, source: int, destination: int, payload: bytes) -> Step:
    """The step into the tunnel that a datagram is, or None where it is none."""
    peel = _PORTS.get(destination) or _PORTS.get(source)
    if peel is None:
        if payload[:4] != b"HEP3":
            return None
        peel = hep
    return peel(walk, payload)


PEELS: dict[Layer, Peel] = {"gre": _gre, "etherip": _etherip}

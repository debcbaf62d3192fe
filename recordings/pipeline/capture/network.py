"""IPv4, IPv6 and what they carry to us: UDP datagrams, TCP segments, fragments, tunnels."""

from struct import Struct

from recordings.pipeline.capture.frames import Datagram, DecodeError, Fragment, Segment, endpoint
from recordings.pipeline.capture.tunnels import udp_tunnel
from recordings.pipeline.capture.walk import Layer, Peel, Step, Walk, need

_IPV4 = Struct(">BxHHHxB2x4s4s")
_IPV6 = Struct(">IHBx16s16s")
_UDP = Struct(">HHH")
_TCP = Struct(">HHIIBB")
_MAX_EXTENSIONS = 16
_EXTENSIONS = {
    0,
    43,
    60,
    135,
    139,
    140,
}  # hop-by-hop, routing, destination, mobility, HIP, shim6: (next, length in 8 bytes)
_FRAGMENT_HEADER = 44
_PROTOCOLS: dict[int, Layer] = {
    6: "tcp",
    17: "udp",
    4: "ipv4",
    41: "ipv6",
    47: "gre",
    51: "ah",
    97: "etherip",
    137: "mpls",
}
_INNER = {(4, 4): "ipip", (4, 16): "4in6", (41, 4): "6in4", (41, 16): "6in6", (137, 4): "mpls", (137, 16): "mpls"}


def carried(walk: Walk, protocol: int, body: bytes) -> Step:
    """The step for what an IP packet carries; `walk` knows its addresses."""
    if len(walk.source) == 16:
        for _ in range(_MAX_EXTENSIONS):
            if protocol not in _EXTENSIONS:
                break
            need(body, 8, "IPv6 extension")
            size = 8 * (body[1] + 1)
            need(body, size, "IPv6 extension")
            protocol, body = body[0], body[size:]
        if protocol == _FRAGMENT_HEADER:
            return _ipv6_fragment(walk, body)
    layer = _PROTOCOLS.get(protocol)
    if layer is None:
        return None
    tunnel = _INNER.get((protocol, len(walk.source)))
    if tunnel is not None:
        walk.enter(tunnel)
    return layer, body


def _ipv4(walk: Walk, data: bytes) -> Step:
    need(data, 20, "IPv4")
    first, total, identification, flags, protocol, source, destination = _IPV4.unpack_from(data)
    header = (first & 15) * 4
    if first >> 4 != 4 or header < 20:
        raise DecodeError(f"IPv4 header begins with {first:#04x}")
    total = total or len(data)  # segmentation offload leaves 0 in packets captured on the sender
    if total < header:
        raise DecodeError(f"IPv4 packet of {total} bytes has a header of {header}")
    need(data, header, "IPv4")
    body = walk.take(data, total, "IPv4 packet")[header:]
    walk.source, walk.destination = source, destination
    if flags & 0x3FFF:
        return _fragment(walk, protocol, identification, (flags & 0x1FFF) * 8, flags & 0x2000 != 0, body)
    return carried(walk, protocol, body)


def _ipv6(walk: Walk, data: bytes) -> Step:
    need(data, 40, "IPv6")
    first, length, protocol, source, destination = _IPV6.unpack_from(data)
    if first >> 28 != 6:
        raise DecodeError(f"IPv6 header begins with version {first >> 28}")
    body = data[40:]
    if length:  # 0: segmentation offload, or a jumbogram, which no call needs
        body = walk.take(body, length, "IPv6 packet")
    walk.source, walk.destination = source, destination
    return carried(walk, protocol, body)


def _ipv6_fragment(walk: Walk, body: bytes) -> Step:
    need(body, 8, "IPv6 fragment")
    field = body[2] << 8 | body[3]
    if field & 0xFFF9:
        return _fragment(walk, body[0], int.from_bytes(body[4:8]), field & 0xFFF8, field & 1 == 1, body[8:])
    return ("unfragmented", body)  # RFC 6946: an atomic fragment is a whole packet


def _fragment(walk: Walk, protocol: int, identification: int, offset: int, more: bool, body: bytes) -> Fragment:
    if walk.missing:
        raise DecodeError("a fragment was cut by the capture's snapshot length")
    if not body or (more and len(body) % 8) or offset + len(body) > 65535:
        raise DecodeError(f"a fragment of {len(body)} bytes at {offset} is not possible")
    return Fragment(
        walk.time_ns,
        walk.source,
        walk.destination,
        protocol,
        identification,
        offset,
        more,
        body,
        walk.vlan,
        walk.encapsulation,
    )


def _ah(walk: Walk, data: bytes) -> Step:
    need(data, 12, "authentication")
    size = 4 * (data[1] + 2)
    need(data, size, "authentication")
    return carried(walk, data[0], data[size:])


def _udp(walk: Walk, data: bytes) -> Step:
    need(data, 8, "UDP")
    source, destination, length = _UDP.unpack_from(data)
    if length < 8:
        raise DecodeError(f"UDP datagram says {length} bytes")
    payload = walk.take(data, length, "UDP datagram")[8:]
    inner = udp_tunnel(walk, source, destination, payload)
    if inner is not None:
        return inner
    return Datagram(
        walk.time_ns,
        endpoint(walk.source, source),
        endpoint(walk.destination, destination),
        payload,
        walk.vlan,
        walk.encapsulation,
        walk.missing,
    )


def _tcp(walk: Walk, data: bytes) -> Segment:
    need(data, 20, "TCP")
    source, destination, sequence, acknowledgement, offset, flags = _TCP.unpack_from(data)
    header = (offset >> 4) * 4
    if header < 20:
        raise DecodeError(f"TCP header says {header} bytes")
    need(data, header, "TCP")
    return Segment(
        walk.time_ns,
        endpoint(walk.source, source),
        endpoint(walk.destination, destination),
        sequence,
        acknowledgement,
        flags,
        data[header:],
        walk.vlan,
        walk.encapsulation,
        walk.missing,
    )


def _unfragmented(walk: Walk, data: bytes) -> Step:
    return carried(walk, data[0], data[8:])


PEELS: dict[Layer, Peel] = {
    "unfragmented": _unfragmented,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "ah": _ah,
    "udp": _udp,
    "tcp": _tcp,
}

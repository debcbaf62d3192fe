"""Frames with a call's packets in them, wrapped as networks and mirror ports wrap them."""

from ipaddress import ip_address
from struct import pack

from recordings.pipeline.capture.frames import Frame, parse_endpoint
from recordings.pipeline.capture.write import ethernet_frame, ip_packet, udp_frame

TIME = 1_700_000_000_123_456_789
ALICE, BOB = "192.0.2.1:5060", "192.0.2.2:5062"
ALICE6, BOB6 = "[2001:db8::1]:5060", "[2001:db8::2]:5062"
MESSAGE = b"OPTIONS sip:bob@example.org SIP/2.0\r\n\r\n"
TUNNEL_FROM, TUNNEL_TO = ip_address("198.51.100.1").packed, ip_address("198.51.100.2").packed

INNER = udp_frame(ALICE, BOB, MESSAGE)
INNER6 = udp_frame(ALICE6, BOB6, MESSAGE)
PACKET, PACKET6 = INNER[14:], INNER6[14:]


def frame(data: bytes, *, link: int = 1, time_ns: int = TIME, cut: int = 0) -> Frame:
    """A captured frame; `cut` bytes of its end are missing."""
    return Frame(time_ns, link, data[: len(data) - cut], len(data))


def over_ip(protocol: int, body: bytes) -> bytes:
    """An Ethernet frame from one end of a tunnel to the other."""
    return ethernet_frame(ip_packet(TUNNEL_FROM, TUNNEL_TO, protocol, body))


def over_udp(port: int, body: bytes) -> bytes:
    """An Ethernet frame with a datagram from one end of a tunnel to `port` of the other."""
    return udp_frame("198.51.100.1:50000", f"198.51.100.2:{port}", body)


def tcp_packet(source: str, destination: str, sequence: int, flags: int, payload: bytes) -> bytes:
    """An IP packet with a TCP segment with one option, checksum 0."""
    (source_ip, source_port), (destination_ip, destination_port) = parse_endpoint(source), parse_endpoint(destination)
    header = pack(">HHIIBBHHH", source_port, destination_port, sequence, 7, 6 << 4, flags, 1000, 0, 0)
    return ip_packet(source_ip, destination_ip, 6, header + b"\2\4\5\xb4" + payload)


def fragments(packet: bytes, size: int, *, identification: int = 77) -> list[bytes]:
    """An IPv4 or IPv6 packet cut into fragments of `size` bytes of content (a multiple of 8)."""
    start = 20 if packet[0] >> 4 == 4 else 40
    body = packet[start:]
    pieces = [(at, body[at : at + size]) for at in range(0, len(body), size)]
    cut = _fragment4 if start == 20 else _fragment6
    return [cut(packet, at, piece, at + len(piece) < len(body), identification) for at, piece in pieces]


def _fragment4(packet: bytes, at: int, piece: bytes, more: bool, identification: int) -> bytes:
    head = packet[:2] + pack(">HHH", 20 + len(piece), identification, more << 13 | at // 8) + packet[8:20]
    return head + piece


def _fragment6(packet: bytes, at: int, piece: bytes, more: bool, identification: int) -> bytes:
    head = packet[:4] + pack(">HBB", 8 + len(piece), 44, 64) + packet[8:40]
    return head + pack(">BBHI", packet[6], 0, at | more, identification) + piece


def erspan3(frame_inside: bytes, *, flags: int = 0) -> bytes:
    """An ERSPAN type III header and what follows."""
    return pack(">HHIHH", 0x2000 | 100, 5, 123, 0, flags) + (bytes(8) if flags & 1 else b"") + frame_inside


def hep3(payload: bytes, *, kind: int = 15, ends: tuple[str, str] = (ALICE, BOB)) -> bytes:
    """A HEP 3 packet between two IPv4 endpoints; chunk 15 is a plain payload, 16 a compressed one."""
    (source, source_port), (destination, destination_port) = (parse_endpoint(end) for end in ends)
    chunks = [
        (1, b"\2"),
        (2, b"\x11"),
        (3, source),
        (4, destination),
        (7, pack(">H", source_port)),
        (8, pack(">H", destination_port)),
        (kind, payload),
    ]
    body = b"".join(pack(">HHH", 0, number, 6 + len(value)) + value for number, value in chunks)
    return b"HEP3" + pack(">H", 6 + len(body)) + body


def hep(version: int, payload: bytes) -> bytes:
    """A HEP packet of version 1 or 2 from ALICE to BOB."""
    (source, source_port), (destination, destination_port) = parse_endpoint(ALICE), parse_endpoint(BOB)
    head = pack(">BBBBHH", version, 16 if version == 1 else 28, 2, 17, source_port, destination_port)
    return head + source + destination + (pack("<IIHH", 1, 2, 2001, 0) if version == 2 else b"") + payload

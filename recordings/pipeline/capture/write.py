"""Capture files and frames made here: the pcap of one call, samples, frames for calls that come without any."""

from collections.abc import Iterable
from functools import lru_cache
from struct import Struct
from typing import BinaryIO

from recordings.pipeline.capture.frames import Frame, parse_endpoint

LINK_ETHERNET = 1
MAX_CAPTURED = 1 << 18
MAX_PAYLOAD = 65507
_FILE_HEADER = Struct("<IHHiIII")
_RECORD = Struct("<IIII")
_MAGIC_NANOSECONDS = 0xA1B23C4D
_IPV4 = Struct(">BBHHHBBH4s4s")
_IPV6 = Struct(">IHBB16s16s")
_UDP = Struct(">HHHH")
_MACS = bytes.fromhex("020000000002020000000001")  # locally administered: nobody's card


def write_pcap(stream: BinaryIO, frames: Iterable[Frame], *, link: int = LINK_ETHERNET) -> int:
    """Write a pcap file with nanoseconds; all frames must be of link type `link`. Returns the number of frames."""
    stream.write(_FILE_HEADER.pack(_MAGIC_NANOSECONDS, 2, 4, 0, 0, MAX_CAPTURED, link))
    count = 0
    for frame in frames:
        if frame.link != link:
            raise ValueError(f"a frame of link type {frame.link} cannot stand in a file of link type {link}")
        seconds, rest = divmod(frame.time_ns, 1_000_000_000)
        stream.write(_RECORD.pack(seconds & 0xFFFFFFFF, rest, len(frame.data), max(frame.length, len(frame.data))))
        stream.write(frame.data)
        count += 1
    return count


def udp_frame(source: str, destination: str, payload: bytes, vlan: tuple[int, ...] = ()) -> bytes:
    """An Ethernet frame with a UDP datagram between two endpoints of one IP version, checksums right."""
    source_ip, source_port = parse_endpoint(source)
    destination_ip, destination_port = parse_endpoint(destination)
    if len(source_ip) != len(destination_ip):
        raise ValueError(f"{source} and {destination} are not of one IP version")
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"{len(payload)} bytes do not fit into one UDP datagram")
    length = 8 + len(payload)
    pseudo = source_ip + destination_ip + Struct(">HH").pack(17, length)
    checksum = internet_checksum(pseudo + _UDP.pack(source_port, destination_port, length, 0) + payload) or 0xFFFF
    udp = _UDP.pack(source_port, destination_port, length, checksum) + payload
    return ethernet_frame(ip_packet(source_ip, destination_ip, 17, udp), vlan)


def ethernet_frame(packet: bytes, vlan: tuple[int, ...] = ()) -> bytes:
    """An Ethernet frame around an IP packet; the outer tags of several are 802.1ad's."""
    tags = b"".join(
        Struct(">HH").pack(0x8100 if number == len(vlan) else 0x88A8, tag & 0xFFF) for number, tag in enumerate(vlan, 1)
    )
    return _MACS + tags + (b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd") + packet


def ip_packet(source: bytes, destination: bytes, protocol: int, body: bytes, *, identification: int = 0) -> bytes:
    """An IPv4 or IPv6 packet, by the length of its addresses."""
    if len(source) == 16:
        return _IPV6.pack(6 << 28, len(body), protocol, 64, source, destination) + body
    fields = (0x45, 0, 20 + len(body), identification, 0, 64, protocol)
    checksum = internet_checksum(_IPV4.pack(*fields, 0, source, destination))
    return _IPV4.pack(*fields, checksum, source, destination) + body


def internet_checksum(data: bytes) -> int:
    """The checksum of RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(_words(len(data) // 2).unpack(data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@lru_cache(maxsize=512)
def _words(count: int) -> Struct:
    return Struct(f">{count}H")

"""What capture hands on: frames as they came, and what lies inside them.

Addresses are text with port ("192.0.2.1:5060", "[2001:db8::1]:5060"), times are nanoseconds since 1970 (UTC).
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address


class CaptureError(ValueError):
    """A capture that cannot be read (further), in one plain sentence.

    `packets`: how many were read before; `truncated`: the data just end, what came is whole.
    """

    def __init__(self, message: str, *, packets: int = 0, truncated: bool = False) -> None:
        super().__init__(message)
        self.packets = packets
        self.truncated = truncated


class DecodeError(ValueError):
    """A frame whose bytes break the rules of a protocol that it claims to carry."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One captured frame; `length` is its length on the wire, `data` may have been cut by the snapshot length."""

    time_ns: int
    link: int
    data: bytes
    length: int
    interface: int = 0


@dataclass(frozen=True, slots=True)
class Datagram:
    """One UDP datagram.

    `encapsulation` names the tunnels around it from the outside in ("" or "vxlan", "ipip/gre"), `vlan` all tags in
    that order; `missing` is the number of payload bytes that the capture's snapshot length cut off.
    """

    time_ns: int
    source: str
    destination: str
    payload: bytes
    vlan: tuple[int, ...] = ()
    encapsulation: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """One TCP segment; `flags` as in its header (FIN 1, SYN 2, RST 4, PSH 8, ACK 16)."""

    time_ns: int
    source: str
    destination: str
    sequence: int
    acknowledgement: int
    flags: int
    payload: bytes
    vlan: tuple[int, ...] = ()
    encapsulation: str = ""
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Fragment:
    """One fragment of an IP packet; `offset` in bytes; `source`, `destination` are IP addresses in wire form."""

    time_ns: int
    source: bytes
    destination: bytes
    protocol: int
    identification: int
    offset: int
    more: bool
    payload: bytes
    vlan: tuple[int, ...] = ()
    encapsulation: str = ""


Decoded = Datagram | Segment | Fragment


@lru_cache(maxsize=4096)
def address(packed: bytes) -> str:
    """The text of an IPv4 (4 bytes) or IPv6 (16 bytes) address."""
    if len(packed) == 4:
        return f"{packed[0]}.{packed[1]}.{packed[2]}.{packed[3]}"
    return str(IPv6Address(packed))


@lru_cache(maxsize=8192)
def endpoint(packed: bytes, port: int) -> str:
    """The text of an address with its port: "192.0.2.1:5060", "[2001:db8::1]:5060"."""
    return f"{address(packed)}:{port}" if len(packed) == 4 else f"[{address(packed)}]:{port}"


def parse_endpoint(text: str) -> tuple[bytes, int]:
    """The wire form of what `endpoint` makes; ValueError for anything else."""
    host, colon, port = text.rpartition(":")
    number = int(port) if colon and port.isascii() and port.isdigit() else -1
    if not 0 <= number <= 65535:
        raise ValueError(f"{text!r} is not an address with a port")
    return ip_address(host[1:-1] if host.startswith("[") and host.endswith("]") else host).packed, number

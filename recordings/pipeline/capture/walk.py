"""The way through the layers of one frame: every layer peels itself off and names the next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from recordings.pipeline.capture.frames import Decoded, DecodeError

Layer = Literal[
    "ethernet", "vlan", "mpls", "pppoe", "ppp", "chdlc", "null", "loop", "sll", "sll2",
    "ip", "ipv4", "ipv6", "unfragmented", "ah", "tcp", "udp", "gre", "etherip",
]  # fmt: skip
Step = tuple[Layer, bytes] | Decoded | None
MAX_TUNNELS = 8
MAX_TAGS = 16


@dataclass(slots=True)
class Walk:
    """What the layers outside have said. `missing`: bytes of the innermost packet that the snapshot length cut off."""

    time_ns: int
    missing: int = 0
    vlan: tuple[int, ...] = ()
    encapsulation: str = ""
    source: bytes = b""
    destination: bytes = b""

    def enter(self, tunnel: str) -> None:
        """Go into a tunnel; refused beyond MAX_TUNNELS."""
        if self.encapsulation.count("/") >= MAX_TUNNELS - 1:
            raise DecodeError(f"more than {MAX_TUNNELS} tunnels in one frame")
        self.encapsulation = f"{self.encapsulation}/{tunnel}" if self.encapsulation else tunnel

    def tag(self, vlan: int) -> None:
        """Go into a VLAN; refused beyond MAX_TAGS."""
        if len(self.vlan) >= MAX_TAGS:
            raise DecodeError(f"more than {MAX_TAGS} VLAN tags in one frame")
        self.vlan += (vlan,)

    def take(self, data: bytes, length: int, what: str) -> bytes:
        """The packet of `length` bytes at the start of data; only a snapshot length may have cut it."""
        shortfall = length - len(data)
        if shortfall > self.missing:
            raise DecodeError(f"{what} says {length} bytes, the frame has {len(data) + self.missing}")
        self.missing = max(0, shortfall)
        return data[:length]


Peel = Callable[[Walk, bytes], Step]


def need(data: bytes, size: int, what: str) -> None:
    """Refuse data shorter than the header that they should hold."""
    if len(data) < size:
        raise DecodeError(f"{what} header needs {size} bytes, the frame has {len(data)}")

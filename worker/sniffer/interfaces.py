"""Packet rings on network interfaces (AF_PACKET, TPACKET_V3). Standard library only; what the holder opens."""

import array
import fcntl
import socket
import struct
from dataclasses import dataclass

from recordings.pipeline.capture.bpf import Instruction, ethernet_program, everything_program

# The kernel closes a block that is not full after RETIRE_MS: the number of blocks, not their size, says how long a ring
# bridges the death of its reader when there is little traffic. 64 MiB are 10 s, or 250,000 packets of G.711.
BLOCK_BYTES = 1 << 18
RETIRE_MS = 40
_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _IGNORE_OUTGOING = 1, 5, 6, 10, 23
_TPACKET_V3, _PROMISCUOUS, _ETH_P_ALL, _ATTACH_FILTER = 2, 1, 3, 26
_SIOCGIFHWADDR = 0x8927
_FRAME_BYTES = 2048
_ETHERNET, _RAW = 1, 101
_LINKS = {1: _ETHERNET, 772: _ETHERNET, 65534: _RAW, 768: _RAW, 769: _RAW, 776: _RAW, 778: _RAW}  # ARPHRD_ → LINKTYPE_


class InterfaceUnfit(OSError):
    """Packets cannot be taken from it."""


@dataclass(slots=True)
class Port:
    """An interface with its ring; `index` is the kernel's number of it, which changes when it is made anew.

    0 while there is none: its ring is empty, and `up` is false."""

    name: str
    number: int
    index: int
    link: int
    blocks: int
    socket: socket.socket
    up: bool = True


def index_of(name: str) -> int:
    """The kernel's number of an interface, 0 when there is none."""
    try:
        return socket.if_nametoindex(name)
    except OSError:
        return 0


def open_port(name: str, number: int, *, blocks: int, incoming_only: bool) -> Port:
    """Open a ring in promiscuous mode. Raises InterfaceUnfit, PermissionError, OSError.

    The socket gets its filter before it is bound, so that no frame gets in unfiltered. On the loopback interface every
    frame passes twice; there, and when asked for, what this machine sends is left out. Where there is no such interface
    (yet), the ring stays unbound.
    """
    index = index_of(name)
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # protocol 0: nothing arrives before bind
    try:
        kind = _hardware(opened, name) if index else _ETHERNET
        if kind not in _LINKS:
            raise InterfaceUnfit(f"{name} is a device of kind {kind}, from which calls cannot be taken")
        link = _LINKS[kind]
        _attach(opened, ethernet_program() if link == _ETHERNET else everything_program())
        if incoming_only or kind == 772:
            opened.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        opened.setsockopt(_SOL_PACKET, _VERSION, _TPACKET_V3)
        frames = BLOCK_BYTES // _FRAME_BYTES * blocks
        request = struct.pack("IIIIIII", BLOCK_BYTES, blocks, _FRAME_BYTES, frames, RETIRE_MS, 0, 0)
        opened.setsockopt(_SOL_PACKET, _RX_RING, request)
        if index:
            opened.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, struct.pack("iHH8s", index, _PROMISCUOUS, 0, b""))
            opened.bind((name, _ETH_P_ALL))
    except OSError:
        opened.close()
        raise
    return Port(name, number, index, link, blocks, opened, up=bool(index))


def statistics(port: Port) -> tuple[int, int]:
    """(packets seen, of those found no room) since the last call."""
    packets, drops = struct.unpack_from("II", port.socket.getsockopt(_SOL_PACKET, _STATISTICS, 12))
    return packets, drops


def _hardware(opened: socket.socket, name: str) -> int:
    request = struct.pack("16s24x", name.encode()[:15])
    kind: int = struct.unpack_from("H", fcntl.ioctl(opened.fileno(), _SIOCGIFHWADDR, request), 16)[0]
    return kind


def _attach(opened: socket.socket, program: list[Instruction]) -> None:
    code = array.array("B", b"".join(struct.pack("HBBI", *instruction) for instruction in program))
    opened.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HxxxxxxP", len(program), code.buffer_info()[0]))

"""Telephone calls beside the cluster, and a mirror port for each node that loses packets of its own choice, counted."""

import random
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.lab.cluster.node import Node
from tests.lab.cluster.shell import run
from tests.lab.network import Lab

MIRROR = "mirror0"  # as the nodes call it
ALL = 0x0003  # ETH_P_ALL
BUFFER = 16 * 1024 * 1024
SIP = 5060
Packet = tuple[str, int, str, int, int]
"""Where an RTP packet came from and went to, and its sequence number."""


def plug(node: Node) -> None:
    """Give a running node its mirror port. Its cable died with the node's last power cut."""
    process, port = node.process(), _port(node)
    run("ip", "link", "del", port, check=False)
    run("ip", "link", "add", port, "type", "veth", "peer", "name", MIRROR, "netns", str(process))
    run("ip", "link", "set", port, "addrgenmode", "none", "up")
    node.sh(f"ip link set {MIRROR} addrgenmode none arp off up")


def unplug(node: Node) -> None:
    run("ip", "link", "del", _port(node), check=False)


def _port(node: Node) -> str:
    return f"apmirror{node.number}"


class Mirror:
    """Copies what passes the telephones' switch to both nodes; each copy is lost with the given chance."""

    def __init__(self, interface: str, nodes: tuple[Node, ...], *, loss: float, seed: int) -> None:
        self._delivered: dict[str, dict[Packet, float]] = {node.name: {} for node in nodes}
        self._ports = {node.name: _port(node) for node in nodes}
        self._chance = {node.name: random.Random(f"{seed} {node.name}") for node in nodes}
        self._loss = loss
        self._listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._listener.bind((interface, ALL))
        self._listener.settimeout(0.5)
        self._sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def _copy(self) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                frame = self._listener.recv(65536)
                packet = rtp(frame)
                for name, port in self._ports.items():
                    if self._chance[name].random() >= self._loss and self._sent(frame, port) and packet:
                        self._delivered[name].setdefault(packet, time.monotonic())

    def delivered(self, node: Node, until: float = float("inf")) -> set[Packet]:
        """What reached the node's port, by default all of it; `until` is a time of `time.monotonic`."""
        return {packet for packet, at in self._delivered[node.name].items() if at < until}

    def since(self, node: Node, begin: float) -> set[Packet]:
        """What reached the node's port from then on."""
        return {packet for packet, at in self._delivered[node.name].items() if at >= begin}

    def _sent(self, frame: bytes, port: str) -> bool:
        try:
            self._sender.sendto(frame, (port, 0))
        except OSError:  # the node is off, and its cable gone
            return False
        return True

    def close(self) -> None:
        self._over.set()
        self._thread.join(5)
        self._listener.close()
        self._sender.close()


@contextmanager
def mirror(lab: Lab, nodes: tuple[Node, ...], *, loss: float, seed: int) -> Iterator[Mirror]:
    found = Mirror(lab.interface, nodes, loss=loss, seed=seed)
    try:
        yield found
    finally:
        found.close()


def rtp(frame: bytes) -> Packet | None:
    """What identifies the packet, where the frame (Ethernet, IPv4 without options, UDP) holds RTP."""
    if len(frame) < 54 or frame[12:14] != b"\x08\x00" or frame[14] != 0x45 or frame[23] != socket.IPPROTO_UDP:
        return None
    source, destination = struct.unpack_from("!HH", frame, 34)
    if SIP in (source, destination) or frame[42] >> 6 != 2 or frame[43] & 0x7F in range(72, 77):  # RTCP
        return None
    (number,) = struct.unpack_from("!H", frame, 44)
    return socket.inet_ntoa(frame[26:30]), source, socket.inet_ntoa(frame[30:34]), destination, number


def in_capture(data: bytes) -> set[Packet]:
    """The RTP packets of a capture file as the product writes it (classic pcap, Ethernet)."""
    found, at = set(), 24
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    while at + 16 <= len(data):
        (length,) = struct.unpack_from(f"{order}I", data, at + 8)
        packet = rtp(data[at + 16 : at + 16 + length])
        if packet:
            found.add(packet)
        at += 16 + length
    return found


def wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


@contextmanager
def folder() -> Iterator[Path]:
    """SIPp reads its scenario and audio there."""
    with tempfile.TemporaryDirectory(prefix="apresa-calls-", dir="/dev/shm") as place:
        yield Path(place)

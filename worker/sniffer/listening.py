"""Sockets on which HEP agents are heard, UDP and TCP. Standard library only; what the holder opens."""

import socket
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_network

from recordings.pipeline.capture.frames import endpoint, parse_endpoint

MAX_LISTENERS = 4
_RECEIVE_BYTES = 8 << 20  # the kernel gives at most net.core.rmem_max
_RXQ_OVFL = 40  # SO_RXQ_OVFL: each datagram brings the number of those that found no room
_WAITING = 16


@dataclass(slots=True)
class Listener:
    """One address with its two sockets; `number` is its place in the control page, behind those of the rings."""

    address: str
    number: int
    sockets: list[socket.socket] = field(default_factory=list)
    fault: str = ""

    def open(self) -> bool:
        """Whether it listens now and did not before. The address may not be there yet: it is tried again later."""
        if self.sockets:
            return False
        try:
            udp = _bound(self.address, socket.SOCK_DGRAM)
            try:
                self.sockets = [udp, _bound(self.address, socket.SOCK_STREAM)]
            except OSError:
                udp.close()
                raise
        except OSError as error:
            self.fault = error.strerror or str(error)
            return False
        self.fault = ""
        return True

    @property
    def words(self) -> str:
        """As the sniffer takes it: the open files of UDP and TCP, the number, the address."""
        return ":".join([*(str(one.fileno()) for one in self.sockets), str(self.number), self.address])


def address(text: str) -> str:
    """An address with its port in its usual form. Raises ValueError."""
    return endpoint(*parse_endpoint(text))


def network(text: str) -> str:
    """An address or a network in its usual form. Raises ValueError."""
    return str(ip_network(text))


def _bound(listens: str, kind: socket.SocketKind) -> socket.socket:
    host, _, port = listens.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, kind | socket.SOCK_NONBLOCK)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            with suppress(OSError):
                made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
            made.setsockopt(socket.SOL_SOCKET, _RXQ_OVFL, 1)
        made.bind((host, int(port)))
        if kind == socket.SOCK_STREAM:
            made.listen(_WAITING)
    except OSError:
        made.close()
        raise
    return made

"""What HEP agents send to this machine, as frames: as if a mirror had brought them (docs/capture.md)."""

import json
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

from recordings.pipeline.capture import link
from recordings.pipeline.capture.batch import Batch, from_frames
from recordings.pipeline.capture.frames import Datagram, DecodeError, Frame
from recordings.pipeline.capture.hep_stream import HepStream
from recordings.pipeline.capture.write import LINK_ETHERNET, udp_frame
from worker.sniffer.ring import Rings
from worker.sniffer.shared import Control, RingWord, Word

Networks = Sequence[IPv4Network | IPv6Network]
_HEP_PORT = 9060
_TURN_DATAGRAMS, _TURN_BYTES = 512, 1 << 16
_MAX_CONNECTIONS = 64
_MAX_SOURCES = 64
_RXQ_OVFL = 40  # SO_RXQ_OVFL


@dataclass(frozen=True, slots=True)
class ListenSource:
    """Sockets as the holder hands them on; `number` is their place in the control page."""

    udp: int
    tcp: int
    number: int
    address: str


@dataclass(slots=True)
class Heard:
    """Of one source, since this sniffer began."""

    frames: int = 0
    bad: int = 0
    last_ns: int = 0


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    host: str
    port: int
    stream: HepStream


class HepListener:
    """Reads what waits, and no more at a time than a turn may take; refuses who is not among the allowed sources."""

    def __init__(self, source: ListenSource, allowed: Networks, control: Control, waiting: Rings) -> None:
        self.source, self.allowed, self.control, self.waiting = source, allowed, control, waiting
        self.udp, self.tcp = socket.socket(fileno=source.udp), socket.socket(fileno=source.tcp)
        for one in (self.udp, self.tcp):
            one.setblocking(False)
            waiting.watch(one.fileno())
        here = self.udp.getsockname()[0]
        self._here = f"[{here}]:{_HEP_PORT}" if ":" in here else f"{here}:{_HEP_PORT}"
        self.heard: dict[str, Heard] = {}
        self.refused = 0
        self._allowed: dict[str, bool] = {}
        self._connections: dict[int, _Connection] = {}
        self._frames: list[Frame] = []

    def batch(self) -> Batch | None:
        """What came since the last call; None when nothing did."""
        self._datagrams()
        self._accept()
        for connection in list(self._connections.values()):
            self._read(connection)
        frames, self._frames = self._frames, []
        return from_frames(frames) if frames else None

    def _datagrams(self) -> None:
        for _ in range(_TURN_DATAGRAMS):
            try:
                data, ancillary, _, sender = self.udp.recvmsg(1 << 16, socket.CMSG_SPACE(4))
            except OSError:  # nothing waits, or an ICMP message that concerns nobody here
                return
            for level, kind, value in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, _RXQ_OVFL):
                    self.control.set_ring(self.source.number, RingWord.DROPS, int.from_bytes(value[:4], "little"))
            if self._is_allowed(sender[0]):
                self._message(sender[0], sender[1], data)

    def _accept(self) -> None:
        while True:
            try:
                made, sender = self.tcp.accept()
            except OSError:
                return
            if not self._is_allowed(sender[0]) or len(self._connections) >= _MAX_CONNECTIONS:
                made.close()
                continue
            made.setblocking(False)
            self._connections[made.fileno()] = _Connection(made, sender[0], sender[1], HepStream())
            self.waiting.watch(made.fileno())

    def _read(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(_TURN_BYTES)
            messages = connection.stream.feed(data) if data else []
        except BlockingIOError:
            return
        except (OSError, DecodeError):
            self._bad(connection.host)
            self._close(connection)
            return
        for message in messages:
            self._message(connection.host, connection.port, message)
        if not data:
            if connection.stream.rest:
                self._bad(connection.host)
            self._close(connection)

    def _close(self, connection: _Connection) -> None:
        handle = connection.socket.fileno()
        self.waiting.forget(handle)
        del self._connections[handle]
        connection.socket.close()

    def _is_allowed(self, host: str) -> bool:
        known = self._allowed.get(host)
        if known is None:
            address = ip_address(host.partition("%")[0])
            known = any(address in network for network in self.allowed)
            if len(self._allowed) >= 4096:
                self._allowed.clear()
            self._allowed[host] = known
        self.refused += not known
        return known

    def _message(self, host: str, port: int, data: bytes) -> None:
        """Only what is HEP, whole and right: a bare SIP message to this port is nobody's copy."""
        plain = host.partition("%")[0]
        now_ns = time.time_ns()
        try:
            sent_from = f"[{plain}]:{port}" if ":" in plain else f"{plain}:{port}"
            content = udp_frame(sent_from, self._here, data)
            frame = Frame(now_ns, LINK_ETHERNET, content, len(content), self.source.number)
            inside = link.decode(frame)
        except ValueError:
            inside = None
        if not isinstance(inside, Datagram) or not inside.encapsulation.startswith("hep"):
            self._bad(host)
            return
        self._frames.append(frame)
        heard = self._of(host)
        heard.frames, heard.last_ns = heard.frames + 1, now_ns
        number = self.source.number
        self.control.set_ring(number, RingWord.RECEIVED, self.control.ring(number, RingWord.RECEIVED) + 1)

    def _bad(self, host: str) -> None:
        self._of(host).bad += 1
        self.control.add(Word.MALFORMED, 1)

    def _of(self, host: str) -> Heard:
        """Beyond the first 64 sources all others count as one."""
        if host not in self.heard and len(self.heard) >= _MAX_SOURCES:
            host = "*"
        return self.heard.setdefault(host, Heard())

    def close(self) -> None:
        """Let go of all that is open; agents see their connections end, and begin anew."""
        for connection in list(self._connections.values()):
            self._close(connection)
        for one in (self.udp, self.tcp):
            self.waiting.forget(one.fileno())
            one.close()

    def facts(self) -> dict[str, object]:
        """For the status of listeners."""
        return {
            "address": self.source.address,
            "refused": self.refused,
            "dropped": self.control.ring(self.source.number, RingWord.DROPS),
            "sources": [{"host": host, **asdict(heard)} for host, heard in self.heard.items()],
        }


def write_listeners(folder: Path, listeners: Sequence[HepListener]) -> None:
    """Replace listeners.json; nothing in it outlives the sniffer. A full disk keeps the old one."""
    temporary = folder / ".listeners.tmp"
    with suppress(OSError):
        temporary.write_text(json.dumps({"listeners": [one.facts() for one in listeners]}))
        temporary.rename(folder / "listeners.json")

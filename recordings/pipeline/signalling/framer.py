"""The ordered bytes of one direction of a connection → SIP messages, through what they are wrapped in."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from recordings.pipeline.capture.beginnings import HANDSHAKE, begins_websocket
from recordings.pipeline.signalling.sip import content_length
from recordings.pipeline.signalling.tls import Side
from recordings.pipeline.signalling.websocket import WebSocket

MOST_BYTES = 256 << 10  # of one direction: what waits for a missing segment, and what waits for the rest of a message
_START = re.compile(
    rb"(?:^|(?<=\n))(?:SIP/2\.0 [1-6][0-9]{2}|[A-Z]{3,20} [^\r\n]{1,4000} SIP/2\.0(?=\r?\n))", re.MULTILINE
)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:([^\r\n]{0,20})", re.IGNORECASE)


class Reader(Protocol):
    """Bytes in, messages out; `first` and `since_ns` tell of the record that what is `held` began with."""

    first: int
    since_ns: int

    @property
    def transport(self) -> str:
        """What carries the messages: "tcp", "tls", "ws" or "wss"."""
        ...

    @property
    def held(self) -> int:
        """Bytes that wait for more."""
        ...

    @property
    def compressed(self) -> int:
        """Messages that cannot be read."""
        ...

    def feed(self, data: bytes, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        """(first record, message) for each message that is now whole."""
        ...

    def flush(self) -> list[tuple[int, bytes]]:
        """What is begun, where the stream ends or has a hole."""
        ...


@dataclass(slots=True)
class Framer:
    """Cuts a byte stream into SIP messages; what is no SIP is skipped up to the next start line."""

    transport = "tcp"
    compressed = 0
    buffer: bytearray = field(default_factory=bytearray)
    first: int = 0  # number of the record that brought the first byte of the buffer
    since_ns: int = 0
    searched: int = 0  # of the buffer, for the end of the head: segments may be one byte each

    @property
    def held(self) -> int:
        return len(self.buffer)

    def feed(self, data: bytes, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        """(first record, message) for each message that is now whole."""
        if not self.buffer:
            self.first, self.since_ns, self.searched = number, time_ns, 0
        self.buffer += data
        found = []
        while (message := self._next()) is not None:
            found.append((self.first, message))
            self.first, self.since_ns = number, time_ns
        return found

    def flush(self) -> list[tuple[int, bytes]]:
        """The message that lacks a part of its body, where the stream ends or has a hole."""
        data, self.buffer = bytes(self.buffer), bytearray()
        return [(self.first, data)] if _START.match(data) and _HEAD_END.search(data) else []

    def _next(self) -> bytes | None:
        self._resynchronise()
        end = _HEAD_END.search(self.buffer, max(0, min(self.searched, len(self.buffer)) - 4))
        if not end:
            self.searched = len(self.buffer)
            if len(self.buffer) > MOST_BYTES:
                self.buffer.clear()
            return None
        found = _LENGTH.search(self.buffer, 0, end.start() + 1)
        length = (content_length(found.group(1).decode("latin-1")) if found else None) or 0
        if end.end() + length > MOST_BYTES:  # nobody sends that; the head is worth keeping, the body is not
            length = 0
        if len(self.buffer) < end.end() + length:
            return None
        message = bytes(self.buffer[: end.end() + length])
        del self.buffer[: end.end() + length]
        self.searched = 0
        return message

    def _resynchronise(self) -> None:
        if _START.match(self.buffer) or not self.buffer:
            return
        found = _START.search(self.buffer)
        self.searched = 0
        if found:
            del self.buffer[: found.start()]
            return
        line = self.buffer.rfind(b"\n") + 1  # a start line may have begun
        if line == len(self.buffer) or len(self.buffer) - line > 8192:
            self.buffer.clear()
        else:
            del self.buffer[:line]


def follow(reader: Reader, data: bytes) -> tuple[Reader, list[tuple[int, bytes]]]:
    """The reader for what begins with these bytes, and what the one so far still held."""
    cut = HANDSHAKE.match(data) and b"\r\n\r\n" not in data  # a handshake whose rest is still to come
    if not (cut or begins_websocket(data)):
        return reader, []
    found = reader.flush()  # also where what came before was cut off by a hole
    return (reader if isinstance(reader, WebSocket) else WebSocket()), found


@dataclass(slots=True)
class TlsReader:
    """Takes TLS off one direction; what is said in it may be SIP, or WebSocket frames."""

    side: Side
    inner: Reader = field(default_factory=Framer)
    first: int = 0
    since_ns: int = 0

    @property
    def transport(self) -> str:
        return "wss" if isinstance(self.inner, WebSocket) else "tls"

    @property
    def held(self) -> int:
        return len(self.side.buffer) + self.inner.held

    @property
    def compressed(self) -> int:
        return self.inner.compressed

    def feed(self, data: bytes, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        if not self.held:
            self.first, self.since_ns = number, time_ns
        said = self.side.feed(data)
        if not said:
            return []
        self.inner, found = follow(self.inner, said)
        found += self.inner.feed(said, number, time_ns)
        if not self.held:
            self.first, self.since_ns = number, time_ns
        return found

    def flush(self) -> list[tuple[int, bytes]]:
        said = self.side.feed(b"")
        found = self.inner.feed(said, self.first, self.since_ns) if said else []
        self.side.skip()
        return found + self.inner.flush()

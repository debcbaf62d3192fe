"""SIP over WebSocket (RFC 7118): the frames of one direction (RFC 6455, 5.2) → SIP messages.

Known by the handshake or by a frame that begins like SIP, so a capture may begin in the middle of a connection.
Compressed messages (permessage-deflate, RFC 7692) need all that was said before and are not read, but counted.
"""

from dataclasses import dataclass, field

from recordings.pipeline.capture.beginnings import HANDSHAKE, frame_head, unmask
from recordings.pipeline.signalling.sip import LARGEST, looks_like_sip

_FIN, _COMPRESSED, _RESERVED = 0x80, 0x40, 0x30
_CONTINUATION, _MESSAGES, _CONTROL = 0, (1, 2), (8, 9, 10)
_HEAD_END = b"\r\n\r\n"
_LARGEST_HEAD = 16 << 10


@dataclass(slots=True)
class WebSocket:
    """Takes the bytes of one direction as they come."""

    transport = "ws"
    buffer: bytearray = field(default_factory=bytearray)
    first: int = 0
    since_ns: int = 0
    compressed: int = 0  # messages that were not read
    _message: bytearray = field(default_factory=bytearray)
    _unreadable: bool = False
    _skip: int = 0

    @property
    def held(self) -> int:
        return len(self.buffer) + len(self._message)

    def feed(self, data: bytes, number: int, time_ns: int) -> list[tuple[int, bytes]]:
        """(first record, SIP message) for each WebSocket message that is now whole."""
        if not self.held:
            self.first, self.since_ns = number, time_ns
        skipped = min(self._skip, len(data))
        self._skip -= skipped
        self.buffer += data[skipped:]
        found = []
        while (message := self._next()) is not None:
            if looks_like_sip(message):
                found.append((self.first, message))
            if not self._message:
                self.first, self.since_ns = number, time_ns
        return found

    def flush(self) -> list[tuple[int, bytes]]:
        """A hole, or the end: what is begun cannot be finished, and the next data begin a frame, or are skipped."""
        self.buffer.clear()
        self._message.clear()
        self._unreadable, self._skip = False, 0
        return []

    def _next(self) -> bytes | None:
        """The next message, b"" for what is none, None when more bytes are needed."""
        if HANDSHAKE.match(self.buffer):
            return self._handshake()
        head = frame_head(self.buffer)
        if head is None:
            return None
        size, length, mask = head
        flags, kind = self.buffer[0] & 0xF0, self.buffer[0] & 15
        if kind not in (_CONTINUATION, *_MESSAGES, *_CONTROL) or flags & _RESERVED or length >> 63:
            self.buffer.clear()  # no frame begins here: after a hole, whatever comes until one does is lost
            return None
        if length > LARGEST:
            self._skip = max(0, size + length - len(self.buffer))
            del self.buffer[: size + length]
            return b""
        if len(self.buffer) < size + length:
            return None
        payload = unmask(bytes(self.buffer[size : size + length]), mask)
        del self.buffer[: size + length]
        return b"" if kind in _CONTROL else self._part(kind, flags, payload)

    def _handshake(self) -> bytes | None:
        end = self.buffer.find(_HEAD_END)
        if end < 0:
            if len(self.buffer) > _LARGEST_HEAD:
                self.buffer.clear()
            return None
        del self.buffer[: end + len(_HEAD_END)]
        return b""

    def _part(self, kind: int, flags: int, payload: bytes) -> bytes:
        if kind in _MESSAGES:
            self._message.clear()
            self._unreadable = bool(flags & _COMPRESSED)
        if len(self._message) + len(payload) <= LARGEST:
            self._message += payload
        if not flags & _FIN:
            return b""
        message = bytes(self._message)
        self._message.clear()
        self.compressed += self._unreadable
        return b"" if self._unreadable else message

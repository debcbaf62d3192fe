"""TLS connections whose secrets are known: the records of both directions → what was said in them.

A connection is read from its ClientHello on. Records lost in a hole are stepped over; a renegotiation is not followed.
"""

from dataclasses import dataclass, field
from struct import Struct

from recordings.pipeline.capture.beginnings import CLIENT_HELLO, SERVER_HELLO
from recordings.pipeline.signalling.keylog import HANDSHAKE, MASTER, TRAFFIC, KeyLog
from recordings.pipeline.signalling.tls_keys import SUITES, Aead13, RecordKey, Suite, TlsError, keys_12

_HEAD = Struct(">BHH")
_CHANGE, _HELLO, _DATA = 20, 22, 23
_KINDS = (_CHANGE, 21, _HELLO, _DATA, 24)
_LARGEST_RECORD = (1 << 14) + 2048
_LARGEST_HELLO = 64 << 10
_MAC_LAST, _VERSIONS = 22, 43
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446, 4.1.3
_STEPS = 64  # records that a hole may have held


@dataclass(slots=True)
class Session:
    """What both directions of a connection have said in clear."""

    log: KeyLog
    client: bytes = b""
    server: bytes = b""
    suite: Suite | None = None
    mac_last: bool = False
    is_13: bool = False

    def hear(self, kind: int, body: bytes) -> None:
        """A handshake message in clear. Raises TlsError."""
        if kind == CLIENT_HELLO and not self.client and len(body) >= 34:
            self.client = body[2:34]
        elif kind == SERVER_HELLO and self.suite is None:
            self._server_hello(body)

    def _server_hello(self, body: bytes) -> None:
        at = 35 + (body[34] if len(body) > 34 else 0)
        if len(body) < at + 3:
            raise TlsError("the ServerHello is too short")
        if body[2:34] == _RETRY:
            return
        number = int.from_bytes(body[at : at + 2])
        self.server = body[2:34]
        extensions = _extensions(body[at + 5 :])
        self.is_13 = extensions.get(_VERSIONS) == b"\3\4"
        self.mac_last = _MAC_LAST in extensions
        fits = body[:2] == b"\3\3" and (number >> 8 == 0x13) == self.is_13
        self.suite = SUITES.get(number) if fits else None
        if self.suite is None:
            raise TlsError(f"cipher suite {number:#06x} of this version is not supported")

    def key(self, *, client: bool) -> RecordKey | None:
        """The first key of a direction that is known; None where the log has none."""
        suite = self.suite
        if suite is None:
            return None
        if not self.is_13:
            master = self.log.get(MASTER, self.client)
            randoms = self.client, self.server
            return keys_12(suite, master, randoms, client=client, mac_last=self.mac_last) if master else None
        secret = self.log.get(HANDSHAKE[client], self.client) or self.log.get(TRAFFIC[client], self.client)
        return Aead13(suite, secret) if secret else None

    def next_key(self, key: Aead13, *, client: bool) -> Aead13:
        """After the handshake the key of the traffic, after that what KeyUpdates make of it."""
        traffic = self.log.get(TRAFFIC[client], self.client)
        if traffic and key.secret == self.log.get(HANDSHAKE[client], self.client):
            return Aead13(key.suite, traffic)
        return key.following()


def _extensions(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        kind, size = int.from_bytes(data[at : at + 2]), int.from_bytes(data[at + 2 : at + 4])
        found[kind] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return found


@dataclass(slots=True)
class Side:
    """One direction. What cannot be read any more is `dead`, and gives nothing."""

    session: Session
    client: bool
    dead: str = ""
    buffer: bytearray = field(default_factory=bytearray)
    _hello: bytearray = field(default_factory=bytearray)
    _key: RecordKey | None = None
    _sequence: int = 0
    _sealed: bool = False
    _hole: bool = False

    def feed(self, data: bytes) -> bytes:
        """What is said in the records that are now whole."""
        if self.dead:
            return b""
        self.buffer += data
        said = bytearray()
        try:
            while (record := self._next()) is not None:
                said += self._record(*record)
        except TlsError as error:
            self.dead = str(error)
            self.buffer.clear()
        return bytes(said)

    def skip(self) -> None:
        """A hole: the next bytes begin a record, or nothing more is read."""
        self.buffer.clear()
        self._hole = True
        if not self._sealed and not self.session.is_13:
            self.dead = self.dead or "a part of the handshake is missing"

    def _next(self) -> tuple[int, bytes, bytes] | None:
        if len(self.buffer) < _HEAD.size:
            return None
        kind, version, size = _HEAD.unpack_from(self.buffer)
        if kind not in _KINDS or version >> 8 != 3 or size > _LARGEST_RECORD:
            raise TlsError("no TLS record stands where one should begin")
        if len(self.buffer) < _HEAD.size + size:
            return None
        if kind in (_CHANGE, _DATA) and self.session.suite is None:
            if len(self.buffer) > 4 * _LARGEST_RECORD:
                raise TlsError("the server's answer is missing")
            return None  # what it says may come a moment later
        head, body = bytes(self.buffer[: _HEAD.size]), bytes(self.buffer[_HEAD.size : _HEAD.size + size])
        del self.buffer[: _HEAD.size + size]
        return kind, head, body

    def _record(self, kind: int, head: bytes, body: bytes) -> bytes:
        if self.session.is_13:
            return self._open_13(head, body) if kind == _DATA else b""
        if kind == _CHANGE:
            if self._sealed:
                raise TlsError("a renegotiation is not followed")
            self._sealed = True
            return b""
        if self._sealed:
            clear = self._opened(head, body)
            return clear if kind == _DATA and clear else b""
        if kind == _HELLO:
            self._handshake(body)
        return b""

    def _handshake(self, body: bytes) -> None:
        self._hello += body
        while len(self._hello) >= 4:
            size = int.from_bytes(self._hello[1:4])
            if size > _LARGEST_HELLO:
                raise TlsError("a handshake message is too long")
            if len(self._hello) < 4 + size:
                return
            self.session.hear(self._hello[0], bytes(self._hello[4 : 4 + size]))
            del self._hello[: 4 + size]

    def _ready(self) -> RecordKey:
        if self._key is None:
            self._key = self.session.key(client=self.client)
        if self._key is None:
            raise TlsError("the key log does not know this connection")
        return self._key

    def _opened(self, head: bytes, body: bytes) -> bytes | None:
        """The content; None where this record does not open but others may."""
        key = self._ready()
        for step in range(_STEPS if self._hole else 1):
            try:
                clear = key.open(head, body, self._sequence + step)
            except TlsError:
                continue
            self._sequence += step + 1
            self._hole = False
            return clear
        return None

    def _open_13(self, head: bytes, body: bytes) -> bytes:
        clear = self._opened(head, body)
        if clear is None:
            clear = self._with_next_key(head, body)
        stripped = clear.rstrip(b"\0")
        return stripped[:-1] if stripped[-1:] == bytes([_DATA]) else b""

    def _with_next_key(self, head: bytes, body: bytes) -> bytes:
        """b"" for early data and what else no key opens."""
        key = self._ready()
        if isinstance(key, Aead13):
            following = self.session.next_key(key, client=self.client)
            for sequence in range(_STEPS if self._hole else 1):
                try:
                    clear = following.open(head, body, sequence)
                except TlsError:
                    continue
                self._key, self._sequence, self._hole = following, sequence + 1, False
                return clear
        return b""

"""Keys of TLS 1.2 (RFC 5246, 5288, 7905, 7366) and 1.3 (RFC 8446) that open the records of one direction."""

import hmac
from dataclasses import dataclass
from struct import pack
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

_BLOCK = 16
_MAC_SIZES = {"sha1": 20, "sha256": 32, "sha384": 48}


class TlsError(ValueError):
    """A record or handshake that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Suite:
    """`cipher` is gcm, cbc or chacha, `key` its bytes, `mac` a CBC suite's hash, `prf` that of the key derivation."""

    cipher: str
    key: int
    prf: str = "sha256"
    mac: str = ""


def _suites() -> dict[int, Suite]:
    found = dict.fromkeys((0x009C, 0x009E, 0xC02B, 0xC02F, 0x1301), Suite("gcm", 16))
    found |= dict.fromkeys((0x009D, 0x009F, 0xC02C, 0xC030, 0x1302), Suite("gcm", 32, "sha384"))
    found |= dict.fromkeys((0xCCA8, 0xCCA9, 0xCCAA, 0x1303), Suite("chacha", 32))
    found |= dict.fromkeys((0x002F, 0x0033, 0xC009, 0xC013), Suite("cbc", 16, mac="sha1"))
    found |= dict.fromkeys((0x0035, 0x0039, 0xC00A, 0xC014), Suite("cbc", 32, mac="sha1"))
    found |= dict.fromkeys((0x003C, 0x0067, 0xC023, 0xC027), Suite("cbc", 16, mac="sha256"))
    found |= dict.fromkeys((0x003D, 0x006B), Suite("cbc", 32, mac="sha256"))
    found |= dict.fromkeys((0xC024, 0xC028), Suite("cbc", 32, "sha384", "sha384"))
    return found


SUITES = _suites()


class RecordKey(Protocol):
    """Opens records; `sequence` is the number of the one that is given."""

    def open(self, head: bytes, body: bytes, sequence: int) -> bytes:
        """The content in clear. Raises TlsError."""
        ...


def _aead(cipher: str, key: bytes) -> AESGCM | ChaCha20Poly1305:
    return AESGCM(key) if cipher == "gcm" else ChaCha20Poly1305(key)


def _associated(head: bytes, sequence: int, size: int) -> bytes:
    """RFC 5246, 6.2.3.3."""
    return pack(">Q", sequence) + head[:3] + pack(">H", size)


class Aead12:
    """GCM has four bytes of its nonce in each record, eight in clear before it; ChaCha20 counts in it."""

    def __init__(self, cipher: str, key: bytes, salt: bytes) -> None:
        self._explicit = 8 if cipher == "gcm" else 0
        self._salt = salt
        self._opener = _aead(cipher, key)

    def open(self, head: bytes, body: bytes, sequence: int) -> bytes:
        size = len(body) - self._explicit - 16
        if size < 0:
            raise TlsError("the record is too short for its tag")
        if self._explicit:
            nonce = self._salt + body[: self._explicit]
        else:
            nonce = (int.from_bytes(self._salt) ^ sequence).to_bytes(12)
        try:
            return self._opener.decrypt(nonce, body[self._explicit :], _associated(head, sequence, size))
        except InvalidTag:
            raise TlsError("the record does not authenticate") from None


class Cbc12:
    """MAC, then padding, then encryption; or the MAC last (RFC 7366)."""

    def __init__(self, key: bytes, mac_key: bytes, mac: str, *, mac_last: bool) -> None:
        self._key, self._mac_key, self._mac, self._last = key, mac_key, mac, mac_last
        self._size = _MAC_SIZES[mac]

    def open(self, head: bytes, body: bytes, sequence: int) -> bytes:
        if self._last:
            sealed, tag = body[: -self._size], body[-self._size :]
            self._check(_associated(head, sequence, len(sealed)) + sealed, tag)
            return self._unpadded(self._decrypted(sealed), 0)
        clear = self._unpadded(self._decrypted(body), self._size)
        content, tag = clear[: -self._size], clear[-self._size :]
        self._check(_associated(head, sequence, len(content)) + content, tag)
        return content

    def _decrypted(self, sealed: bytes) -> bytes:
        if len(sealed) < 2 * _BLOCK or len(sealed) % _BLOCK:
            raise TlsError("the record is not made of whole blocks")
        opener = Cipher(algorithms.AES(self._key), modes.CBC(sealed[:_BLOCK])).decryptor()
        return opener.update(sealed[_BLOCK:])

    @staticmethod
    def _unpadded(clear: bytes, least: int) -> bytes:
        size = len(clear) - clear[-1] - 1
        if size < least or clear[size:] != bytes([clear[-1]]) * (clear[-1] + 1):
            raise TlsError("the record's padding is wrong")
        return clear[:size]

    def _check(self, content: bytes, tag: bytes) -> None:
        if not hmac.compare_digest(hmac.digest(self._mac_key, content, self._mac), tag):
            raise TlsError("the record does not authenticate")


class Aead13:
    """RFC 8446, 5.2; what it opens has its padding and its type at the end."""

    def __init__(self, suite: Suite, secret: bytes) -> None:
        self.suite, self.secret = suite, secret
        self._vector = int.from_bytes(expand_label(secret, "iv", 12, suite.prf))
        self._opener = _aead(suite.cipher, expand_label(secret, "key", suite.key, suite.prf))

    def open(self, head: bytes, body: bytes, sequence: int) -> bytes:
        if len(body) < 17:
            raise TlsError("the record is too short for its tag")
        try:
            return self._opener.decrypt((self._vector ^ sequence).to_bytes(12), body, head)
        except InvalidTag:
            raise TlsError("the record does not authenticate") from None

    def following(self) -> "Aead13":
        """The key after a KeyUpdate (RFC 8446, 7.2)."""
        return Aead13(self.suite, expand_label(self.secret, "traffic upd", len(self.secret), self.suite.prf))


def expand_label(secret: bytes, label: str, size: int, prf: str) -> bytes:
    """RFC 8446, 7.1, with an empty context."""
    name = b"tls13 " + label.encode()
    info = pack(">HB", size, len(name)) + name + b"\0"
    made, block = b"", b""
    for number in range(1, 1 + -(-size // _MAC_SIZES[prf])):
        block = hmac.digest(secret, block + info + bytes([number]), prf)
        made += block
    return made[:size]


def key_block(master: bytes, seed: bytes, size: int, prf: str) -> bytes:
    """RFC 5246, 5 and 6.3."""
    seed = b"key expansion" + seed
    made, chain = b"", seed
    while len(made) < size:
        chain = hmac.digest(master, chain, prf)
        made += hmac.digest(master, chain + seed, prf)
    return made[:size]


def keys_12(suite: Suite, master: bytes, randoms: tuple[bytes, bytes], *, client: bool, mac_last: bool) -> RecordKey:
    """The key by which one side of a TLS 1.2 connection writes; `randoms` are the client's and the server's."""
    mac = _MAC_SIZES[suite.mac] if suite.mac else 0
    vector = {"gcm": 4, "chacha": 12, "cbc": 0}[suite.cipher]
    block = key_block(master, randoms[1] + randoms[0], 2 * (mac + suite.key + vector), suite.prf)
    place, parts = 0, []
    for size in (mac, mac, suite.key, suite.key, vector, vector):
        parts.append(block[place : place + size])
        place += size
    mac_key, key, salt = parts[0 if client else 1], parts[2 if client else 3], parts[4 if client else 5]
    if suite.cipher == "cbc":
        return Cbc12(key, mac_key, suite.mac, mac_last=mac_last)
    return Aead12(suite.cipher, key, salt)

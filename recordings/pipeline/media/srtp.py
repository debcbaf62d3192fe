"""SRTP (RFC 3711) with the keys that SDP named: suites of RFC 4568, 6188 and 7714, key identifiers, key rates.

A packet is believed when it authenticates; which of several keys is meant (a re-INVITE, an answer that chose another
line, a key that was told late), and how often the sequence number has wrapped before the capture began, is tried out.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from struct import pack

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordings.pipeline.media.rtp import HEADER, Ints
from recordings.pipeline.media.sdes import MasterKey, SdesError, parse_crypto

MOST_KEYS = 32
MOST_WRAPS = 16  # before the capture began: six hours at 50 packets per second
TRIES = 50  # packets of one SSRC that may fail before its keys are given up
MOST_TRIES = 2000  # of all SSRCs together that no key has opened yet
_ENCRYPTION, _AUTHENTICATION, _SALT = 0, 1, 2


class SrtpError(ValueError):
    """A packet that does not open with this key."""


class Context:
    """One master key with the session keys derived from it."""

    def __init__(self, key: MasterKey) -> None:
        self.key = key
        self._rate_index = -1
        self._derive(0)

    def _derive(self, rate_index: int) -> None:
        if rate_index == self._rate_index:
            return
        suite = self.key.suite
        self._rate_index = rate_index
        self._cipher_key = self._pseudo_random(_ENCRYPTION, suite.key)
        self._mac_key = b"" if suite.gcm else self._pseudo_random(_AUTHENTICATION, 20)
        self._salt = int.from_bytes(self._pseudo_random(_SALT, suite.salt))
        self._gcm = AESGCM(self._cipher_key) if suite.gcm else None

    def _pseudo_random(self, label: int, size: int) -> bytes:
        """RFC 3711, 4.3.3; a salt of 96 bits is the upper part of one of 112 (RFC 7714, 11)."""
        salt = int.from_bytes(self.key.salt.ljust(14, b"\0"))
        start = (salt ^ (label << 48 | self._rate_index)) << 16
        return _counter_mode(self.key.key, start, bytes(size))

    def open(self, packet: bytes, index: int) -> bytes:
        """The packet in clear, without tag and key identifier; `index` is the 48-bit one. Raises SrtpError."""
        key, head = self.key, header_size(packet)
        end = len(packet) - len(key.mki) - (0 if key.suite.gcm else key.tag)
        least = head + (key.suite.tag if key.suite.gcm else 0)
        if head < HEADER or end < least:
            raise SrtpError("the packet is too short for its tag")
        tag_at = end + (0 if key.suite.gcm else len(key.mki))
        if key.mki and packet[end : end + len(key.mki)] != key.mki:
            raise SrtpError("another master key is meant")
        self._derive(index >> key.rate_bits if key.rate_bits else 0)
        if self._gcm is not None:
            return packet[:head] + self._open_gcm(self._gcm, packet[:head], packet[head:end], index)
        body = packet[:end]
        if key.tag:
            tag = hmac.digest(self._mac_key, body + pack(">I", index >> 16 & 0xFFFFFFFF), "sha1")
            if not hmac.compare_digest(tag[: key.tag], packet[tag_at : tag_at + key.tag]):
                raise SrtpError("the packet does not authenticate")
        if not key.encrypted:
            return body
        ssrc = int.from_bytes(packet[8:12])
        start = self._salt << 16 ^ ssrc << 64 ^ index << 16
        return packet[:head] + _counter_mode(self._cipher_key, start, body[head:])

    def _open_gcm(self, gcm: AESGCM, head: bytes, sealed: bytes, index: int) -> bytes:
        ssrc = int.from_bytes(head[8:12])
        nonce = (ssrc << 48 | index) ^ self._salt
        try:
            return gcm.decrypt(nonce.to_bytes(12), sealed, head)
        except InvalidTag:
            raise SrtpError("the packet does not authenticate") from None


def _counter_mode(key: bytes, start: int, data: bytes) -> bytes:
    made = Cipher(algorithms.AES(key), modes.CTR((start % (1 << 128)).to_bytes(16))).encryptor()
    return made.update(data)


def header_size(packet: bytes) -> int:
    """Bytes in clear: fixed part, sources, extension; 0 where they do not fit."""
    if len(packet) < HEADER:
        return 0
    size = HEADER + 4 * (packet[0] & 15)
    if packet[0] & 16:
        size += 4 + 4 * int.from_bytes(packet[size + 2 : size + 4])
    return size if size <= len(packet) else 0


@dataclass(slots=True)
class _Source:
    """How far one SSRC has come (RFC 3711, 3.3.1)."""

    context: Context | None = None
    highest: int = -1
    failed: int = 0

    def guess(self, sequence: int) -> int:
        """The index that is nearest to the highest so far."""
        base = self.highest & ~0xFFFF | sequence
        near = [index for index in (base - 0x10000, base, base + 0x10000) if index >= 0]
        return min(near, key=lambda index: abs(index - self.highest))


@dataclass(slots=True)
class Opener:
    """Opens the packets of one direction, in order of arrival."""

    contexts: list[Context]
    sources: dict[int, _Source] = field(default_factory=dict)
    opened: int = 0
    failed: int = 0
    refused: int = 0

    def open(self, packet: bytes) -> bytes | None:
        """The packet in clear, None where no key opens it."""
        source = self.sources.setdefault(int.from_bytes(packet[8:12]), _Source())
        if source.context is None and (source.failed >= TRIES or self.failed >= MOST_TRIES):
            self.refused += 1
            return None
        sequence = int.from_bytes(packet[2:4])
        for context, index in self._attempts(source, sequence):
            try:
                clear = context.open(packet, index)
            except SrtpError:
                continue
            source.context, source.highest = context, max(index, source.highest)
            self.opened += 1
            return clear
        source.failed += 1
        self.failed += source.context is None
        self.refused += 1
        return None

    def _attempts(self, source: _Source, sequence: int) -> list[tuple[Context, int]]:
        """The key at work first; then the others, which go on counting or begin anew."""
        if source.context is None:
            wraps = range(MOST_WRAPS)
            return [(context, wrap << 16 | sequence) for wrap in wraps for context in self.contexts]
        index = source.guess(sequence)
        others = [context for context in self.contexts if context is not source.context]
        return [(source.context, index), *((other, at) for other in others for at in {index, sequence})]


def opener(lines: Sequence[str]) -> Opener:
    """For these a=crypto lines; those that cannot be used are passed over."""
    contexts: dict[MasterKey, Context] = {}
    for line in lines:
        try:
            keys = parse_crypto(line)
        except SdesError:
            continue
        for key in keys:
            if len(contexts) < MOST_KEYS:
                contexts.setdefault(key, Context(key))
    return Opener(list(contexts.values()))


def open_all(data: bytes, offsets: Ints, lengths: Ints, lines: Sequence[str]) -> tuple[bytes, Ints, Ints, Opener]:
    """All packets in clear in a buffer of their own, with length 0 where one does not open."""
    opening = opener(lines)
    found: list[bytes] = []
    for begin, size in zip(offsets.tolist(), lengths.tolist(), strict=True):
        packet = data[begin : begin + size]
        found.append((opening.open(packet) if opening.contexts and size >= HEADER else None) or b"")
    sizes = np.array([len(packet) for packet in found], np.int64)
    return b"".join(found), np.cumsum(sizes) - sizes, sizes, opening

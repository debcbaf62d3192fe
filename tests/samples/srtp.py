"""SRTP as a phone sends it: written after RFC 3711 and 7714 on its own, to check what opens it."""

import hmac
from base64 import b64encode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SIZES = {
    "AES_CM_128_HMAC_SHA1_80": (16, 14, 10), "AES_CM_128_HMAC_SHA1_32": (16, 14, 4),
    "AES_192_CM_HMAC_SHA1_80": (24, 14, 10), "AES_192_CM_HMAC_SHA1_32": (24, 14, 4),
    "AES_256_CM_HMAC_SHA1_80": (32, 14, 10), "AES_256_CM_HMAC_SHA1_32": (32, 14, 4),
    "AEAD_AES_128_GCM": (16, 12, 16), "AEAD_AES_256_GCM": (32, 12, 16),
}  # fmt: skip


def stream_of(key: bytes, start: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(start)).encryptor().update(data)


class Phone:
    """Seals packets of 12 bytes of header; `wraps` is how often its sequence number has wrapped."""

    def __init__(self, suite: str, seed: int = 1, mki: bytes = b"") -> None:
        self.suite, self.mki, self.gcm = suite, mki, suite.startswith("AEAD")
        size, salt, self.tag = SIZES[suite]
        self.master = bytes((seed * 37 + at * 11) & 255 for at in range(size))
        self.salt = bytes((seed * 53 + at * 7 + 1) & 255 for at in range(salt))
        padded = self.salt.ljust(14, b"\0")

        def derived(label: int, length: int) -> bytes:
            mixed = bytes(octet ^ (label if at == 7 else 0) for at, octet in enumerate(padded))
            return stream_of(self.master, mixed + b"\0\0", bytes(length))

        self.key, self.mac, self.session_salt = derived(0, size), derived(1, 20), derived(2, salt)

    @property
    def line(self) -> str:
        """What stands behind a=crypto:"""
        inline = b64encode(self.master + self.salt).decode()
        named = f"|{int.from_bytes(self.mki)}:{len(self.mki)}" if self.mki else ""
        return f"1 {self.suite} inline:{inline}|2^31{named}"

    def seal(self, packet: bytes, wraps: int = 0) -> bytes:
        head, payload, sequence, ssrc = packet[:12], packet[12:], packet[2:4], packet[8:12]
        roc = wraps.to_bytes(4)
        if self.gcm:
            nonce = bytes(a ^ b for a, b in zip(b"\0\0" + ssrc + roc + sequence, self.session_salt, strict=True))
            return head + AESGCM(self.key).encrypt(nonce, payload, head) + self.mki
        place = bytes(4) + ssrc + roc + sequence + bytes(2)
        start = bytes(a ^ b for a, b in zip(place, self.session_salt + bytes(2), strict=True))
        body = head + stream_of(self.key, start, payload)
        return body + self.mki + hmac.digest(self.mac, body + roc, "sha1")[: self.tag]

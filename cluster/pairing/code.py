"""The one-time code: which certificate the primary has, and a secret that nobody else knows."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

FINGERPRINT = 12  # bytes of SHA-256: a second certificate with the same ones takes 2^96 tries
SECRET = 6  # bytes: guessed against a primary that counts to five, never against anything offline
CHECK = 2
LETTERS = 32
_FORGIVEN = str.maketrans({"0": "O", "1": "I", "8": "B", " ": "", "-": "", "\t": "", "\n": "", "\r": ""})


class CodeError(ValueError):
    """What was typed is no pairing code; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Code:
    fingerprint: bytes
    secret: bytes = field(repr=False)

    def __str__(self) -> str:
        """Eight groups of four letters and digits, for people to copy."""
        body = self.fingerprint + self.secret
        text = base64.b32encode(body + _check(body)).decode()
        return "-".join(text[at : at + 4] for at in range(0, LETTERS, 4))

    def fits(self, certificate: bytes) -> bool:
        """Whether this is the certificate (DER) of the machine that showed the code."""
        return hmac.compare_digest(self.fingerprint, short_fingerprint(certificate))


def make(certificate: bytes) -> Code:
    """A new code for this certificate (DER)."""
    return Code(short_fingerprint(certificate), secrets.token_bytes(SECRET))


def parse(text: str) -> Code:
    """What a person typed or pasted. Raises CodeError."""
    letters = text[:200].strip().upper().translate(_FORGIVEN)
    try:
        raw = base64.b32decode(letters)
    except ValueError:
        raw = b""
    if len(letters) != LETTERS or len(raw) != FINGERPRINT + SECRET + CHECK:
        raise CodeError("A pairing code has eight groups of four letters and digits; copy all of it.")
    body, check = raw[:-CHECK], raw[-CHECK:]
    if check != _check(body):
        raise CodeError("This pairing code has a typing error; compare it with the primary's screen.")
    return Code(body[:FINGERPRINT], body[FINGERPRINT:])


def short_fingerprint(certificate: bytes) -> bytes:
    return hashlib.sha256(certificate).digest()[:FINGERPRINT]


def _check(body: bytes) -> bytes:
    return hashlib.sha256(b"apresa pairing code" + body).digest()[:CHECK]

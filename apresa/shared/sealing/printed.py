"""Secrets on paper: groups of four letters and digits that survive being read out and typed back.

Crockford's base 32: no I, L, O, U; capitals or not, I and L read as 1, O as 0. Four bytes of a SHA-256 over kind and
secret are appended, so that a slip is noticed and a share is not taken for a recovery key.
"""

import hashlib

from apresa.shared.sealing.errors import NotOpened

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")
CHECK = 4
GROUP = 4
LONGEST = 400


def print_secret(kind: str, secret: bytes) -> str:
    """Groups of four, with hyphens."""
    data = secret + _check(kind, secret)
    bits = len(data) * 8
    length = -(-bits // 5)
    number = int.from_bytes(data) << (length * 5 - bits)
    text = "".join(_ALPHABET[number >> 5 * (length - 1 - at) & 31] for at in range(length))
    return "-".join(text[at : at + GROUP] for at in range(0, length, GROUP))


def read_secret(kind: str, typed: str) -> bytes:
    """What `print_secret` printed, whatever spaces and hyphens stand in it. Raises NotOpened."""
    text = "".join(letter for letter in typed[:LONGEST].upper() if letter not in "- \t\r\n").translate(_READ_AS)
    wrong = next((letter for letter in text if letter not in _ALPHABET), None)
    if wrong is not None:
        raise NotOpened(f"{wrong!r} stands in no printed key.")
    number = 0
    for letter in text:
        number = number << 5 | _ALPHABET.index(letter)
    spare = len(text) * 5 % 8
    data = (number >> spare).to_bytes(len(text) * 5 // 8)
    secret, check = data[:-CHECK], data[-CHECK:]
    if not secret or check != _check(kind, secret) or print_secret(kind, secret).replace("-", "") != text:
        raise NotOpened("A letter is wrong or missing: compare the groups with the paper.")
    return secret


def _check(kind: str, secret: bytes) -> bytes:
    return hashlib.sha256(kind.encode() + b"\0" + secret).digest()[:CHECK]

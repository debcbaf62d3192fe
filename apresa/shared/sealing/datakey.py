"""The data key of one sealed file: two halves, of which either alone is worth nothing.

The file's half lies in its header, wrapped to the system's public key (HPKE, RFC 9180, base mode). The call's half lies
in the key table: without it no copy of the file opens again, in whichever backup it may lie.
"""

import hashlib
import os
import uuid
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from apresa.shared.sealing.errors import Damaged, UnknownKey
from apresa.shared.sealing.header import HALF, Header, Purpose

PREFIX = 7
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_WRAPPING = b"apresa sealed file: half\0"
_DERIVING = b"apresa sealed file: data key\0"


def key_pair_id(public: X25519PublicKey) -> bytes:
    """The name of a key pair: 16 bytes of its public key's SHA-256."""
    return hashlib.sha256(public.public_bytes_raw()).digest()[:16]


def new_call_half() -> bytes:
    """A call's half, for the key table."""
    return os.urandom(HALF)


def new_header(call: uuid.UUID, purpose: Purpose, public: X25519PublicKey, call_half: bytes) -> tuple[Header, bytes]:
    """A header with a fresh file's half, and the data key: the public key is enough to seal."""
    header, half = wrap_half(call, purpose, public)
    return header, _derive(header, half, call_half)


def wrap_half(call: uuid.UUID, purpose: Purpose, public: X25519PublicKey) -> tuple[Header, bytes]:
    """A header with a fresh file's half, and that half."""
    half = os.urandom(HALF)
    bare = Header(call, purpose, key_pair_id(public), os.urandom(PREFIX), b"")
    return replace(bare, wrapped=_SUITE.encrypt(half, public, info=_WRAPPING + bare.facts)), half


def open_header(header: Header, private: X25519PrivateKey, call_half: bytes) -> bytes:
    """The data key of a file. Raises UnknownKey when another key pair is needed, Damaged when the header was changed.

    A wrong call's half shows at the first chunk only: the header does not know it.
    """
    return _derive(header, unwrap_half(header, private), call_half)


def unwrap_half(header: Header, private: X25519PrivateKey) -> bytes:
    """The file's half. Raises UnknownKey, Damaged."""
    if header.key_pair != key_pair_id(private.public_key()):
        raise UnknownKey(f"The file is sealed for another key pair ({header.key_pair.hex()}).")
    try:
        return _SUITE.decrypt(header.wrapped, private, info=_WRAPPING + header.facts)
    except (InvalidTag, ValueError):
        raise Damaged("The sealed file's header was changed.") from None


def _derive(header: Header, half: bytes, call_half: bytes) -> bytes:
    if len(half) != HALF or len(call_half) != HALF:
        raise ValueError(f"each half of a data key has {HALF} bytes")
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_DERIVING + header.facts).derive(half + call_half)

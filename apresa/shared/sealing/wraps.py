"""The private key under lock: one wrap for each passphrase, recovery key or set of shares that opens it.

A passphrase is stretched by Argon2id (RFC 9106), whose cost is stored and may be raised; the other two are 256 random
bits and need none. The wrap's facts are associated data: a cost that was lowered in the table opens nothing.
"""

import json
import os
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from apresa.shared.sealing.errors import NotOpened

SECRET = 32
SALT = 16
NONCE = 12
SHORTEST = 12  # letters of a passphrase


class Kind(StrEnum):
    PASSPHRASE = "passphrase"  # noqa: S105 - a kind, no secret
    RECOVERY = "recovery"
    SHARES = "shares"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of Argon2id: passes, lanes, memory in KiB. The default is RFC 9106's second choice, for 64 MiB (section 4)."""

    passes: int = 3
    lanes: int = 4
    memory: int = 64 * 1024

    @property
    def bearable(self) -> bool:
        """Whether to compute it: a table that was tampered with must not take the machine's memory."""
        return 1 <= self.passes <= 64 and 1 <= self.lanes <= 16 and 8 * self.lanes <= self.memory <= 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wrap:
    """`name` is what people call it; `cost` counts for passphrases only."""

    kind: Kind
    name: str
    key_pair: bytes
    cost: Cost
    salt: bytes
    nonce: bytes
    sealed: bytes

    @property
    def facts(self) -> bytes:
        """What the sealing binds; the name is not among it, so that it may be changed."""
        cost = [self.cost.passes, self.cost.lanes, self.cost.memory]
        return json.dumps(["apresa key wrap 1", self.kind, self.key_pair.hex(), cost, self.salt.hex()]).encode()


def wrap(private: bytes, secret: bytes, kind: Kind, name: str, key_pair: bytes, cost: Cost | None = None) -> Wrap:
    """Lock a private key. `secret` is a passphrase's bytes or 32 random ones. Raises ValueError when too short."""
    if len(secret) < SECRET and kind is not Kind.PASSPHRASE:
        raise ValueError("a recovery key or a shared secret has 32 bytes")
    if kind is Kind.PASSPHRASE and len(secret.decode(errors="surrogatepass")) < SHORTEST:
        raise ValueError(f"A passphrase has {SHORTEST} letters at least.")
    bare = Wrap(kind, name, key_pair, cost or Cost(), os.urandom(SALT), os.urandom(NONCE), b"")
    sealed = AESGCM(_key(bare, secret)).encrypt(bare.nonce, private, bare.facts)
    return Wrap(kind, name, key_pair, bare.cost, bare.salt, bare.nonce, sealed)


def unwrap(locked: Wrap, secret: bytes) -> bytes:
    """The private key. Raises NotOpened."""
    if not locked.cost.bearable:
        raise NotOpened("The key table asks for an Argon2 cost that no machine should pay: it was changed.")
    try:
        return AESGCM(_key(locked, secret)).decrypt(locked.nonce, locked.sealed, locked.facts)
    except (InvalidTag, ValueError):
        raise NotOpened(_REFUSALS[locked.kind]) from None


def _key(locked: Wrap, secret: bytes) -> bytes:
    if locked.kind is not Kind.PASSPHRASE:
        return HKDF(algorithm=SHA256(), length=32, salt=locked.salt, info=locked.facts).derive(secret)
    cost = locked.cost
    stretch = Argon2id(salt=locked.salt, length=32, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory)
    return stretch.derive(secret)


_REFUSALS = {
    Kind.PASSPHRASE: "The passphrase is wrong.",
    Kind.RECOVERY: "The recovery key is not the one of this system.",
    Kind.SHARES: "The shares do not restore the key: one of them is wrong, or they are of another system.",
}

"""Key pairs and what opens them. New calls are sealed for the newest pair; older ones stay to read older calls.

Each operation gives a new pair and touches no recording.
"""

import os
import unicodedata
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from apresa.shared.sealing.datakey import key_pair_id
from apresa.shared.sealing.errors import NotOpened, SealingError
from apresa.shared.sealing.printed import print_secret, read_secret
from apresa.shared.sealing.shares import combine, parse_share, split
from apresa.shared.sealing.wraps import SECRET, Cost, Kind, Wrap, unwrap, wrap

_RECOVERY, _SHARE = "recovery", "share"


@dataclass(frozen=True, slots=True)
class Pair:
    """A key pair: the public key (32 bytes) and the wraps of the private one."""

    public: bytes
    wraps: tuple[Wrap, ...]

    @property
    def name(self) -> bytes:
        return key_pair_id(X25519PublicKey.from_public_bytes(self.public))


@dataclass(frozen=True, slots=True)
class Keyring:
    """Oldest pair first."""

    pairs: tuple[Pair, ...]

    @property
    def newest(self) -> Pair:
        return self.pairs[-1]


def passphrase_bytes(typed: str) -> bytes:
    """The same bytes whichever keyboard composed the letters (NFKC, as RFC 8265 asks of passwords)."""
    return unicodedata.normalize("NFKC", typed).encode(errors="surrogatepass")


def new_pair(passphrase: str, name: str, cost: Cost | None = None) -> Pair:
    """Raises ValueError for a passphrase that is too short."""
    private = X25519PrivateKey.generate()
    pair = Pair(private.public_key().public_bytes_raw(), ())
    return add_passphrase(pair, private, passphrase, name, cost)


def add_passphrase(pair: Pair, private: X25519PrivateKey, passphrase: str, name: str, cost: Cost | None = None) -> Pair:
    """One more passphrase, or another one for that name. Raises ValueError."""
    kept = tuple(one for one in pair.wraps if (one.kind, one.name) != (Kind.PASSPHRASE, name))
    made = _wrapped(pair, private, passphrase_bytes(passphrase), Kind.PASSPHRASE, name, cost)
    return replace(pair, wraps=(*kept, made))


def print_recovery_key() -> tuple[bytes, str]:
    """A new recovery key: its bytes, and what is printed. It opens nothing until `add_recovery_key`."""
    secret = os.urandom(SECRET)
    return secret, print_secret(_RECOVERY, secret)


def add_recovery_key(pair: Pair, private: X25519PrivateKey, secret: bytes, typed: str) -> Pair:
    """The recovery key as typed back from paper replaces an earlier one. Raises NotOpened when it differs."""
    if read_secret(_RECOVERY, typed) != secret:
        raise NotOpened("This is another recovery key than the one just printed.")
    kept = tuple(one for one in pair.wraps if one.kind is not Kind.RECOVERY)
    return replace(pair, wraps=(*kept, _wrapped(pair, private, secret, Kind.RECOVERY, "")))


def add_shares(pair: Pair, private: X25519PrivateKey, needed: int, holders: int) -> tuple[Pair, list[str]]:
    """New shares, as printed for their holders; earlier ones open no more. Raises ValueError."""
    secret = os.urandom(SECRET)
    printed = [print_secret(_SHARE, share.pack()) for share in split(secret, needed, holders)]
    kept = tuple(one for one in pair.wraps if one.kind is not Kind.SHARES)
    return replace(pair, wraps=(*kept, _wrapped(pair, private, secret, Kind.SHARES, ""))), printed


def remove(pair: Pair, kind: Kind, name: str) -> Pair:
    """Take a way to open away. Raises ValueError for the last one, or one that is not there."""
    kept = tuple(one for one in pair.wraps if (one.kind, one.name) != (kind, name))
    if len(kept) == len(pair.wraps):
        raise ValueError("The key has no such way to open it.")
    if not kept:
        raise ValueError("The last way to open the key cannot be removed: all sealed calls would be lost.")
    return replace(pair, wraps=kept)


def open_by_passphrase(pair: Pair, typed: str) -> X25519PrivateKey:
    """Raises NotOpened."""
    return _opened(pair, Kind.PASSPHRASE, passphrase_bytes(typed))


def open_by_recovery_key(pair: Pair, typed: str) -> X25519PrivateKey:
    """Raises NotOpened."""
    return _opened(pair, Kind.RECOVERY, read_secret(_RECOVERY, typed))


def open_by_shares(pair: Pair, typed: list[str]) -> X25519PrivateKey:
    """Raises NotOpened."""
    return _opened(pair, Kind.SHARES, combine([parse_share(read_secret(_SHARE, one)) for one in typed]))


def _wrapped(
    pair: Pair, private: X25519PrivateKey, secret: bytes, kind: Kind, name: str, cost: Cost | None = None
) -> Wrap:
    if private.public_key().public_bytes_raw() != pair.public:
        raise ValueError("the private key is not this pair's")
    return wrap(private.private_bytes_raw(), secret, kind, name, pair.name, cost)


def _opened(pair: Pair, kind: Kind, secret: bytes) -> X25519PrivateKey:
    refusal = NotOpened("The key has no such way to open it.")
    for locked in pair.wraps:
        if locked.kind is kind:
            try:
                private = X25519PrivateKey.from_private_bytes(unwrap(locked, secret))
            except NotOpened as error:
                refusal = error
                continue
            if private.public_key().public_bytes_raw() != pair.public:
                raise SealingError("The key table holds another pair's private key: it was changed.")
            return private
    raise refusal

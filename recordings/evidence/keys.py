"""A node's own key: it signs what the node says of its chain, and never leaves the machine."""

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from apresa.shared.files import create_once
from recordings.evidence.chain import ProofError

NAME = "evidence.key"
SIZE = 32


@dataclass(frozen=True, slots=True)
class NodeKey:
    """Its text never shows the private half."""

    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"NodeKey({self.public})"

    @property
    def public(self) -> str:
        return self.private.public_key().public_bytes_raw().hex()

    def sign(self, text: str) -> str:
        return self.private.sign(text.encode()).hex()


def node_key(folder: Path) -> NodeKey:
    """The key in this folder (0600), made at first use. Raises OSError, ProofError."""
    path = folder / NAME
    if not path.exists():
        create_once(path, Ed25519PrivateKey.generate().private_bytes_raw(), 0o600)
    data = path.read_bytes()
    if len(data) != SIZE:
        raise ProofError(f"The key file {path} is damaged: put the machine's backup of it back, or remove it.")
    return NodeKey(Ed25519PrivateKey.from_private_bytes(data))


def is_signed(public: str, signature: str, text: str) -> bool:
    """Whether the holder of this key signed the text; whatever the strings."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True

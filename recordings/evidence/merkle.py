"""The tree over a day's links, hashed as RFC 6962 (section 2.1) says: leaves and inner nodes can never be confused."""

import hashlib
from collections.abc import Sequence

from recordings.evidence.chain import ProofError

Step = tuple[str, str]
"""The side on which the neighbour stands, "left" or "right", and its hash."""


def _leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _split(count: int) -> int:
    """The largest power of two below count."""
    return 1 << (count - 1).bit_length() - 1


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    middle = _split(len(leaves))
    return _inner(_root(leaves[:middle]), _root(leaves[middle:]))


def root(digests: Sequence[str]) -> str:
    """Of the hexadecimal digests of links, in their order; that of no link is the hash of nothing."""
    if not digests:
        return hashlib.sha256().hexdigest()
    return _root([_leaf(bytes.fromhex(item)) for item in digests]).hex()


def path(digests: Sequence[str], index: int) -> list[Step]:
    """The neighbours from the leaf up to the root."""
    leaves = [_leaf(bytes.fromhex(item)) for item in digests]
    steps: list[Step] = []
    while len(leaves) > 1:
        middle = _split(len(leaves))
        if index < middle:
            steps.append(("right", _root(leaves[middle:]).hex()))
            leaves = leaves[:middle]
        else:
            steps.append(("left", _root(leaves[:middle]).hex()))
            leaves, index = leaves[middle:], index - middle
    return steps[::-1]


def climb(leaf: str, steps: Sequence[Step]) -> str:
    """The root that a path leads to. Raises ProofError."""
    try:
        found = _leaf(bytes.fromhex(leaf))
        for side, neighbour in steps:
            other = bytes.fromhex(neighbour)
            found = _inner(other, found) if side == "left" else _inner(found, other)
    except (ValueError, TypeError) as error:
        raise ProofError("The path through the day's tree cannot be read.") from error
    return found.hex()

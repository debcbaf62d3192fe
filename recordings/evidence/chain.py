"""One link of a node's chain. What happened stands in its body; the link holds no more than the body's digest.

So a chain can be shown to a stranger, and outlive a deleted call, without saying anything of other calls.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

MARK = "apresa-link-1"
STORED, DELETED, AUDIT = "stored", "deleted", "audit"
KINDS = (STORED, DELETED, AUDIT)
FIELDS = 8
HEX = frozenset("0123456789abcdef")


class ProofError(ValueError):
    """A proof that cannot be read, or does not prove."""


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON in one form only, so that the same facts have the same digest."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def salted(salt: str, text: str) -> str:
    """Without the salt, which goes with the call, nobody can try telephone numbers until one fits."""
    return digest(f"{salt}\n{text}")


def beginning(node: str, boot: str) -> str:
    """What the first link of a chain follows."""
    return digest(f"apresa-chain-1\n{node}\n{boot}")


def is_digest(text: str) -> bool:
    return len(text) == hashlib.sha256().digest_size * 2 and set(text) <= HEX


@dataclass(frozen=True, slots=True)
class Link:
    """`previous` is the digest of the link before it, `body` that of what happened."""

    node: str
    boot: str
    number: int
    at: str
    kind: str
    previous: str
    body: str

    @property
    def text(self) -> str:
        fields = (MARK, self.node, self.boot, str(self.number), self.at, self.kind, self.previous, self.body)
        return "\n".join(fields)

    @property
    def digest(self) -> str:
        return digest(self.text)


def read(text: str) -> Link:
    """Raises ProofError."""
    fields = text.split("\n")
    if len(fields) != FIELDS or fields[0] != MARK:
        raise ProofError("A link of the chain cannot be read.")
    _, node, boot, number, at, kind, previous, body = fields
    if not (number.isascii() and number.isdigit() and len(number) <= 18) or kind not in KINDS:
        raise ProofError("A link of the chain cannot be read.")
    if not (is_digest(previous) and is_digest(body)):
        raise ProofError("A link of the chain cannot be read.")
    link = Link(node, boot, int(number), at, kind, previous, body)
    if link.text != text:
        raise ProofError("A link of the chain is not written in the one form.")
    return link


def check(links: Sequence[Link]) -> str:
    """The digest of the last of these links, which must follow each other without a hole. Raises ProofError."""
    if not links:
        raise ProofError("The chain is empty.")
    first = links[0]
    if first.number == 1 and first.previous != beginning(first.node, first.boot):
        raise ProofError("The chain does not begin as the chain of its node does.")
    for former, link in pairwise(links):
        same = (link.node, link.boot) == (former.node, former.boot)
        if not same or link.number != former.number + 1 or link.previous != former.digest:
            raise ProofError(f"Link {link.number} of the chain does not follow link {former.number}.")
    return links[-1].digest

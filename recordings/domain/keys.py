"""The keys by which a call is found again, whatever it was named (PROTOCOL ID1, ID8)."""

import hashlib

from recordings.pipeline.spool.calls import CallFile

DIALOG, STREAM, MEDIA = "dialog", "stream", "media"
MOST = 512  # of one call; hostile signalling may announce any number of addresses

Key = tuple[str, str]
"""(kind, digest)"""


def digest(parts: tuple[str, ...]) -> str:
    """Hashed, so that a tombstone keeps nothing of the call; with lengths, so that parts cannot run together."""
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def keys_of(call: CallFile) -> frozenset[Key]:
    """The call's keys as they are stored and compared.

    The id is one of them: it is made of a dialog's or a stream's key, and some calls (without tags) have no other.
    """
    named = (DIALOG if call.protocol == "sip" else STREAM, digest(("id", call.uuid)))
    return frozenset((key[0][:16], digest(key)) for key in call.keys[:MOST] if len(key) > 1) | {named}

"""What the two machines say to each other: one question, one answer, each a length and a JSON object."""

import hashlib
import hmac
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LONGEST = 64 * 1024
_LENGTH = struct.Struct("!I")


class MessageError(ValueError):
    """Not what the other side should say; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Question:
    """The secondary asks to be let in. `time`: seconds since 1970 by its clock."""

    release: str
    time: float
    node: str
    name: str
    request: str
    proof: str


@dataclass(frozen=True, slots=True)
class Done:
    """The secondary has stored everything; the certificate of its connection says who it is."""

    name: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """The primary lets it in: who it is, the certificates, and the secrets that cross this once (names → text)."""

    node: str
    name: str
    authority: str
    certificate: str
    secrets: dict[str, str]


@dataclass(frozen=True, slots=True)
class No:
    """The primary refuses; `wait`: seconds before it listens again."""

    reason: str
    wait: float


def proof(secret: bytes, server_certificate: bytes, request: str) -> str:
    """That the sender knows the code, for this very connection: only one machine has the key of that certificate (DER),
    and only one that of the request (PEM), so whoever hands both on can change neither."""
    mac = hmac.new(secret, b"apresa pairing 1", hashlib.sha256)
    mac.update(hashlib.sha256(server_certificate).digest())
    mac.update(hashlib.sha256(request.encode()).digest())
    return mac.hexdigest()


def frame(message: dict[str, Any]) -> bytes:
    data = json.dumps(message).encode()
    return _LENGTH.pack(len(data)) + data


def read(receive: Callable[[int], bytes]) -> dict[str, Any]:
    """One framed object; `receive` is a socket's. Raises MessageError, or OSError from the socket."""
    (length,) = _LENGTH.unpack(_exactly(receive, _LENGTH.size))
    if length > LONGEST:
        raise MessageError("The other machine says too much; it is no Apresa.")
    data = _exactly(receive, length)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise MessageError("The other machine's words cannot be read; it is no Apresa.") from None
    if not isinstance(found, dict):
        raise MessageError("The other machine's words cannot be read; it is no Apresa.")
    return found


def question(found: dict[str, Any]) -> Question | Done:
    """Raises MessageError."""
    match found:
        case {"paired": str(name)} if _sendable(name):
            return Done(name[:63])
        case {
            "release": str(release),
            "time": float(time) | int(time),
            "node": str(node),
            "name": str(name),
            "request": str(request),
            "proof": str(proof_),
        } if proof_.isascii() and not isinstance(time, bool) and _sendable(release, node, name, request):
            return Question(release, _seconds(time), node, name, request, proof_)
    raise MessageError("The other machine asks something else; is it of the same release?")


def answer(found: dict[str, Any]) -> Welcome | No:
    """Raises MessageError."""
    match found:
        case {"no": str(reason), "wait": float(wait) | int(wait)} if not isinstance(wait, bool):
            return No(reason[:500], _seconds(wait))
        case {
            "node": str(node),
            "name": str(name),
            "authority": str(authority),
            "certificate": str(certificate),
            "secrets": dict(secrets),
        } if all(isinstance(secret, str) for secret in secrets.values()):
            if _sendable(node, name, authority, certificate, *secrets, *secrets.values()):
                return Welcome(node, name, authority, certificate, secrets)
    raise MessageError("The primary answers something else; is it of the same release?")


def _seconds(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise MessageError("The other machine names a time that is none.") from None


def _sendable(*texts: str) -> bool:
    """No half of a surrogate pair, which JSON can hold and UTF-8 cannot."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _exactly(receive: Callable[[int], bytes], length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        chunk = receive(length - len(data))
        if not chunk:
            raise MessageError("The other machine hung up in the middle of a word.")
        data += chunk
    return bytes(data)

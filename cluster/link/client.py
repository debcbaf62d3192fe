"""The side that asks. One error, `LinkError`, with one sentence; time limits and bounds everywhere."""

import hashlib
import http.client
import json
import os
import ssl
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apresa.nodelink import LinkError, Stream
from cluster.link.connection import connected, limited
from cluster.link.places import PORT, peer_addresses
from cluster.pairing import domain as pairing
from cluster.pairing.link import client_context
from cluster.pairing.store import Store, StoreError

__all__ = ["Link", "LinkError", "link_of", "peer_link"]
SECONDS = 10.0
IDLE = 15.0  # of a long way: how long nothing may come
MOST = 1024 * 1024  # bytes of a JSON answer, unless the asker knows better
CHUNK = 256 * 1024
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_FAULTS = (OSError, http.client.HTTPException, ValueError)


@dataclass(frozen=True, slots=True)
class Link:
    """The other node. Paths begin with /link/v1/; nothing is asked twice by itself."""

    addresses: tuple[str, ...]
    node: uuid.UUID
    context: ssl.SSLContext = field(repr=False)
    port: int = PORT

    def get(self, path: str, *, seconds: float = SECONDS, most: int = MOST) -> dict[str, Any]:
        """Raises LinkError."""
        return self._json("GET", path, None, seconds, most)

    def post(
        self, path: str, body: Mapping[str, Any], *, seconds: float = 3 * SECONDS, most: int = MOST
    ) -> dict[str, Any]:
        """Raises LinkError."""
        return self._json("POST", path, json.dumps(body).encode(), seconds, most)

    def download(self, path: str, *, to: Path, sha256: str = "") -> int:
        """A file, synced; what `to` has already is not fetched again. Its size. Raises LinkError, and keeps what came.

        With `sha256` (hexadecimal) a file that is another one is removed, so that the next time begins anew.
        """
        have = to.stat().st_size if to.exists() else 0
        wanted = {"Range": f"bytes={have}-"} if have else {}
        try:
            with self.stream(path, headers=wanted) as found, to.open("ab") as file:
                if found.status != 200 and not _continues(found, have):
                    raise LinkError("The other node sent another part of the file than the one asked for.")
                if found.status == 200 and have:
                    file.truncate(0)
                for chunk in found.chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except LinkError as error:
            if error.status != 416 or not have:
                raise  # 416: there is no more than what is here
        except OSError as error:
            raise LinkError(f"The file cannot be written here: {error.strerror}.", code="not-written") from None
        if sha256 and _digest(to) != sha256:
            to.unlink()
            raise LinkError("The other node's file came damaged; ask again.", code="damaged")
        return to.stat().st_size

    def upload(self, path: str, file: Path) -> dict[str, Any]:
        """Send a file whole (PUT). Raises LinkError."""
        try:
            with file.open("rb") as source:
                length = os.fstat(source.fileno()).st_size
                headers = {"Content-Type": "application/octet-stream", "Content-Length": str(length)}
                with self._asked("PUT", path, source, headers, IDLE) as answer:
                    return _object(_bounded(answer, MOST))
        except FileNotFoundError:
            raise LinkError("The file that was to be sent is not there any more.", code="not-there") from None

    @contextmanager
    def stream(self, path: str, *, headers: Mapping[str, str] | None = None) -> Iterator[Stream]:
        """An answer that is used while it comes; a refusal is a LinkError. Raises LinkError, also from its chunks."""
        with self._asked("GET", path, None, dict(headers or {}), IDLE) as answer:
            names = {name.lower(): value for name, value in answer.getheaders()}
            yield Stream(answer.status, names, _chunks(answer))

    def _json(self, method: str, path: str, body: bytes | None, seconds: float, most: int) -> dict[str, Any]:
        with self._asked(method, path, body, JSON, seconds, total=True) as answer:
            return _object(_bounded(answer, most))

    @contextmanager
    def _asked(
        self, method: str, path: str, body: Any, headers: Mapping[str, str], seconds: float, *, total: bool = False
    ) -> Iterator[http.client.HTTPResponse]:
        """One question on a connection of its own. `total`: `seconds` are for all of it, not for each silence."""
        with (
            connected(self.addresses, self.port, self.context, self.node, seconds) as connection,
            limited(connection, seconds) if total else nullcontext(),
        ):
            try:
                answer = _answer(connection, method, path, body, headers)
            except _FAULTS as error:
                raise _broken(error) from None
            if answer.status >= 400:
                raise _refusal(answer.status, _bounded(answer, MOST))
            yield answer


def _answer(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    try:
        connection.request(method, path, body=body, headers={**headers, "Connection": "close"})
    except (BrokenPipeError, ConnectionResetError):
        with suppress(OSError, http.client.HTTPException):
            return connection.getresponse()  # it refused before it had all
        raise
    return connection.getresponse()


def link_of(store: Store, addresses: tuple[str, ...] = (), port: int = PORT) -> Link:
    """The link to the node that this pairing knows. Raises LinkError."""
    try:
        peer = store.peer()
        if peer is None:
            raise LinkError("This machine is paired with no other node.", code="not-paired")
        known = addresses or peer_addresses(peer)
        return Link(known, uuid.UUID(peer.node), client_context(store), port)
    except (StoreError, OSError, ValueError) as error:
        raise LinkError(f"The pairing cannot be used: {error}", code="not-usable") from None


def peer_link() -> Link:
    """The link to the paired node. Raises LinkError."""
    return link_of(pairing.store())


def _continues(found: Stream, have: int) -> bool:
    return found.headers.get("content-range", "").startswith(f"bytes {have}-")


def _chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """All of the body; an answer that ends early is an error."""
    try:
        while chunk := answer.read(CHUNK):
            yield chunk
        if answer.length:  # read(n) tells a short body only by what is left of it
            raise LinkError("The other node hung up in the middle of an answer.")
    except _FAULTS as error:
        raise _broken(error) from None


def _bounded(answer: http.client.HTTPResponse, most: int) -> bytes:
    try:
        data = answer.read(most + 1)
    except _FAULTS as error:
        raise _broken(error) from None
    if len(data) > most:
        raise LinkError(f"The other node's answer is longer than {most} bytes.", code="too-long")
    if answer.length:
        raise LinkError("The other node hung up in the middle of an answer.")
    return data


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LinkError("The other node's answer cannot be read; is it of the same release?", code="unreadable")
    return found


def _refusal(status: int, data: bytes) -> LinkError:
    """Its own words where it has some."""
    try:
        found = _object(data)
    except LinkError:
        found = {}
    sentence, code = found.get("sentence"), found.get("code")
    if not isinstance(sentence, str) or not isinstance(code, str):
        return LinkError(f"The other node refused with number {status}.", code="refused", status=status)
    return LinkError(sentence[:500], code=code[:60], status=status)


def _broken(error: Exception) -> LinkError:
    if isinstance(error, TimeoutError):
        return LinkError("The other node did not answer in time.", code="late")
    if isinstance(error, OSError):
        return LinkError(f"The connection to the other node broke: {error.strerror or error}.")
    return LinkError("The other node hung up, or its answer is no HTTP.")


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()

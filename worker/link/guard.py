"""Around the application: only the paired node, bounded bodies, and no patience with a sender that is silent."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

import structlog

from cluster.pairing.store import Store, StoreError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_JSON = 16 * 1024 * 1024
MOST_UPLOAD = 8 * 1024**3
FILES = b"application/octet-stream"
SILENCE = 15.0  # seconds between two pieces of a body
log = structlog.get_logger(__name__)


class _Stop(Exception):
    """The question is not heard to its end."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code = status, code


class Guard:
    """One connection's application; `node` is what its certificate names."""

    def __init__(self, application: App, store: Store, node: uuid.UUID | None) -> None:
        self._application, self._store, self._node = application, store, node

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        started = False

        async def told(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            self._check_peer()
            most = _bound(dict(scope["headers"]))
            await self._application(scope, _bounded(receive, most), told)
        except _Stop as stop:
            log.warning("A question on the link was refused", code=stop.code, path=str(scope["path"])[:200])
            if not started:
                await _refuse(send, stop)

    def _check_peer(self) -> None:
        """Asked each time: who was paired may be forgotten since."""
        try:
            peer = self._store.peer()
        except (StoreError, OSError):
            peer = None
        if peer is None or self._node is None or peer.node != str(self._node):
            raise _Stop(HTTPStatus.FORBIDDEN, "foreign-node", "This node is not paired with the one that asks.")


def _bound(headers: dict[bytes, bytes]) -> int:
    most = MOST_UPLOAD if headers.get(b"content-type") == FILES else MOST_JSON
    length = headers.get(b"content-length", b"0")
    if len(length) > 18 or int(length) > most:  # h11 lets digits only through
        raise _too_much(most)
    return most


def _bounded(receive: Receive, most: int) -> Receive:
    total, whole = 0, False

    async def limited() -> Message:
        nonlocal total, whole
        if whole:  # what comes now is only the news that the caller went away
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), SILENCE)
        except TimeoutError:
            sentence = f"Nothing came for {SILENCE:g} seconds in the middle of a question."
            raise _Stop(HTTPStatus.REQUEST_TIMEOUT, "slow", sentence) from None
        total += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if total > most:
            raise _too_much(most)
        return message

    return limited


def _too_much(most: int) -> _Stop:
    return _Stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-long", f"The question is longer than {most} bytes.")


async def _refuse(send: Send, stop: _Stop) -> None:
    content = json.dumps({"code": stop.code, "sentence": str(stop)}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    start = {
        "type": "http.response.start",
        "status": int(stop.status),
        "headers": [*headers, (b"connection", b"close")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": content})

"""uvicorn's HTTP, for a caller with a certificate; one that says nothing is hung up on."""

import asyncio
import uuid
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

from cluster.pairing import certificates
from cluster.pairing import domain as pairing
from cluster.pairing.certificates import CertificateError
from worker.link.guard import App, Guard

SILENCE = 5.0  # seconds from the handshake to a whole head


class LinkProtocol(H11Protocol):
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        guard: Any = Guard(cast("App", self.app), pairing.store(), _caller(transport))  # typed looser than uvicorn's
        self.app = guard
        self._timer = self.loop.call_later(SILENCE, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None:
            self._hear()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hear()
        super().connection_lost(exc)

    def _hear(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _caller(transport: asyncio.Transport) -> uuid.UUID | None:
    """Which node asks: the handshake let only the cluster's certificates in, but this node has one, too."""
    connection: Any = transport.get_extra_info("ssl_object")
    der = connection.getpeercert(binary_form=True) if connection else None
    try:
        return certificates.node_of(der) if der else None
    except CertificateError:
        return None

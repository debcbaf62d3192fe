"""The server itself: sockets at this node's addresses, and an end when the pairing or the addresses change."""

import asyncio
import socket
from collections.abc import Iterable
from contextlib import suppress

import structlog
import uvicorn
from asgiref.sync import sync_to_async
from django.core.asgi import get_asgi_application

from apresa.node.domain import identity
from cluster.link.places import PORT, own_addresses
from cluster.pairing import domain as pairing
from cluster.pairing.link import server_context
from cluster.pairing.store import Store
from worker.link.protocol import LinkProtocol

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 -- until the set-up knows the addresses; the certificate keeps strangers out
FREEBIND = {socket.AF_INET: (socket.IPPROTO_IP, 15), socket.AF_INET6: (socket.IPPROTO_IPV6, 78)}  # <linux/in.h>, in6.h
FILES = ("node.pem", "authority.pem", "peer.json")
NEEDED = (*FILES, "node.key")
LOOK = 2.0  # seconds
MOST_AT_ONCE = 64
log = structlog.get_logger(__name__)


class NotReady(Exception):
    """The link cannot be served; the text is one sentence."""


async def serve(listen: tuple[str, ...], port: int | None) -> None:
    """Until it is told to stop, or starts anew because the pairing changed. Raises NotReady."""
    store = pairing.store()
    await _paired(store)
    before = await _world(store)
    sockets = listeners(listen or before[1] or EVERYWHERE, PORT if port is None else port)
    server = uvicorn.Server(_config(store))
    log.info("The link listens", addresses=[str(one.getsockname()[:2]) for one in sockets])
    watching = asyncio.create_task(_watch(server, store, before))
    try:
        await server.serve(sockets=sockets)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _paired(store: Store) -> None:
    """The unit starts with the machine, and the pairing comes when somebody makes it."""
    if not store.has(*NEEDED):
        log.info("The link waits for the pairing")
    while not store.has(*NEEDED):
        await asyncio.sleep(LOOK)


def _config(store: Store) -> uvicorn.Config:
    try:
        context = server_context(store)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotReady(f"The pairing's certificate cannot be used ({reason}); pair the nodes again.") from None
    return uvicorn.Config(
        get_asgi_application(),
        http=LinkProtocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=3,
        ssl_context_factory=lambda _config, _default: context,
    )


async def _watch(server: uvicorn.Server, store: Store, before: tuple[object, ...]) -> None:
    """A certificate is read once: another pairing, or another address, takes another process."""
    while await _world(store) == before:
        await asyncio.sleep(LOOK)
    log.info("The pairing or the addresses have changed; the link starts anew")
    server.should_exit = True


@sync_to_async
def _world(store: Store) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    def read(name: str) -> bytes:
        with suppress(OSError):
            return store.read(name)
        return b""

    return tuple(read(name) for name in FILES), own_addresses(identity())


def listeners(addresses: Iterable[str], port: int) -> list[socket.socket]:
    """An address that is not up yet is bound all the same; one that cannot be is told, and costs no other."""
    found, faults = [], []
    for address in addresses:
        try:
            found.append(_bind(address, port))
        except OSError as error:
            faults.append(f"{address}: {error.strerror or error}")
            log.warning("The link cannot listen", address=address, port=port, reason=str(error))
    if not found:
        raise NotReady(f"Port {port} cannot be used ({'; '.join(faults)}).")
    return found


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(*FREEBIND[family], 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made

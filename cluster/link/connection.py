"""A connection to the other node: the first of its addresses that answers, and its certificate compared."""

import http.client
import socket
import ssl
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from apresa.nodelink import LinkError
from cluster.pairing.certificates import CertificateError
from cluster.pairing.link import node_at

CONNECT = 3.0  # seconds for one address, the handshake included
_answered: dict[uuid.UUID, str] = {}  # the address that answered last: a dead first one costs its seconds only once


@contextmanager
def connected(
    addresses: Sequence[str], port: int, context: ssl.SSLContext, node: uuid.UUID, idle: float
) -> Iterator[http.client.HTTPConnection]:
    """Raises LinkError. `idle`: seconds that the other node may be silent."""
    found = _first(_in_order(addresses, node), port, context, node)
    found.settimeout(idle)
    connection = http.client.HTTPConnection(found.getpeername()[0], port)
    connection.sock = found
    connection.auto_open = 0  # never again without TLS
    try:
        yield connection
    finally:
        connection.close()
        found.close()


@contextmanager
def limited(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """Cut the connection after so many seconds, whatever the other side drips meanwhile. Raises LinkError."""
    late = threading.Event()

    def end(plain: socket.socket) -> None:
        late.set()
        _cut(plain)

    timer = threading.Timer(seconds, end, (connection.sock,))
    timer.daemon = True
    timer.start()
    try:
        yield
    except LinkError:
        if late.is_set():
            raise LinkError("The other node did not answer in time.", code="late") from None
        raise
    finally:
        timer.cancel()


def _cut(connection: socket.socket) -> None:
    try:
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # not TLS's own, which another thread is reading in
    except OSError:
        return


def _in_order(addresses: Sequence[str], node: uuid.UUID) -> list[str]:
    return sorted(addresses, key=lambda one: one != _answered.get(node))


def _first(addresses: Sequence[str], port: int, context: ssl.SSLContext, node: uuid.UUID) -> ssl.SSLSocket:
    faults = []
    for address in addresses:
        try:
            found = _open(address, port, context, node)
        except (OSError, CertificateError) as error:
            faults.append(f"{address}: {_reason(error)}")
        else:
            _answered[node] = address
            return found
    raise LinkError(f"The other node does not answer ({'; '.join(faults) or 'no address is known'}).")


def _open(address: str, port: int, context: ssl.SSLContext, node: uuid.UUID) -> ssl.SSLSocket:
    plain = socket.create_connection((address, port), timeout=CONNECT)
    timer = threading.Timer(CONNECT, _cut, (plain,))  # the handshake may drip, too
    timer.daemon = True
    try:
        timer.start()
        found = context.wrap_socket(plain)
    except BaseException:
        plain.close()
        raise
    finally:
        timer.cancel()
    try:
        if node_at(found) != node:
            raise CertificateError("another node answers there")
    except CertificateError:
        found.close()
        raise
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return f"no TLS of this cluster ({error.reason or error})"
    return str(getattr(error, "strerror", None) or error)

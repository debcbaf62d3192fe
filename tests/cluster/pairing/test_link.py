"""Mutual TLS between the two nodes."""

import socket
import ssl
import threading
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from cluster.pairing import link
from cluster.pairing.store import Store
from tests.cluster.pairing.houses import SECOND, Guest, House


def test_node_link_lets_in_the_two_nodes_and_nobody_else(tmp_path: Path) -> None:
    house, guest = House(tmp_path / "first"), Guest(tmp_path / "second")
    with house.listening() as port:
        guest.join(house, port)
    other = House(tmp_path / "other")
    assert _through(house.store, guest.store) == SECOND.node
    with pytest.raises(ssl.SSLError):
        _through(house.store, other.store)
    with pytest.raises(ssl.SSLError):
        _through(other.store, guest.store)


def _through(server: Store, client: Store) -> uuid.UUID | None:
    """Which node the server sees when the client calls over mutual TLS."""
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(20)
        far.settimeout(20)

        def call() -> None:
            with suppress(OSError), link.client_context(client).wrap_socket(near) as connection:
                connection.recv(1)

        thread = threading.Thread(target=call)
        thread.start()
        try:
            with link.server_context(server).wrap_socket(far, server_side=True) as connection:
                return link.node_at(connection)
        finally:
            far.close()
            thread.join(30)

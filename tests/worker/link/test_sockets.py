"""The addresses that the link's server listens on."""

import socket

import pytest

from worker.link import serve
from worker.link.serve import NotReady


def closing(found: list[socket.socket]) -> list[str]:
    names = [str(one.getsockname()[0]) for one in found]
    for one in found:
        one.close()
    return names


def test_an_address_that_is_not_up_yet_is_bound_all_the_same() -> None:
    assert closing(serve.listeners(("127.0.0.1", "192.0.2.77", "::1"), 0)) == ["127.0.0.1", "192.0.2.77", "::1"]


def test_an_address_that_cannot_be_bound_costs_no_other() -> None:
    assert closing(serve.listeners(("no address", "127.0.0.1"), 0)) == ["127.0.0.1"]


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotReady) as refused:
            serve.listeners(("127.0.0.1",), port)
    assert str(refused.value) == f"Port {port} cannot be used (127.0.0.1: Address already in use)."

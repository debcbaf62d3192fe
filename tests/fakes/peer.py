"""Another node behind the link: it has the right certificate and says what a test wants."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cluster.link.client import Link, link_of
from cluster.pairing.link import server_context
from cluster.pairing.store import Store
from tests.cluster.pairing.houses import HERE, Guest, House

Saying = Callable[[ssl.SSLSocket, bytes], None]


def answer(content: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP answer."""
    names = {"Content-Length": str(len(content)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content


class FakePeer:
    """`heard`: the questions, head and body as they came."""

    def __init__(self, folder: Path) -> None:
        house, guest = House(folder / "first"), Guest(folder / "second")
        with house.listening() as port:
            guest.join(house, port)
        self.store: Store = house.store
        self.caller: Store = guest.store
        self.heard: list[bytes] = []

    @contextmanager
    def saying(self, saying: bytes | Saying, certificate: Store | None = None) -> Iterator[Link]:
        """The link to this node, which answers each question with these bytes, or as it is told to."""
        context = server_context(certificate or self.store)
        with socket.create_server((HERE, 0)) as listener:
            thread = threading.Thread(target=self._serve, args=(listener, context, saying))
            thread.start()
            try:
                yield link_of(self.caller, (HERE,), listener.getsockname()[1])
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join(60)
        assert not thread.is_alive()

    def _serve(self, listener: socket.socket, context: ssl.SSLContext, saying: bytes | Saying) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            plain.settimeout(30)
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                heard = connection.recv(65536)
                if not callable(saying):
                    heard += _body(connection, heard)
                self.heard.append(heard)
                if callable(saying):
                    saying(connection, heard)
                else:
                    connection.sendall(saying)


def _body(connection: ssl.SSLSocket, heard: bytes) -> bytes:
    """What is still to come of the question: to hang up before it was read would take the answer along."""
    head, _, body = heard.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)^content-length: (\d+)", head, re.MULTILINE)
    rest, missing = b"", int(length[1]) - len(body) if length else 0
    while len(rest) < missing and (piece := connection.recv(65536)):
        rest += piece
    return rest

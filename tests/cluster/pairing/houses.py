"""Two machines for the tests of pairing: folders, clocks and codes of their own."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.pairing import primary, secondary
from cluster.pairing.code import Code
from cluster.pairing.primary import Event, Self, Server
from cluster.pairing.secondary import Primary
from cluster.pairing.store import Peer, Store

FIRST = Self(uuid.UUID(int=1), "myrec1", "0.1.0")
SECOND = Self(uuid.UUID(int=2), "myrec2", "0.1.0")
HERE = "127.0.0.1"
SECRET_KEY = "k" * 50


class House:
    """The primary's folder, its clock, its code, and what its server told."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.now = 1_700_000_000.0  # certificates of today must hold on the real clock, too
        self.events: list[Event] = []
        self.crossing = {"secret_key": SECRET_KEY}
        self.code = self.new_code()

    def new_code(self) -> Code:
        self.code = primary.make_code(self.store, FIRST, self.now)
        return self.code

    @contextmanager
    def listening(self) -> Iterator[int]:
        """Serve in a thread until the block ends; gives the port."""
        server = Server(self.store, FIRST, (HERE, 0), self.crossing, lambda: self.now)
        stop = threading.Event()

        def work() -> None:
            for event in server.events(pause=0.05):
                if event is not None:
                    self.events.append(event)
                if stop.is_set():
                    return

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield server.port
        finally:
            stop.set()
            thread.join(30)
            server.close()
        assert not thread.is_alive()


class Guest:
    """The secondary's folder, and the secret key that it was given."""

    def __init__(self, folder: Path, me: Self = SECOND) -> None:
        self.store, self.me, self.secret_key = Store(folder), me, ""

    def join(self, house: House, port: int, shown: Code | None = None) -> Peer:
        where = Primary(HERE, port, shown or house.code)
        return secondary.join(self.store, self.me, where, self._keep, lambda: house.now)

    def _keep(self, key: str) -> None:
        self.secret_key = key

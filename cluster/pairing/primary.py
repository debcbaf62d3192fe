"""The primary's side: it makes a code, listens, and lets one machine in."""

import hmac
import socket
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cluster.pairing import certificates, code, link, messages, offer
from cluster.pairing.certificates import CertificateError
from cluster.pairing.code import Code
from cluster.pairing.messages import Done, MessageError, No, Question, Welcome
from cluster.pairing.offer import Asked, Offer, OfferError
from cluster.pairing.store import Peer, Store

PORT = 8407
SECONDS_EACH = 10.0  # for one caller, from the handshake to the last word


@dataclass(frozen=True, slots=True)
class Self:
    """This machine, as it names itself to the other."""

    node: uuid.UUID
    name: str
    release: str


@dataclass(frozen=True, slots=True)
class Event:
    """What one caller came to: "granted", "paired" or "refused" (with the reason)."""

    what: str
    address: str
    name: str = ""
    reason: str = ""


def make_code(store: Store, me: Self, now: float, listen: str = "") -> Code:
    """Open an offer; one that was open before is void. Makes the cluster's authority where there is none."""
    store.begin_cluster(me.node, datetime.fromtimestamp(now, UTC))
    made = code.make(certificates.der(store.read("node.pem")))
    with store.only_one():
        store.keep_offer(Offer(made.secret, now + offer.VALID, listen=listen))
    return made


def open_code(store: Store, current: Offer) -> Code:
    """The code of an open offer, to be shown once more."""
    return Code(code.short_fingerprint(certificates.der(store.read("node.pem"))), current.secret)


class Server:
    """Listens for the secondary, one caller at a time. `secrets`: what crosses beside the store's own."""

    def __init__(
        self,
        store: Store,
        me: Self,
        address: tuple[str, int],
        secrets: dict[str, str],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Raises OSError when the port is taken."""
        self._store, self._me, self._secrets, self._now = store, me, secrets, now
        self._context = link.server_context(store, strangers=True)
        self._own = certificates.der(store.read("node.pem"))
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._listener = socket.create_server(address, family=family, backlog=8)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        self._listener.close()

    def events(self, pause: float = 1.0) -> Iterator[Event | None]:
        """Serve until a secondary is paired or the offer is over; None about every `pause` seconds without a caller."""
        self._listener.settimeout(pause)
        while self._is_open():
            try:
                caller, address = self._listener.accept()
            except TimeoutError:
                yield None
                continue
            with caller:
                event = self._serve(caller, str(address[0]))
            yield event
            if event.what == "paired":
                return

    def _is_open(self) -> bool:
        current = self._store.offer()
        return current is not None and self._now() < current.until

    def _serve(self, caller: socket.socket, address: str) -> Event:
        try:
            caller.settimeout(SECONDS_EACH)
            with self._context.wrap_socket(caller, server_side=True) as connection:
                end = time.monotonic() + SECONDS_EACH
                found = messages.question(messages.read(limited(connection, end)))
                event, reply = self._answer(connection, found, address)
                connection.sendall(messages.frame(reply))
                return event
        except (OSError, MessageError, CertificateError, OfferError) as error:
            return Event("refused", address, reason=str(error)[:200])

    def _answer(self, connection: ssl.SSLSocket, found: Question | Done, address: str) -> tuple[Event, dict[str, Any]]:
        if isinstance(found, Done):
            return self._finish(connection, found, address)
        with self._store.only_one():
            no, reply = self._judge(found)
        if no is not None:
            return Event("refused", address, found.name[:63], no.reason), {"no": no.reason, "wait": no.wait}
        return Event("granted", address, found.name[:63]), reply

    def _judge(self, found: Question) -> tuple[No | None, dict[str, Any]]:
        now, before = self._now(), self._store.offer()
        right = before is not None and hmac.compare_digest(
            messages.proof(before.secret, self._own, found.request), found.proof
        )
        after, verdict = offer.judge(before, Asked(now, found.request, right))
        if not verdict.granted:
            self._store.keep_offer(after)
            return No(verdict.reason, verdict.wait), {}
        fault = offer.release_fault(found.release, self._me.release) or offer.clocks_fault(found.time, now)
        if fault:  # the code stays good for when that is mended
            return No(fault, 0.0), {}
        welcome = self._welcome(found, now)
        self._store.keep_offer(after)
        return None, asdict(welcome)

    def _welcome(self, found: Question, now: float) -> Welcome:
        try:
            node = uuid.UUID(found.node)
        except ValueError:
            raise CertificateError("The secondary's number is none.") from None
        if node == self._me.node:
            raise CertificateError("Both machines have the same number; is one a copy of the other's disk?")
        ca_key, ca = self._store.read("authority.key"), self._store.read("authority.pem")
        certificate = certificates.sign(found.request.encode(), node, ca_key, ca, datetime.fromtimestamp(now, UTC))
        crossing = {**self._store.secrets(), **self._secrets}
        return Welcome(str(self._me.node), self._me.name, ca.decode(), certificate.decode(), crossing)

    def _finish(self, connection: ssl.SSLSocket, found: Done, address: str) -> tuple[Event, dict[str, Any]]:
        node = link.node_at(connection)
        if node is None or node == self._me.node:
            raise MessageError("A caller without a certificate of this cluster said that it is paired.")
        self._store.keep_peer(Peer(str(node), found.name, address))
        with self._store.only_one():
            self._store.keep_offer(None)
        return Event("paired", address, found.name), {"ok": True}


def limited(connection: ssl.SSLSocket, end: float) -> Callable[[int], bytes]:
    """The connection's recv, with one deadline (monotonic) for all of it."""

    def receive(length: int) -> bytes:
        connection.settimeout(max(0.001, end - time.monotonic()))
        return connection.recv(min(length, 16384))

    return receive

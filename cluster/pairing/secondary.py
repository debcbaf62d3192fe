"""The secondary's side: it compares the primary's certificate with the code before it says a word."""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cluster.pairing import certificates, link, messages
from cluster.pairing.certificates import CertificateError
from cluster.pairing.code import Code
from cluster.pairing.messages import MessageError, No, Welcome
from cluster.pairing.primary import SECONDS_EACH, Self, limited
from cluster.pairing.store import ANSWERS, COROSYNC_KEY, LIBRARY, SECRETS, WORDS, Peer, Store, StoreError
from cluster.setup import kept
from cluster.setup.kept import AnswersError

HEX_KEY = re.compile(r"[0-9a-f]{256}", re.ASCII)
ADDRESS = "address"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
WORD = re.compile(r"[A-Za-z0-9_-]{32,128}", re.ASCII)


class PairingError(Exception):
    """It did not work, and nothing is half done: asking again goes on.

    `wait`: seconds before that makes sense; `field`: what was typed and is at fault, "code" or "address".
    """

    def __init__(self, sentence: str, wait: float = 0.0, field: str = "code") -> None:
        super().__init__(sentence)
        self.wait = wait
        self.field = field


@dataclass(frozen=True, slots=True)
class Primary:
    address: str
    port: int
    code: Code


def join(
    store: Store,
    me: Self,
    primary: Primary,
    keep_secret_key: Callable[[str], None],
    now: Callable[[], float] = time.time,
) -> Peer:
    """Become the other node of the primary's cluster; may be asked again after any failure. Raises PairingError.

    `keep_secret_key` stores the key of sessions and tokens, which is the cluster's from then on.
    """
    try:
        if known := store.peer():
            raise PairingError(f"This machine is already paired with {known.name} ({known.address}).")
        store.prepare()
        if not _stored_before(store, me, primary):
            welcome = _ask(store, me, primary, now())
            _keep(store, welcome, keep_secret_key)
        return _confirm(store, me, primary)
    except (MessageError, CertificateError, StoreError, AnswersError) as error:
        raise PairingError(str(error)) from None
    except ssl.SSLError as error:
        raise PairingError(
            f"{primary.address} speaks no TLS that this cluster knows ({error.reason}).", 0.0, ADDRESS
        ) from None
    except TimeoutError:
        said = f"{primary.address} does not answer in time; is its pairing page open?"
        raise PairingError(said, 0.0, ADDRESS) from None
    except OSError as error:
        said = f"Pairing with {primary.address} failed: {error.strerror or error}."
        raise PairingError(said, 0.0, ADDRESS) from None


def _stored_before(store: Store, me: Self, primary: Primary) -> bool:
    """Whether an earlier attempt got everything from this very primary, and only its confirmation is missing."""
    if not store.has("node.pem", "node.key", "authority.pem", "welcomed"):
        return False
    with _connected(primary, link.pinning_context()) as connection:
        theirs = _pinned(connection, primary)
    try:
        certificates.check_issued(theirs, store.read("authority.pem"))
        certificates.check_node(store.read("node.pem"), store.read("authority.pem"), store.read("node.key"), me.node)
    except CertificateError:
        return False  # of another cluster that was never joined
    return True


def _ask(store: Store, me: Self, primary: Primary, now: float) -> Welcome:
    key = store.once("node.key", certificates.new_key())
    request = store.once("request.pem", certificates.request(key, me.node)).decode("ascii", "replace")
    with _connected(primary, link.pinning_context()) as connection:
        theirs = _pinned(connection, primary)
        proof = messages.proof(primary.code.secret, theirs, request)
        question = {"release": me.release, "time": now, "node": str(me.node), "name": me.name}
        found = messages.answer(_talk(connection, {**question, "request": request, "proof": proof}))
    if isinstance(found, No):
        raise PairingError(found.reason, found.wait)
    _check(found, key, theirs, me)
    return found


def _check(found: Welcome, key: bytes, theirs: bytes, me: Self) -> None:
    """Everything is looked at before anything is kept. Raises CertificateError, MessageError or AnswersError."""
    authority = found.authority.encode()
    certificates.check_node(found.certificate.encode(), authority, key, me.node)
    certificates.check_issued(theirs, authority)
    if str(certificates.node_of(theirs)) != found.node:
        raise CertificateError("The primary's certificate is another machine's.")
    certificates.check_pair(found.secrets.get("authority.key", "").encode(), authority)
    good = all(WORD.fullmatch(found.secrets.get(name, "")) for name in WORDS)
    good = good and bool(HEX_KEY.fullmatch(found.secrets.get(COROSYNC_KEY, "")))
    if not good or not found.secrets.get("secret_key"):
        raise MessageError("The primary did not send all secrets; is it of the same release?")
    if answers := found.secrets.get(ANSWERS):
        kept.load(answers.encode())
    if (library := found.secrets.get(LIBRARY)) and not UUID.fullmatch(library):
        raise MessageError("The primary names its library by no number; is it of the same release?")


def _keep(store: Store, found: Welcome, keep_secret_key: Callable[[str], None]) -> None:
    for name in (*SECRETS, "authority.key"):
        store.write(name, found.secrets[name].encode())
    keep_secret_key(found.secrets["secret_key"])
    if answers := found.secrets.get(ANSWERS):
        store.write(ANSWERS, answers.encode())
    if library := found.secrets.get(LIBRARY):
        store.write(LIBRARY, library.encode())
    store.write("authority.pem", found.authority.encode())
    store.write("node.pem", found.certificate.encode())
    store.write("welcomed", found.name[:63].encode())  # last: all of it is there


def _confirm(store: Store, me: Self, primary: Primary) -> Peer:
    with _connected(primary, link.client_context(store)) as connection:
        theirs = _pinned(connection, primary)
        said = _talk(connection, {"paired": me.name})
    if said != {"ok": True}:
        raise MessageError("The primary did not take note of the pairing; try again.")
    name = store.read("welcomed").decode("utf-8", "replace")
    peer = Peer(str(certificates.node_of(theirs)), name, primary.address)
    store.keep_peer(peer)
    return peer


@contextmanager
def _connected(primary: Primary, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    address = (primary.address, primary.port)
    with (
        socket.create_connection(address, timeout=SECONDS_EACH) as plain,
        context.wrap_socket(plain) as connection,
    ):
        yield connection


def _pinned(connection: ssl.SSLSocket, primary: Primary) -> bytes:
    """The primary's certificate (DER), once it is known to be that of the code. Raises PairingError."""
    theirs = connection.getpeercert(binary_form=True) or b""
    if not primary.code.fits(theirs):
        raise PairingError(
            f"The machine at {primary.address} is not the one that showed this code: check the address, "
            "and that nobody stands between the two.",
            field=ADDRESS,
        )
    return theirs


def _talk(connection: ssl.SSLSocket, message: dict[str, Any]) -> dict[str, Any]:
    connection.sendall(messages.frame(message))
    return messages.read(limited(connection, time.monotonic() + SECONDS_EACH))

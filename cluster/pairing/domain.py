"""Pairing of this very machine: its identity, its settings, its audit."""

import os
import secrets
from collections.abc import Generator

from django.conf import settings
from django.utils.translation import gettext as _

from apresa.audit import domain as audit
from apresa.env import Settings
from apresa.node.domain import identity
from apresa.release import release
from apresa.secret import secret_key
from apresa.shared import clock
from apresa.shared.files import write_atomically
from cluster.pairing import primary, secondary
from cluster.pairing.certificates import CertificateError
from cluster.pairing.code import Code, CodeError, parse
from cluster.pairing.offer import OfferError
from cluster.pairing.primary import Event, Self, Server
from cluster.pairing.secondary import PairingError, Primary
from cluster.pairing.store import ANSWERS, LIBRARY, Peer, Store, StoreError
from cluster.setup import kept

ACTIONS = {"granted": "pairing-granted", "paired": "node-paired", "refused": "pairing-refused"}
MOST_STRANGERS = (
    20  # callers without a word of ours that are put on record: whoever reaches the port could fill the disk
)
_FAULTS = (StoreError, OfferError, CertificateError)


def store() -> Store:
    return Store(settings.APRESA.data / "cluster")


def offer(*, by: str, listen: str = "", address: str = "") -> Code:
    """Show a one-time code here; one that was open before is void. Raises PairingError.

    `listen`: this machine's address at which its worker shall listen; without it the caller serves.
    """
    try:
        if known := store().peer():
            raise PairingError(
                _("This machine is already paired with %(name)s (%(address)s).")
                % {"name": known.name, "address": known.address}
            )
        made = primary.make_code(store(), _me(), clock.now().timestamp(), listen)
    except (*_FAULTS, OSError) as error:
        raise PairingError(str(error)) from None
    audit.record(by, "pairing-offered", address=address)
    return made


def cancel(*, by: str, address: str = "") -> None:
    """The open code is void from now on; whoever listens stops within a second."""
    if store().has("offer.json"):
        with store().only_one():
            store().keep_offer(None)
        audit.record(by, "pairing-cancelled", address=address)


def serve(address: str, port: int, *, by: str) -> Generator[Event | None]:
    """Listen from now on while the code is open, and audit each caller. Raises PairingError."""
    try:
        server = Server(store(), _me(), (address, port), _crossing(), lambda: clock.now().timestamp())
    except OSError as error:
        raise PairingError(
            _("Port %(port)d of %(address)s cannot be used: %(reason)s.")
            % {"port": port, "address": address, "reason": os.strerror(error.errno or 0)}
        ) from None
    return _audited(server, by)


def _crossing() -> dict[str, str]:
    """What crosses beside the store's secrets. Raises PairingError."""
    try:
        answers = store().answers()
    except StoreError as error:
        raise PairingError(str(error)) from None
    about = {ANSWERS: kept.as_bytes(answers).decode()} if answers else {}
    library = identity().library
    known = {LIBRARY: str(library)} if library else {}
    return {"secret_key": secret_key(settings.APRESA), **about, **known}


def _audited(server: Server, by: str) -> Generator[Event | None]:
    try:
        strangers = 0
        for event in server.events():
            if event is not None:
                strangers += not event.name
                if event.name or strangers <= MOST_STRANGERS:
                    audit.record(by, ACTIONS[event.what], event.name, address=event.address, reason=event.reason)
            yield event
    except (*_FAULTS, OSError) as error:
        raise PairingError(str(error)) from None
    finally:
        server.close()


def join(address: str, port: int, typed: str, *, by: str, asked_from: str = "") -> Peer:
    """Pair this machine with the primary that showed the code. Raises PairingError."""
    fixed = settings.APRESA.secret_key
    if fixed:
        raise PairingError(
            _("The secret key of this machine stands in its settings; remove it there, so that the cluster's can come.")
        )
    try:
        code = parse(typed)
        peer = secondary.join(store(), _me(), Primary(address, port, code), _keep_secret_key, _now)
    except CodeError as error:
        raise PairingError(str(error)) from None
    except PairingError as error:
        audit.record(by, "pairing-failed", address, address=asked_from, reason=str(error))
        raise
    audit.record(by, "node-paired", peer.name, address=peer.address)
    return peer


def forget(*, by: str, address: str = "") -> None:
    """Forget the other node, the cluster's authority and its secrets (the secret key stays)."""
    store().forget()
    audit.record(by, "pairing-forgotten", address=address)


def _me() -> Self:
    node = identity()
    return Self(node.uuid, node.name, release())


def _now() -> float:
    return clock.now().timestamp()


def _keep_secret_key(key: str) -> None:
    wanted: Settings = settings.APRESA
    path = wanted.secret_key_file or wanted.data / "secret_key"
    before = path.read_text(encoding="ascii").strip() if path.exists() else ""
    if not secrets.compare_digest(before, key):
        write_atomically(path, key.encode(), 0o600)

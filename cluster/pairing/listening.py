"""The code on the primary's page: an administrator opens it, this machine's worker serves it while it is open."""

import threading
from dataclasses import replace

import structlog
from django.db import connections
from django.utils.translation import gettext as _

from apresa.celery import ring
from apresa.node.domain import identity
from apresa.shared import clock
from cluster.pairing import domain
from cluster.pairing.code import Code
from cluster.pairing.offer import Offer, OfferError
from cluster.pairing.primary import PORT
from cluster.pairing.secondary import PairingError

TASK = "worker.tasks.cluster.listen"
BY = "worker"
TRIES = 10
log = structlog.get_logger(__name__)


def show(*, by: str, address: str = "") -> Code:
    """Open a code at this machine's own address, and have the worker listen there. Raises PairingError."""
    own = identity().address
    if not own:
        raise PairingError(_("This machine has no address of its own yet; set it up as the primary first."))
    made = domain.offer(by=by, listen=own, address=address)
    ring(TASK, queue="node")
    return made


def open_now() -> Offer | None:
    """The offer that the worker has to serve now."""
    try:
        offer = domain.store().offer()
    except OfferError:
        return None
    return offer if offer and offer.listen and clock.now().timestamp() < offer.until else None


def begin() -> threading.Thread | None:
    """Listen in a thread of its own, so that no other work of the worker waits; None where there is nothing to do."""
    if open_now() is None:
        return None
    thread = threading.Thread(target=_in_thread, name="pairing", daemon=True)
    thread.start()
    return thread


def _in_thread() -> None:
    try:
        listen()
    finally:
        connections.close_all()


def listen() -> None:
    """Serve what is open, unless somebody does already; what stands in the way is kept with the offer."""
    with domain.store().only_listener(TRIES) as mine:
        offer = open_now() if mine else None
        if offer is None:
            return
        try:
            events = domain.serve(offer.listen, PORT, by=BY)
            _tell("")
            for event in events:
                if event is not None:
                    log.info("pairing", what=event.what, address=event.address, name=event.name, reason=event.reason)
        except PairingError as error:
            log.warning("pairing", error=str(error))
            _tell(str(error))


def _tell(trouble: str) -> None:
    with domain.store().only_one():
        current = domain.store().offer()
        if current is not None and current.trouble != trouble:
            domain.store().keep_offer(replace(current, trouble=trouble))

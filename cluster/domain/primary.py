"""Where changes can be made while this machine only stands by: what its pages and its API send people to."""

import json
from ipaddress import ip_address

from apresa.node.domain import identity, is_active
from apresa.node.models import Role
from cluster.pairing import domain as pairing
from cluster.pairing.store import StoreError

ANSWERS = "answers.json"  # of the set-up, beside what pairing keeps


def keep_primary_address() -> None:
    """The floating address is always the active node's; where nobody knows it, the other node's own. A machine that is
    active itself sends nobody away."""
    node = identity()
    if node.role == Role.STANDALONE:
        return
    wanted = "" if is_active() else _floating() or _other() or node.primary_address
    if wanted != node.primary_address:
        node.primary_address = wanted
        node.save(update_fields=["primary_address"])


def _floating() -> str:
    try:
        found = json.loads(pairing.store().read(ANSWERS))
        return str(ip_address(str(found["floating"])))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ""


def _other() -> str:
    try:
        peer = pairing.store().peer()
    except (OSError, StoreError):
        return ""
    return peer.address if peer else ""

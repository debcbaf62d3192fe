"""Where the two nodes listen: the addresses that Corosync uses, of two links where there are two."""

from pathlib import Path

from apresa.node.models import NodeIdentity
from cluster.pairing.store import Peer
from cluster.readers.corosync import read_configuration
from cluster.readers.reply import ReplyError
from cluster.types import Configuration

PORT = 8408
CONFIGURATION = Path("/etc/corosync/corosync.conf")
LONGEST = 64 * 1024


def peer_addresses(peer: Peer) -> tuple[str, ...]:
    """The one that it was paired at, then the others that the cluster's configuration gives it."""
    return tuple(dict.fromkeys((peer.address, *of_node(peer.name))))


def own_addresses(node: NodeIdentity) -> tuple[str, ...]:
    """Where this node listens; none while nobody has said it."""
    return tuple(dict.fromkeys(filter(None, (node.address or "", *of_node(node.name)))))


def of_node(name: str) -> tuple[str, ...]:
    """A node's addresses by corosync.conf; none before the set-up."""
    found = configured()
    node = found.node(name) if found else None
    return node.addresses if node else ()


def configured() -> Configuration | None:
    """What corosync.conf says; None before the set-up."""
    try:
        with CONFIGURATION.open(encoding="utf-8", errors="replace") as file:
            return read_configuration(file.read(LONGEST))
    except (OSError, ReplyError):
        return None

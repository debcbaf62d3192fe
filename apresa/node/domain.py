"""The identity of this machine, and the one question that others may ask: may it write shared data?"""

import socket
import uuid
from pathlib import Path

from apresa import layout
from apresa.node.models import NodeIdentity, Role


def identity() -> NodeIdentity:
    """This machine's identity; the first call makes it."""
    name = socket.gethostname().split(".")[0][:63] or "node"
    return NodeIdentity.objects.get_or_create(id=1, defaults={"name": name})[0]


def is_active() -> bool:
    """Whether this machine may write the library and the cluster's database (law 4)."""
    return identity().role != Role.SECONDARY


def claim_library(library: Path) -> uuid.UUID:
    """Mark a new library as this machine's, or check the one that it knows.

    Raises LibraryMissing when the known library's volume is not there: an empty mount point is no new library.
    """
    node = identity()
    if node.library:
        return open_library(library)
    node.library = layout.mark_library(library)
    node.save(update_fields=["library"])
    return node.library


def open_library(library: Path) -> uuid.UUID:
    """Ask before each write to the library (law 4). Raises LibraryMissing."""
    found = layout.check_library(library)
    if found != identity().library:
        raise layout.LibraryMissing(
            f"The library {library} is not the one that this machine knows; nothing is written."
        )
    return found


def join_as_secondary(primary_address: str) -> None:
    """This machine stands by for another one."""
    node = identity()
    node.role, node.primary_address = Role.SECONDARY, primary_address
    node.save(update_fields=["role", "primary_address"])

"""The identity of this machine, and the one question that others may ask: may it write shared data?"""

import ipaddress
import re
import socket
import uuid
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from apresa import layout
from apresa.node.models import NodeIdentity, Role
from apresa.shared.addresses import mask_bits


def identity() -> NodeIdentity:
    """This machine's identity; the first call makes it."""
    name = socket.gethostname().split(".")[0][:63] or "node"
    return NodeIdentity.objects.get_or_create(id=1, defaults={"name": name})[0]


class BadPlace(ValueError):
    """The machine's name, address or role does not fit; the text is one sentence for the person who gave it."""


def why_fixed() -> str:
    """Why the machine's name and address may not be changed, or ""."""
    if identity().role == Role.STANDALONE:
        return ""
    return _(
        "Names and addresses of the nodes can't be changed once the cluster stands: "
        "its parts (Corosync, PostgreSQL, DRBD) know the nodes by them."
    )


def awaits_set_up() -> bool:
    """Whether this machine was installed for a cluster and is not set up as a node of one yet."""
    return settings.APRESA.installed_for == "cluster" and identity().role == Role.STANDALONE


def place(**wanted: str) -> NodeIdentity:
    """Set this machine's `name`, `address`, `mask` (any form) or `initial_role`. Raises BadPlace."""
    if reason := why_fixed():
        raise BadPlace(reason)
    node = identity()
    if "name" in wanted:
        node.name = _name(wanted["name"])
    if "initial_role" in wanted:
        node.initial_role = Role(wanted["initial_role"])
    if {"address", "mask"} & set(wanted):
        bits = "" if node.mask is None else str(node.mask)
        node.address, node.mask = _network(wanted.get("address", node.address or ""), wanted.get("mask", bits))
    node.save(update_fields=["name", "address", "mask", "initial_role"])
    return node


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text, re.ASCII):
        raise BadPlace(_("A node's name has small letters, digits and hyphens, such as myrec1."))
    return text


def _network(address: str, mask: str) -> tuple[str, int]:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        raise BadPlace(
            _("%(address)s is no IP address; write one such as 192.168.2.11.") % {"address": address}
        ) from None
    bits = mask_bits(mask, found.version)
    if bits is None:
        raise BadPlace(_("%(mask)s is no IP mask; write one such as 255.255.255.0 or 24.") % {"mask": mask or "—"})
    return str(found), bits


def is_active() -> bool:
    """Whether this machine may write the library and the cluster's database (law 4)."""
    return identity().is_active


def is_in_cluster() -> bool:
    """Whether this machine is one of two nodes."""
    return identity().role != Role.STANDALONE


def claim_library(library: Path) -> uuid.UUID | None:
    """Mark a new library as this machine's, or check the one that it knows; None where the cluster mounts it.

    Raises LibraryMissing when the known library's volume is not there: an empty mount point is no new library.
    """
    node = identity()
    if node.role != Role.STANDALONE:
        return None  # the volume is where Pacemaker mounted it; activation checks it
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


def become(role: Role, address: str, bits: int, primary_address: str) -> None:
    """This machine is a node of a cluster from now on. `primary_address`: where the active one is reached.

    Once it is one, its role is Pacemaker's to change: it may have taken over in the meantime.
    """
    node = identity()
    fields = ["initial_role", "address", "mask", "primary_address"]
    node.initial_role, node.address, node.mask, node.primary_address = role, address, bits, primary_address
    if node.role == Role.STANDALONE:
        node.role = role
        fields.append("role")
    node.save(update_fields=fields)


def become_alone(library: uuid.UUID) -> None:
    """This machine never served in a cluster, and works alone again, with the library that it had before."""
    node = identity()
    node.role = node.initial_role = Role.STANDALONE
    node.primary_address, node.library = "", library
    node.save(update_fields=["role", "initial_role", "primary_address", "library"])


def know_library(library: str) -> None:
    """The library that the other node has made: this machine makes none of its own (law 4). Raises ValueError."""
    node = identity()
    node.library = uuid.UUID(library)
    node.save(update_fields=["library"])


def join_as_secondary(primary_address: str) -> None:
    """This machine stands by for another one."""
    node = identity()
    node.role, node.primary_address, node.activated_boot = Role.SECONDARY, primary_address, ""
    node.save(update_fields=["role", "primary_address", "activated_boot"])

"""What an administrator answers on the set-up screen, as typed; and what the cluster is then made from."""

from dataclasses import dataclass
from typing import Literal

from cluster.setup.site import Address, Interface, Member, Site, Volume

ROLES = ("primary", "secondary")
MODES = ("async", "sync")
STAND_IN = "/var/lib/drbd-standin/r0"
"""The one device that is no DRBD: a developer's lab of namespaces has a folder there. The root helper knows it, too."""
Role = Literal["primary", "secondary"]


@dataclass(frozen=True, slots=True)
class NodeAnswers:
    """One node. `link` and `link_mask`: its address on the replication link; empty where there is none."""

    role: str
    name: str
    address: str
    mask: str
    link: str = ""
    link_mask: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    first: NodeAnswers
    second: NodeAnswers
    floating: str
    interface: str
    """The network interface that gets the floating address."""
    device: str
    """What DRBD offers; the file system lies on it."""
    directory: str
    witness: str = ""
    disk: str = ""
    """The partition that DRBD gets, on both machines."""
    mode: str = "async"
    """Whether the database waits for the other node; it cannot be changed later without stopping the cluster."""
    size: str = ""
    """The partition's bytes on the primary: told by it, not typed."""


@dataclass(frozen=True, slots=True)
class PlannedNode:
    role: Role
    name: str
    address: Interface
    link: Interface | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Answers without a fault; `nodes` begins with the primary."""

    nodes: tuple[PlannedNode, PlannedNode]
    floating: Address
    interface: str
    volume: Volume
    witness: str
    disk: str
    mode: str

    def site(self) -> Site:
        """What the engines' files are made from."""
        first, second = (_member(node) for node in self.nodes)
        network = self.nodes[0].address.network
        floating = type(self.nodes[0].address)(f"{self.floating}/{network.prefixlen}")
        return Site((first, second), floating, self.interface, self.volume, self.mode)

    def node(self, role: str) -> PlannedNode:
        return next(node for node in self.nodes if node.role == role)


def _member(node: PlannedNode) -> Member:
    links = (node.address.ip,) if node.link is None else (node.address.ip, node.link.ip)
    return Member(node.name, links)

"""What an administrator answers on the set-up screen, as typed; and what the cluster is then made from."""

from dataclasses import dataclass
from typing import Literal

from cluster.setup.site import Address, Interface, Member, Site, Volume

ROLES = ("primary", "secondary")
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
    directory: str
    witness: str = ""


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

    def site(self) -> Site:
        """What the engines' files are made from."""
        first, second = (_member(node) for node in self.nodes)
        network = self.nodes[0].address.network
        floating = type(self.nodes[0].address)(f"{self.floating}/{network.prefixlen}")
        return Site((first, second), floating, self.interface, self.volume)


def _member(node: PlannedNode) -> Member:
    links = (node.address.ip,) if node.link is None else (node.address.ip, node.link.ip)
    return Member(node.name, links)

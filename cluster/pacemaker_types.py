"""Pacemaker's picture of the cluster, as crm_mon tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

STOP = "stop"  # the no-quorum-policy that belongs to a witness


class ResourceRole(StrEnum):
    PROMOTED = "Promoted"
    UNPROMOTED = "Unpromoted"
    STARTED = "Started"
    STOPPED = "Stopped"
    CHANGING = "changing"  # Starting, Stopping, Promoting, Demoting, Migrating
    UNKNOWN = "unknown"


class ResourceKind(StrEnum):
    DATABASE = "database"
    DRBD = "drbd"
    FENCING = "fencing"
    SERVICE = "service"  # what runs once, on the active node: floating address, file system, recorder's workers


@dataclass(frozen=True, slots=True)
class PacemakerNode:
    name: str
    online: bool
    standby: bool
    maintenance: bool
    pending: bool
    unclean: bool
    shutdown: bool


@dataclass(frozen=True, slots=True)
class Resource:
    """One instance of a resource; a clone has several of the same name."""

    name: str
    kind: ResourceKind
    role: ResourceRole
    nodes: tuple[str, ...]
    managed: bool
    failed: bool
    blocked: bool


@dataclass(frozen=True, slots=True)
class FailedAction:
    operation: str
    node: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pacemaker:
    has_controller: bool
    """Whether a node coordinates the cluster (DC); before an election nothing is decided."""
    quorate: bool
    mixed_version: bool
    maintenance: bool
    fencing: bool
    nodes: tuple[PacemakerNode, ...]
    resources: tuple[Resource, ...]
    attributes: Mapping[str, Mapping[str, str]]
    """Attributes by node and name."""
    failures: tuple[FailedAction, ...]
    no_quorum_policy: str = ""
    """What a node without a majority does; "" where it is not told."""

    def node(self, name: str) -> PacemakerNode | None:
        return next((node for node in self.nodes if node.name == name), None)

    def of_kind(self, kind: ResourceKind) -> tuple[Resource, ...]:
        return tuple(resource for resource in self.resources if resource.kind is kind)

    def promoted(self, kind: ResourceKind) -> frozenset[str]:
        """The nodes where a resource of this kind is promoted."""
        return frozenset(
            node for resource in self.of_kind(kind) if resource.role is ResourceRole.PROMOTED for node in resource.nodes
        )

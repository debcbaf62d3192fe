"""What the view says, gathered once for all rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from cluster.drbd_types import Drbd, DrbdRole
from cluster.pacemaker_types import Pacemaker, Resource, ResourceKind, ResourceRole
from cluster.types import ClusterView, Configuration, NodeView, Postgres, Unknown

SAME_MOMENT = 10.0  # seconds: a look at one node may take so long, and a switchover not much longer


class Overlap(Enum):
    """What it means that the reports together show two nodes that act as primary."""

    AT_ONCE = "at-once"
    MOVING = "moving"
    """The two reports were made before and after the active node changed: the recordings have one writer."""
    UNCERTAIN = "uncertain"
    """They are of different moments, and the recordings' volume does not tell."""


@dataclass(frozen=True, slots=True)
class Facts:
    view: ClusterView
    me: str
    other: str | None
    """The other node's name; None where the configuration does not tell it."""
    reports: tuple[NodeView, ...]
    """This node's view, and the other's own report where it is known and comes from the other node."""
    pacemaker: Pacemaker | None
    """The cluster as the node with quorum sees it, else as this one does."""
    active: str | None
    """The one node whose database is promoted, by that picture."""
    acting: frozenset[str]
    """All nodes that act as primary, by any evidence of any report: more than one is a split brain."""

    @property
    def standby(self) -> str | None:
        """The node that should take over."""
        if self.active is None:
            return None
        return self.other if self.active == self.me else self.me

    @property
    def overlap(self) -> Overlap:
        """Of more than one in `acting`. One report is of one moment; two of them are compared by volume and time."""
        if any(len({name for name, _ in self.evidence(one)}) > 1 for one in self.reports):
            return Overlap.AT_ONCE
        if all(_has_one_writer(one) for one in self.reports):
            return Overlap.MOVING
        return Overlap.AT_ONCE if self.view.apart <= SAME_MOMENT else Overlap.UNCERTAIN

    def evidence(self, report: NodeView) -> Iterator[tuple[str, str]]:
        return evidence(report, self.other if report.name == self.me else self.me)

    def peer_of(self, name: str) -> str:
        return (self.other if name == self.me else self.me) or "the other node"

    def online(self, name: str) -> bool:
        """Whether Pacemaker counts the node among its members."""
        node = self.pacemaker.node(name) if self.pacemaker else None
        return node is not None and node.online

    @property
    def sees_all(self) -> bool:
        """Whether nobody else can be active unseen: both nodes are in the picture, or both were asked."""
        return len(self.reports) == 2 or (self.online(self.me) and self.other is not None and self.online(self.other))

    def services(self) -> tuple[Resource, ...]:
        return self.pacemaker.of_kind(ResourceKind.SERVICE) if self.pacemaker else ()


def gather(view: ClusterView) -> Facts:
    own = view.own
    told = (own, view.peer) if isinstance(view.peer, NodeView) else (own,)
    other = next((name for one in told if (name := _named(one, own.name))), None) or _member(own)
    peer = view.peer if isinstance(view.peer, NodeView) and view.peer.name == other else None
    reports = (own, peer) if peer else (own,)
    pacemaker = _picture(reports)
    promoted = pacemaker.promoted(ResourceKind.DATABASE) if pacemaker else frozenset()
    return Facts(
        view=view,
        me=own.name,
        other=other,
        reports=reports,
        pacemaker=pacemaker,
        active=next(iter(promoted)) if len(promoted) == 1 else None,
        acting=frozenset(
            name for report in reports for name, _ in evidence(report, own.name if report is peer else other)
        ),
    )


def _named(report: NodeView, name: str) -> str | None:
    """The other one of the pair in which this report's configuration names the node."""
    node = report.configuration.other(name) if isinstance(report.configuration, Configuration) else None
    return node.name if node else None


def _member(own: NodeView) -> str | None:
    """The other one of two by Pacemaker, where no configuration can be read."""
    nodes = own.pacemaker.nodes if isinstance(own.pacemaker, Pacemaker) else ()
    others = {node.name for node in nodes} - {own.name}
    return others.pop() if isinstance(own.configuration, Unknown) and len(others) == 1 else None


def _picture(reports: tuple[NodeView, ...]) -> Pacemaker | None:
    """This node's Pacemaker, unless only the other one's speaks for a majority."""
    pictures = [report.pacemaker for report in reports if isinstance(report.pacemaker, Pacemaker)]
    return next((picture for picture in pictures if picture.quorate), pictures[0] if pictures else None)


def evidence(report: NodeView, other: str | None) -> Iterator[tuple[str, str]]:
    """Who acts as primary by this report, and what shows it: by Pacemaker, by the kernel, by the server itself.

    `other`: the node that this report's own node is paired with."""
    if isinstance(report.pacemaker, Pacemaker):
        yield from _by_pacemaker(report.name, report.pacemaker)
        if not _kernel_sees_both(report):
            for name in sorted(report.pacemaker.promoted(ResourceKind.DRBD) - {report.name}):
                yield name, f"{report.name} sees its volume promoted"
    if isinstance(report.postgres, Postgres) and not report.postgres.in_recovery:
        yield report.name, "its database takes writes"
    if isinstance(report.drbd, Drbd) and report.drbd.role is DrbdRole.PRIMARY:
        yield report.name, "its kernel writes the recordings' volume"
    if isinstance(report.drbd, Drbd) and report.drbd.peer_role is DrbdRole.PRIMARY:
        yield other or "the other node", f"the kernel of {report.name} sees it write the recordings' volume"


def _has_one_writer(report: NodeView) -> bool:
    """A kernel that is connected lets one side write, and knows which; then the report names that one as active."""
    drbd = report.drbd
    if not isinstance(drbd, Drbd) or not drbd.connected:
        return False
    return {drbd.role, drbd.peer_role} == {DrbdRole.PRIMARY, DrbdRole.SECONDARY}


def _by_pacemaker(name: str, pacemaker: Pacemaker) -> Iterator[tuple[str, str]]:
    for node in sorted(pacemaker.promoted(ResourceKind.DATABASE)):
        yield node, f"{name} sees its database promoted"
    for resource in pacemaker.of_kind(ResourceKind.SERVICE):
        if resource.role is ResourceRole.STARTED and len(resource.nodes) > 1:
            for node in resource.nodes:
                yield node, f"{name} sees {resource.name} on it"


def _kernel_sees_both(report: NodeView) -> bool:
    """A connected kernel knows the other's role better than Pacemaker, whose picture may be stale."""
    return isinstance(report.drbd, Drbd) and report.drbd.connected and report.drbd.peer_role is not DrbdRole.UNKNOWN

"""What the other node's own report says against starting Pacemaker here. Pure; both sides are compared (law 7).

Where nobody asked the other node (the two are not paired), only this one's state is judged.
"""

from collections.abc import Iterator

from cluster.findings import Finding, finding
from cluster.pacemaker_types import Pacemaker, ResourceKind
from cluster.rules.facts import Facts, gather
from cluster.types import ClusterView, ControlData, NodeView, Unknown


def to_join(view: ClusterView) -> Iterator[Finding]:
    """There must be an active node to stand by for, and this database must be a copy of its own, and no newer one."""
    facts = gather(view)
    if isinstance(view.peer, Unknown):
        yield finding("other-unknown", other=facts.other or "?", detail=view.peer.detail)
        return
    peer = _peer(facts)
    if view.peer is None:
        return
    if peer is None:
        yield finding("other-unknown", other=facts.other or "?", detail=f"The report comes from {view.peer.name}.")
        return
    if not _active(peer):
        yield finding("nothing-to-join", other=peer.name)
    yield from _unknown_files(peer)
    yield from _histories(view.own, peer)


def to_start(view: ClusterView) -> Iterator[Finding]:
    """Nobody may be active there, nor have the newer database. A node that does not answer may be off, as both were."""
    facts = gather(view)
    peer = _peer(facts)
    if peer is None:
        return
    if isinstance(peer.pacemaker, Pacemaker) or peer.name in facts.acting:
        yield finding("other-runs", other=peer.name)
    yield from _unknown_files(peer)
    for own, other in _controls(view.own, peer):
        if own.system != other.system:
            yield finding("strangers", other=peer.name)
        elif other.timeline > own.timeline:
            yield finding("other-newer", other=peer.name, newer=other.timeline, older=own.timeline)


def _peer(facts: Facts) -> NodeView | None:
    return facts.reports[1] if len(facts.reports) == 2 else None


def _active(peer: NodeView) -> bool:
    promoted = peer.pacemaker.promoted(ResourceKind.DATABASE) if isinstance(peer.pacemaker, Pacemaker) else frozenset()
    return promoted == {peer.name}


def _unknown_files(peer: NodeView) -> Iterator[Finding]:
    if isinstance(peer.control, Unknown):
        yield finding("start-unknown", part="PostgreSQL's files", node=peer.name, detail=peer.control.detail)


def _histories(own: NodeView, peer: NodeView) -> Iterator[Finding]:
    for mine, other in _controls(own, peer):
        if mine.system != other.system:
            yield finding("strangers", other=peer.name)
        elif mine.timeline > other.timeline:
            yield finding("parted", node=own.name, other=peer.name, newer=mine.timeline, older=other.timeline)


def _controls(own: NodeView, peer: NodeView) -> Iterator[tuple[ControlData, ControlData]]:
    """Both sides' files, where both are known; an unknown one is told elsewhere."""
    if isinstance(own.control, ControlData) and isinstance(peer.control, ControlData):
        yield own.control, peer.control

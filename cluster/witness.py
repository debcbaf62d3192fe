"""The witness as both nodes see it, and what speaks against adding or removing one. Pure."""

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from types import MappingProxyType

from cluster.findings import Finding, finding
from cluster.pacemaker_types import STOP, Pacemaker
from cluster.setup.validate import WITNESS as HOST
from cluster.two_active import against_two
from cluster.types import Alone, ClusterView, Configuration, NodeView, Quorum

View = ClusterView | Alone
THREE = 3


def votes(view: View) -> bool:
    """Whether both nodes have the witness's vote: three of three."""
    return has_vote(own(view)) and has_vote(peer(view)) and counted(view, expected=THREE)


def policy(view: View) -> str:
    pacemaker = _pacemaker(view)
    return pacemaker.no_quorum_policy if pacemaker else ""


def own(view: View) -> NodeView | None:
    return view.own if isinstance(view, ClusterView) else None


def peer(view: View) -> NodeView | None:
    return view.peer if isinstance(view, ClusterView) and isinstance(view.peer, NodeView) else None


def named(node: NodeView | None) -> str:
    configuration = node.configuration if node else None
    return configuration.witness_host if isinstance(configuration, Configuration) else ""


def without(node: NodeView | None) -> bool:
    configuration = node.configuration if node else None
    return isinstance(configuration, Configuration) and not configuration.witness


def quorate(node: NodeView | None) -> bool:
    return node is not None and isinstance(node.quorum, Quorum) and node.quorum.quorate


def has_vote(node: NodeView | None) -> bool:
    return node is not None and isinstance(node.quorum, Quorum) and node.quorum.witness_votes == 1


def counted(view: View, *, expected: int) -> bool:
    """Whether both Corosyncs count so many votes, and have a majority of them."""
    quorums = [node.quorum for node in (own(view), peer(view)) if node]
    return len(quorums) == 2 and all(
        isinstance(one, Quorum) and one.quorate and one.expected_votes == expected for one in quorums
    )


def _pacemaker(view: View) -> Pacemaker | None:
    found = view.own.pacemaker if isinstance(view, ClusterView) else None
    return found if isinstance(found, Pacemaker) else None


def against_adding(host: str, view: ClusterView, codes: frozenset[str]) -> Iterator[Finding]:
    yield from _fault_of(host, view.own)
    yield from _both_there(view)
    yield from against_two(codes)
    known = {named(node) for node in (own(view), peer(view))} - {""}
    if known - {host}:
        yield finding("witness-other", value=", ".join(sorted(known - {host})))
    elif known and votes(view) and policy(view) == STOP:
        yield finding("witness-already", value=host)


def against_removing(_host: str, view: ClusterView, codes: frozenset[str]) -> Iterator[Finding]:
    yield from _both_there(view)
    yield from against_two(codes)
    if without(own(view)) and without(peer(view)) and policy(view) != STOP:
        yield finding("no-witness")


def against_giving_up(_host: str, view: ClusterView, _codes: frozenset[str]) -> Iterator[Finding]:
    """Only a node that has lost both others, as far as anybody can tell; that the other is off, people must know."""
    here, pacemaker = view.own, _pacemaker(view)
    if not isinstance(here.configuration, Configuration) or not here.configuration.witness:
        yield finding("no-witness")
    if pacemaker is None:
        yield finding("not-joined", node=here.name)
        return
    if not isinstance(here.quorum, Quorum) or here.quorum.quorate:
        yield finding("majority", node=here.name)
    others = [node.name for node in pacemaker.nodes if node.name != here.name and node.online]
    if answering := peer(view):
        others.append(answering.name)
    for other in dict.fromkeys(others):
        yield finding("other-answers", other=other)


AGAINST: Mapping[str, Callable[[str, ClusterView, frozenset[str]], Iterator[Finding]]] = MappingProxyType(
    {"witness-add": against_adding, "witness-remove": against_removing, "witness-alone": against_giving_up}
)


def _both_there(view: ClusterView) -> Iterator[Finding]:
    """Both nodes in the cluster, each by its own word, with a majority: a change of votes is for both."""
    here, pacemaker = view.own, _pacemaker(view)
    configuration = here.configuration if isinstance(here.configuration, Configuration) else None
    ring = configuration.other(here.name) if configuration else None
    other = ring.name if ring else "?"
    if pacemaker is None:
        yield finding("not-joined", node=here.name)
    else:
        node = pacemaker.node(other)
        if node is None or not node.online:
            yield finding("node-away", other=other)
    if not isinstance(view.peer, NodeView):
        detail = view.peer.detail if view.peer else "The two are not paired."
        yield finding("other-unknown", other=other, detail=detail)
    elif view.peer.name != other:
        yield finding("other-unknown", other=other, detail=f"The report comes from {view.peer.name}.")
    for one in filter(None, (here, peer(view))):
        if not quorate(one):
            yield finding("no-majority", node=one.name)


def _fault_of(host: str, here: NodeView) -> Iterator[Finding]:
    if not _is_host(host):
        yield finding("witness-name", value=host)
    elif isinstance(here.configuration, Configuration):
        inside = {text.lower() for node in here.configuration.nodes for text in (node.name, *node.addresses)}
        if host.lower() in inside:
            yield finding("witness-inside", value=host)


def _is_host(host: str) -> bool:
    try:
        found = ip_address(host)
    except ValueError:
        return bool(HOST.fullmatch(host)) and not host.replace(".", "").isdigit()
    return not (found.is_loopback or found.is_unspecified or found.is_multicast or "%" in host)

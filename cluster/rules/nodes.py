"""Rules about nodes, quorum, links, clocks."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from cluster.findings import Finding, finding
from cluster.pacemaker_types import PacemakerNode
from cluster.releases import Running, next_one
from cluster.rules.facts import Facts
from cluster.types import Clock, Configuration, NodeLink, NodeView, NotRunning, Quorum, Receiver, Unknown

MOST_SKEW = 2.0  # seconds; replication within a network takes some milliseconds


def membership(facts: Facts) -> Iterator[Finding]:
    if facts.pacemaker is None:
        return
    for name in filter(None, (facts.me, facts.other)):
        node = facts.pacemaker.node(name)
        if not facts.online(name) or not _is_member(facts, name):
            yield finding("node-offline", node=name)
        if node is not None:
            yield from _state(node)


def _is_member(facts: Facts, name: str) -> bool:
    quorum = facts.view.own.quorum
    return not isinstance(quorum, Quorum) or name in quorum.members


def _state(node: PacemakerNode) -> Iterator[Finding]:
    if node.unclean:
        yield finding("node-unclean", node=node.name)
    states = ("standby", "maintenance", "pending", "shutdown")
    for state in (state for state in states if getattr(node, state)):
        yield finding("node-not-serving", node=node.name, state=state)


def cluster_state(facts: Facts) -> Iterator[Finding]:
    pacemaker = facts.pacemaker
    if pacemaker is None:
        return
    if not pacemaker.has_controller:
        yield finding("no-controller")
    elif not pacemaker.quorate:
        yield finding("no-quorum", node=facts.me, votes="?", expected="?")
    if pacemaker.maintenance:
        yield finding("maintenance")
    if pacemaker.mixed_version:
        yield finding("mixed-version")


def votes(facts: Facts) -> Iterator[Finding]:
    for report in facts.reports:
        quorum = report.quorum
        if isinstance(quorum, NotRunning) and not isinstance(report.pacemaker, NotRunning):
            yield finding("corosync-stopped", node=report.name, detail=quorum.detail)
        if not isinstance(quorum, Quorum):
            continue
        if not quorum.quorate:
            yield finding("no-quorum", node=report.name, votes=quorum.total_votes, expected=quorum.expected_votes)


def links(facts: Facts) -> Iterator[Finding]:
    """One link of several, or all of them; to a node that is away all are cut, and that is told already."""
    for report in facts.reports:
        if not isinstance(report.links, tuple) or not facts.online(facts.peer_of(report.name)):
            continue
        if not any(link.connected for link in report.links):
            yield finding("no-link", node=report.name, count=len(report.links))
            continue
        for link in report.links:
            if not link.connected:
                yield finding(
                    "link-down", node=report.name, link=link.number, address=link.address, count=len(report.links)
                )


def interfaces(facts: Facts) -> Iterator[Finding]:
    for report in facts.reports:
        if isinstance(report.interfaces, tuple):
            carried = {
                _parsed(one) for interface in report.interfaces if interface.carrier for one in interface.addresses
            }
            for address in _ring_addresses(report):
                # a host's name instead of an address is left to Corosync's own word about the link
                if _parsed(address) and _parsed(address) not in carried:
                    yield finding("interface-down", node=report.name, address=address)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


def _ring_addresses(report: NodeView) -> tuple[str, ...]:
    node = report.configuration.node(report.name) if isinstance(report.configuration, Configuration) else None
    return node.addresses if node else ()


def clocks(facts: Facts) -> Iterator[Finding]:
    for report in facts.reports:
        if isinstance(report.clock, Clock) and not report.clock.synchronised:
            yield finding("clock-not-synchronised", node=report.name)
        receiver = report.receiver
        if isinstance(receiver, Receiver) and receiver.skew is not None and abs(receiver.skew) > MOST_SKEW:
            yield finding("clocks-differ", node=report.name, seconds=round(receiver.skew, 1), way="PostgreSQL's stream")
    if not any(isinstance(one.receiver, Receiver) and one.receiver.skew is not None for one in facts.reports):
        yield from _by_link(facts)


def _by_link(facts: Facts) -> Iterator[Finding]:
    """Where PostgreSQL tells nothing; the message may have been under way anywhere within half its round trip."""
    link = facts.view.link
    if isinstance(link, NodeLink) and abs(link.skew) - link.round_trip / 2 > MOST_SKEW:
        yield finding("clocks-differ", node=facts.me, seconds=round(-link.skew, 1), way="the node link")


def node_link(facts: Facts) -> Iterator[Finding]:
    """A node that is away is told as such; one that Pacemaker sees, and the link does not, is another matter."""
    link = facts.view.link
    if isinstance(link, Unknown) and facts.other and facts.online(facts.other):
        yield finding("node-link-down", node=facts.me, other=facts.other, detail=link.detail)


def releases(facts: Facts) -> Iterator[Finding]:
    link = facts.view.link
    if isinstance(link, NodeLink) and link.release != link.own_release:
        other = facts.other or "the other node"
        late = next_one(Running(facts.me, link.own_release), Running(other, link.release), facts.active)
        yield finding(
            "mixed-release", node=facts.me, other=other, release=link.own_release, others=link.release, late=late
        )


def risks(facts: Facts) -> Iterator[Finding]:
    """What the set-up leaves open while nothing is wrong."""
    configuration = facts.view.own.configuration
    if not isinstance(configuration, Configuration):
        return
    if len(_ring_addresses(facts.view.own)) == 1:
        yield finding("one-link", node=facts.me)
    if not configuration.witness and facts.pacemaker and not facts.pacemaker.fencing:
        yield finding("split-brain-possible")

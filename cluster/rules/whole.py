"""Rules about the cluster as a whole: who is active, and what nobody can tell."""

from collections.abc import Iterator
from dataclasses import fields, replace

from cluster.findings import Finding, finding
from cluster.pacemaker_types import Pacemaker
from cluster.rules.facts import Facts, Overlap
from cluster.types import Configuration, NodeView, NotRunning, Unknown

PARTS = {
    "configuration": "corosync.conf",
    "pacemaker": "Pacemaker",
    "quorum": "Corosync's quorum",
    "links": "Corosync's links",
    "interfaces": "the network's interfaces",
    "drbd": "DRBD",
    "postgres": "PostgreSQL",
    "standbys": "PostgreSQL's standbys",
    "receiver": "PostgreSQL's receiver",
    "control": "PostgreSQL's files",
    "marks": "the marks in the database's folders",
    "clock": "the clock",
    "services": "its own services",
    "witness": "the witness's client",
}


def who_is_active(facts: Facts) -> Iterator[Finding]:
    if len(facts.acting) > 1:
        seen = [f"{name}: {what}" for report in facts.reports for name, what in facts.evidence(report)]
        told = {"nodes": ", ".join(sorted(facts.acting)), "evidence": "; ".join(dict.fromkeys(seen))}
        match facts.overlap:
            case Overlap.AT_ONCE:
                yield finding("two-active", **told)
            case Overlap.MOVING:
                yield finding("active-moving", **told)
            case Overlap.UNCERTAIN:
                yield finding("two-active-perhaps", seconds=round(facts.view.apart), **told)
    elif facts.pacemaker and facts.active is None and facts.sees_all:
        yield finding("nobody-active")


def joined(facts: Facts) -> Iterator[Finding]:
    for report in facts.reports:
        if isinstance(report.pacemaker, NotRunning):
            yield finding("not-joined", node=report.name, detail=report.pacemaker.detail)
    if facts.pacemaker is None:
        yield finding("active-not-visible", node=facts.me, evidence="Pacemaker tells nothing here")
    elif facts.active is None and not facts.sees_all:
        yield finding("active-not-visible", node=facts.me, evidence="it is not active itself, and the other is away")


def names(facts: Facts) -> Iterator[Finding]:
    for report in facts.reports:
        configuration = report.configuration
        if isinstance(configuration, Configuration) and configuration.node(report.name) is None:
            known = ", ".join(node.name for node in configuration.nodes)
            yield finding("name-not-in-cluster", node=report.name, names=known)


def unknown_parts(facts: Facts) -> Iterator[Finding]:
    """Each part of each report that is not known; "unknown" never counts as good."""
    for report in facts.reports:
        unknown: dict[Unknown, list[str]] = {}
        for field in fields(report):
            part = getattr(report, field.name)
            if isinstance(part, Unknown):
                unknown.setdefault(part, []).append(PARTS[field.name])
        for part, names in unknown.items():
            yield _not_known(report.name, ", ".join(names), part)


def peer_report(facts: Facts) -> Iterator[Finding]:
    peer = facts.view.peer
    if isinstance(peer, Unknown):
        yield _not_known(facts.other or "the other node", "its own report", peer)
    elif isinstance(peer, NodeView) and peer not in facts.reports:
        yield finding("peer-report-foreign", node=peer.name, expected=facts.other or "the other node")


def same_picture(facts: Facts) -> Iterator[Finding]:
    """Pacemaker has one configuration and one state; two nodes that see two of each are parted, or in transition."""
    pictures = [replace(one.pacemaker, failures=()) for one in facts.reports if isinstance(one.pacemaker, Pacemaker)]
    if len(pictures) == 2 and pictures[0] != pictures[1]:
        differing = [field.name for field in fields(Pacemaker) if _differs(field.name, *pictures)]
        yield finding("pictures-differ", parts=", ".join(differing))


def _differs(name: str, one: Pacemaker, other: Pacemaker) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _not_known(node: str, part: str, unknown: Unknown) -> Finding:
    return finding("not-known", node=node, part=part, why=str(unknown.why), detail=unknown.detail)

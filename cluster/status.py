"""This node's replies, and perhaps the other's, → the view that is judged; and the judgement as data for programs."""

from typing import Any

from cluster.catalogue import kind
from cluster.decide import Judgement
from cluster.findings import Finding, Level, fill
from cluster.read import read_node
from cluster.replies import Replies
from cluster.types import Alone, ClusterView, NodeLink, NodeView, Unknown, Why

OLDEST_PEER_REPORT = 60.0  # seconds between the two reports, by the clocks of both nodes
# The exit codes of monitoring plugins.
EXIT_CODES = {Level.NOTE: 0, Level.WARNING: 1, Level.CRITICAL: 2, Level.UNKNOWN: 3}
WORDS = {Level.NOTE: "ok", Level.WARNING: "warning", Level.CRITICAL: "critical", Level.UNKNOWN: "unknown"}


def view_of(
    own: Replies, peer: Replies | Unknown | None, *, in_cluster: bool, link: NodeLink | Unknown | None = None
) -> ClusterView | Alone:
    """`in_cluster`: whether this machine has been told that it belongs to a cluster."""
    node = read_node(own)
    if isinstance(node, Alone):
        return Alone(node.name, lost_its_cluster=in_cluster)
    apart = abs(own.taken_at - peer.taken_at) if isinstance(peer, Replies) else 0.0
    return ClusterView(node, _peer_view(own, peer), link, apart)


def _peer_view(own: Replies, peer: Replies | Unknown | None) -> NodeView | Unknown | None:
    if not isinstance(peer, Replies):
        return peer
    apart = abs(own.taken_at - peer.taken_at)
    if not apart <= OLDEST_PEER_REPORT:
        return Unknown(Why.LATE, f"Its report is from another time: {apart:.0f} seconds from this one.")
    node = read_node(peer)
    return node if isinstance(node, NodeView) else Unknown(Why.MISSING, f"No cluster is set up on {node.name}.")


def as_data(judgement: Judgement) -> dict[str, Any]:
    """For JSON: codes and parameters, with the English sentences."""
    return {
        "level": WORDS[judgement.level],
        "exit_code": EXIT_CODES[judgement.level],
        "sentence": judgement.sentence(),
        "active": judgement.active,
        "standby": judgement.standby,
        "ready": judgement.ready,
        "phrases": [{"code": one.code, "parameters": dict(one.parameters)} for one in judgement.phrases],
        "findings": [_finding(one) for one in judgement.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    about = kind(finding)
    return {
        "code": finding.code,
        "level": WORDS[about.level],
        "takeover": about.takeover.name.lower(),
        "parameters": dict(finding.parameters),
        "sentence": fill(about.sentence, finding.parameters),
        "fact": fill(about.fact, finding.parameters),
        "step": fill(about.step, finding.parameters),
    }

"""The witness as this node's last look shows it, for pages and programs."""

from dataclasses import dataclass

from cluster import witness
from cluster.pacemaker_types import STOP
from cluster.queries.state import State
from cluster.types import ClusterView, NodeView, Quorum, Unknown
from cluster.types import Witness as Client


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """One node and its witness. `host`: "" where none is named there; `votes`: None where nobody can tell."""

    node: str
    host: str
    connection: str
    votes: bool | None


@dataclass(frozen=True, slots=True)
class WitnessState:
    """`host`: "" where neither node names one; `obeyed`: whether a node without a majority stops."""

    host: str
    obeyed: bool
    nodes: tuple[WitnessLine, ...]


def witness_state(found: State) -> WitnessState:
    view = found.view
    if not isinstance(view, ClusterView):
        return WitnessState("", obeyed=False, nodes=())
    reports = [view.own, *((view.peer,) if isinstance(view.peer, NodeView) else ())]
    lines = tuple(_line(report) for report in reports)
    host = next((line.host for line in lines if line.host), "")
    return WitnessState(host, witness.policy(view) == STOP, lines)


def _line(report: NodeView) -> WitnessLine:
    client = report.witness
    connection = client.state if isinstance(client, Client) else client.detail if client else ""
    votes = witness.has_vote(report) if isinstance(report.quorum, Quorum) else None
    return WitnessLine(report.name, witness.named(report), connection, None if isinstance(client, Unknown) else votes)

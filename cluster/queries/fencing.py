"""Fencing as this node's last look shows it, for pages and programs."""

from dataclasses import dataclass
from pathlib import Path

from cluster import fencing
from cluster.pacemaker_types import ResourceRole
from cluster.queries.state import State
from cluster.types import ClusterView

PLACE = Path("/usr/sbin")  # of the agents, by Debian's package fence-agents


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """The switch for one node's power. `state`: "none", "ready", "failed", "off" (named, but not started)."""

    node: str
    by: str
    state: str
    here: bool
    """Whether it is this node's to set up and take away: the other one's power."""


@dataclass(frozen=True, slots=True)
class FencingState:
    """`on`: None where nobody can tell; `installed`: the agents on this machine that can be set up."""

    on: bool | None
    nodes: tuple[SwitchLine, ...]
    installed: tuple[str, ...]


def fencing_state(found: State, place: Path | None = None) -> FencingState:
    view = found.view
    here = installed(place or PLACE)
    if not isinstance(view, ClusterView) or fencing.is_on(view) is None:
        return FencingState(None, (), here)
    other = fencing.other(view)
    lines = (_line(view, other, view.own.name), _line(view, view.own.name, other)) if other else ()
    return FencingState(fencing.is_on(view), lines, here)


def installed(place: Path) -> tuple[str, ...]:
    return tuple(agent for agent in fencing.AGENTS if (place / agent).is_file())


def _line(view: ClusterView, node: str, by: str) -> SwitchLine:
    return SwitchLine(node, by, _state(view, node), here=by == view.own.name)


def _state(view: ClusterView, node: str) -> str:
    device = fencing.switch_of(view, node)
    if device is None:
        return "none"
    if device.failed:
        return "failed"
    return "ready" if device.role is ResourceRole.STARTED else "off"

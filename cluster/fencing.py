"""Fencing: this node can cut the other one's power, so that no failure leaves two primaries. Pure.

Each node has the switch of the other one. It counts only when both are ready: with fencing on, nothing is taken over
before the lost node's power is cut.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cluster.findings import Finding, finding
from cluster.pacemaker_types import Pacemaker, Resource, ResourceKind, ResourceRole
from cluster.types import Alone, ClusterView, Configuration

# Of the agents in Debian's fence-agents these; whether the other machine has a name at its host ("plug").
AGENTS: Mapping[str, bool] = MappingProxyType({"fence_ipmilan": False, "fence_virsh": True, "fence_vmware_rest": True})
HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", re.ASCII)
USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
PLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
PASSWORD = re.compile(r"[!-~]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Switch:
    """The power switch of a node, as the other one uses it. `plug`: its name at the switch, "" where it has none."""

    node: str
    agent: str
    address: str
    user: str
    plug: str = ""

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        return (
            ("node", self.node),
            ("agent", self.agent),
            ("address", self.address),
            ("user", self.user),
            ("plug", self.plug),
        )


def faults(switch: Switch) -> Iterator[Finding]:
    """What is wrong with the answers."""
    if switch.agent not in AGENTS:
        yield finding("fence-agent", value=switch.agent, agents=", ".join(AGENTS))
    elif AGENTS[switch.agent] != bool(switch.plug) or (switch.plug and not PLUG.fullmatch(switch.plug)):
        code = "fence-plug" if AGENTS[switch.agent] else "fence-no-plug"
        yield finding(code, agent=switch.agent)
    for value, pattern in ((switch.address, HOST), (switch.user, USER)):
        if not pattern.fullmatch(value):
            yield finding("fence-value", value=value)


def other(view: ClusterView | Alone) -> str:
    """The node that is fenced from here; "" where nobody can tell."""
    if isinstance(view, Alone) or not isinstance(view.own.configuration, Configuration):
        return ""
    ring = view.own.configuration.other(view.own.name)
    return ring.name if ring else ""


def is_on(view: ClusterView | Alone) -> bool | None:
    """None where nobody can tell."""
    found = _pacemaker(view)
    return found.fencing if found else None


def _pacemaker(view: ClusterView | Alone) -> Pacemaker | None:
    found = view.own.pacemaker if isinstance(view, ClusterView) else None
    return found if isinstance(found, Pacemaker) else None


def switch_of(view: ClusterView | Alone, node: str) -> Resource | None:
    """The device that cuts that node's power, ready or not."""
    found = _pacemaker(view)
    devices = found.of_kind(ResourceKind.FENCING) if found else ()
    return next((one for one in devices if one.name == f"fence_{node}"), None)


def ready(view: ClusterView | Alone, node: str) -> bool:
    """Whether that node's switch answers: Pacemaker starts a device by asking it."""
    device = switch_of(view, node)
    return device is not None and device.role is ResourceRole.STARTED and not device.failed


def both_ready(view: ClusterView | Alone) -> bool:
    return isinstance(view, ClusterView) and ready(view, other(view)) and ready(view, view.own.name)


def against_adding(switch: Switch, view: ClusterView) -> Iterator[Finding]:
    """A switch that is there is not changed: with fencing on, nothing would be taken over meanwhile."""
    yield from faults(switch)
    yield from _both_there(view)
    if switch_of(view, switch.node):
        yield finding("fence-exists", node=switch.node)


def against_removing(switch: Switch, view: ClusterView) -> Iterator[Finding]:
    yield from _both_there(view)
    yield from _known(switch, view)


def against_testing(switch: Switch, view: ClusterView) -> Iterator[Finding]:
    """The other node may be away: then one wants to know all the more."""
    if _pacemaker(view) is None:
        yield finding("not-joined", node=view.own.name)
    else:
        yield from _known(switch, view)


def against_enabling(_switch: Switch, view: ClusterView) -> Iterator[Finding]:
    yield from _both_there(view)
    if is_on(view):
        yield finding("fencing-on-already")
    for node in (other(view), view.own.name):
        if _pacemaker(view) and not ready(view, node):
            yield finding("fence-not-ready", node=node or "?")


def against_disabling(_switch: Switch, view: ClusterView) -> Iterator[Finding]:
    """Never refused for the other node's sake: a lone node whose switch is dead needs it most."""
    if _pacemaker(view) is None:
        yield finding("not-joined", node=view.own.name)
    elif is_on(view) is False:
        yield finding("fencing-off-already")


AGAINST: Mapping[str, Callable[[Switch, ClusterView], Iterator[Finding]]] = MappingProxyType(
    {
        "fencing-add": against_adding,
        "fencing-test": against_testing,
        "fencing-on": against_enabling,
        "fencing-off": against_disabling,
        "fencing-remove": against_removing,
    }
)


def _known(switch: Switch, view: ClusterView) -> Iterator[Finding]:
    if _pacemaker(view) and not switch_of(view, switch.node):
        yield finding("no-fencing", node=switch.node)


def _both_there(view: ClusterView) -> Iterator[Finding]:
    """Both nodes must be there, with a majority, for a change of fencing."""
    pacemaker = _pacemaker(view)
    if pacemaker is None:
        yield finding("not-joined", node=view.own.name)
        return
    node = pacemaker.node(other(view))
    if node is None or not node.online:
        yield finding("node-away", other=other(view) or "?")
    if not pacemaker.quorate:
        yield finding("no-majority", node=view.own.name)

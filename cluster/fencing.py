"""Fencing: this node can cut the other one's power, so that no failure leaves two primaries. Pure.

Each node has the switch of the other one. It counts only when both are ready: with fencing on, nothing is taken over
before the lost node's power is cut.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cluster.commands import Command, Order
from cluster.findings import Finding, finding
from cluster.pacemaker_types import Pacemaker, Resource, ResourceKind, ResourceRole
from cluster.types import Alone, ClusterView, Configuration
from cluster.witness import votes

PATIENCE = 60.0
# Of the agents in Debian's fence-agents these; whether the other machine has a name at its host ("plug").
AGENTS: Mapping[str, bool] = MappingProxyType({"fence_ipmilan": False, "fence_virsh": True, "fence_vmware_rest": True})
HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?", re.ASCII)
USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
PLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
PASSWORD = re.compile(r"[!-~]{1,128}", re.ASCII)
DELAY = 2  # seconds by which the node with the active database shoots first, where nobody votes


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


def against(view: ClusterView | Alone) -> Iterator[Finding]:
    """What speaks against a change of fencing now: both nodes must be there, and nothing may be split."""
    if isinstance(view, Alone):
        yield finding("alone")
    elif not isinstance(view.own.pacemaker, Pacemaker):
        yield finding("not-joined", node=view.own.name)
    else:
        node = view.own.pacemaker.node(other(view))
        if node is None or not node.online:
            yield finding("node-away", other=other(view) or "?")
        if not view.own.pacemaker.quorate:
            yield finding("no-majority", node=view.own.name)


def switches(view: ClusterView | Alone) -> tuple[Resource, ...]:
    found = view.own.pacemaker if isinstance(view, ClusterView) else None
    return found.of_kind(ResourceKind.FENCING) if isinstance(found, Pacemaker) else ()


def ready(view: ClusterView | Alone, node: str) -> bool:
    """Whether that node's switch answers: Pacemaker starts a device by asking it."""
    return any(one.name == f"fence_{node}" and one.role is ResourceRole.STARTED for one in switches(view))


def both_ready(view: ClusterView | Alone) -> bool:
    return isinstance(view, ClusterView) and ready(view, other(view)) and ready(view, view.own.name)


def delay(view: ClusterView | Alone) -> int:
    """With a witness only the half that has its vote may shoot, and nobody has to wait."""
    return 0 if votes(view) else DELAY


def _order(verb: str, *values: tuple[str, object], seconds: float = PATIENCE) -> Command:
    return Command(verb, ("apresa-helper", verb), seconds=seconds, order=Order(verb, values))


def keep_password(node: str, password: str) -> Command:
    return _order("fence-secret", ("node", node), ("password", password))


def check(switch: Switch) -> Command:
    return _order("fence-check", *switch.values, seconds=90.0)


def add(switch: Switch) -> Command:
    return _order("fence-add", *switch.values, seconds=300.0)


def remove(node: str) -> Command:
    return _order("fence-remove", ("node", node), seconds=400.0)


def enable(seconds: int) -> Command:
    return _order("fencing", ("on", True), ("delay", seconds), seconds=130.0)

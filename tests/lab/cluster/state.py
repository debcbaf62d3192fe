"""What Pacemaker says on a node, read by the product's own reader."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cluster.pacemaker_types import Pacemaker, ResourceKind, ResourceRole
from cluster.readers.pacemaker import read_pacemaker
from cluster.readers.reply import ReplyError
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import LabError


@dataclass(frozen=True, slots=True)
class Seen:
    """`pacemaker` is None while it does not run there."""

    pacemaker: Pacemaker | None

    @property
    def databases(self) -> frozenset[str]:
        return self.pacemaker.promoted(ResourceKind.DATABASE) if self.pacemaker else frozenset()

    @property
    def active(self) -> str | None:
        """The one node where the database is promoted."""
        return next(iter(self.databases)) if len(self.databases) == 1 else None

    @property
    def online(self) -> frozenset[str]:
        return frozenset(node.name for node in self.pacemaker.nodes if node.online) if self.pacemaker else frozenset()

    @property
    def serves(self) -> bool:
        """Whether everything that runs once runs on the active node."""
        if self.pacemaker is None or self.active is None:
            return False
        services = self.pacemaker.of_kind(ResourceKind.SERVICE)
        here = (self.active,)
        return bool(services) and all(one.role is ResourceRole.STARTED and one.nodes == here for one in services)

    @property
    def healthy(self) -> bool:
        """Serving, and the other node can take over."""
        if self.pacemaker is None or not self.serves or len(self.online) != 2:
            return False
        (standby,) = self.online - self.databases
        told = self.pacemaker.attributes.get(standby, {})
        follows = told.get("postgresql-status", "") in {"HS:async", "HS:sync"}
        streams = told.get("postgresql-data-status", "").startswith("STREAMING")
        return follows and streams and self.pacemaker.promoted(ResourceKind.DRBD) == self.databases


def look(node: Node) -> Seen:
    if node.process() is None:
        return Seen(None)
    text = node.run("timeout", "10", "crm_mon", "-1", "--output-as=xml", seconds=30, check=False)
    try:
        found = read_pacemaker(text)
    except ReplyError:
        return Seen(None)
    return Seen(found if isinstance(found, Pacemaker) else None)


def wait(what: str, node: Node, reached: Callable[[Seen], bool], seconds: float) -> float:
    """Until the node sees it; the seconds it took. Raises LabError."""
    began = time.monotonic()
    while not reached(look(node)):
        if time.monotonic() > began + seconds:
            picture = node.run("crm_mon", "-1Arf", seconds=30, check=False) if node.process() else "it is off"
            raise LabError(f"Not reached within {seconds:g} s: {what}.\n{picture}")
        time.sleep(0.3)
    return time.monotonic() - began

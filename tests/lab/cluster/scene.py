"""What a drill begins with, and what all drills ask of it."""

import time
from collections.abc import Sequence

from tests.lab.cluster import state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import FLOATING, LabError, number_of
from tests.lab.cluster.probe import Probe
from tests.lab.cluster.repair import act, repair
from tests.lab.cluster.report import Report

STOPPED = 180.0
COPIES = "ls -d /database/db/main.new /database/db/main.before-* 2>/dev/null | wc -l"


class Scene:
    """A healthy cluster, seen from both sides: the active node and the other."""

    def __init__(self, nodes: Sequence[Node], probe: Probe, report: Report, seed: int = 1) -> None:
        self.report, self.probe, self.seed = report, probe, seed
        active = state.look(nodes[0]).active
        if active is None:
            raise LabError("No node is active; script/lab status tells more.")
        self.active = nodes[number_of(active) - 1]
        self.other = next(node for node in nodes if node is not self.active)
        self.began = time.time()
        self.copies = {node.name: int(node.sh(COPIES)) for node in nodes}

    def taken_over(self) -> None:
        """The other node serves, and the floating address with it; the outage goes into the report."""
        self.wait_for_other()
        self.answers()
        self.report.row("outage of the floating address", self.probe.outage(FLOATING, self.began))

    def wait_for_other(self) -> None:
        state.wait("the other node serves", self.other, lambda s: s.active == self.other.name and s.serves, STOPPED)

    def turn(self) -> None:
        """What was the other node is the active one now."""
        self.active, self.other = self.other, self.active

    def answers(self) -> None:
        since, end = time.time(), time.time() + STOPPED
        while len(self.probe.times(FLOATING, since)) < 3:
            if time.time() > end:
                raise LabError(f"{FLOATING} does not answer.")
            time.sleep(0.1)

    def repaired(self, bad: Node, good: Node) -> None:
        self.report.row("repair of the failed node", repair(bad, good))

    def joined(self, bad: Node, good: Node) -> None:
        """Inspected, then joined: with its own database, as nothing of it is discarded."""
        bad.on()
        began = time.monotonic()
        act(bad, "join")
        state.wait("both nodes are healthy", good, lambda seen: seen.healthy, LONG)
        self.report.row("from the join until it stands by", time.monotonic() - began)
        self.no_copy()

    def no_copy(self) -> None:
        """Raises LabError where a database was copied since the drill began."""
        for node in (self.active, self.other):
            found = int(node.sh(COPIES)) - self.copies[node.name]
            if found:
                raise LabError(f"{node.name} has copied its database {found} times.")

    def parted(self) -> tuple[Node, Node]:
        """After both were active, the link whole again: the one that gives way, and Pacemaker's choice."""
        state.wait("one is active again", self.active, lambda s: len(s.online) == 2 and s.serves, STOPPED)
        good = self.active if state.look(self.active).active == self.active.name else self.other
        bad = self.other if good is self.active else self.active
        self.report.told(good, {"drbd-standalone"}, also=bad)
        return bad, good

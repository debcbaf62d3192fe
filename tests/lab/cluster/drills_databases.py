"""Both nodes are there, and neither database starts: what the manual calls a two-node failure."""

import time

from tests.lab.cluster import state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import FLOATING
from tests.lab.cluster.repair import RECOVERY, do
from tests.lab.cluster.scene import STOPPED, Scene

MARK = "/var/lib/pgsql/tmp/PGSQL.lock"
PROCESS = "/database/db/main/postmaster.pid"


def databases(scene: Scene) -> None:
    """Both databases are killed, with the agent's mark on both, so that neither starts: the manual's seven steps."""
    # The mark of a primary lies on the active node already; on the other one it is left from an earlier failure.
    scene.other.sh(f"install -o postgres -g postgres -m 600 /dev/null {MARK}")
    kill(scene.other)
    state.wait("its database stays off", scene.active, lambda seen: failed(seen, scene.other), STOPPED)
    kill(scene.active)
    state.wait("no database runs", scene.active, lambda seen: not seen.databases, STOPPED)
    scene.report.told(scene.active, {"nobody-active"}, also=scene.other)
    asked = time.time()
    do(scene.active, RECOVERY, {"confirm": True})
    state.wait("the repaired node serves", scene.active, lambda seen: seen.serves, LONG)
    scene.answers()
    scene.report.row("from the order until it serves", time.time() - asked)
    scene.report.row("outage of the floating address", scene.probe.outage(FLOATING, scene.began))
    scene.repaired(scene.other, scene.active)


def kill(node: Node) -> None:
    node.sh(f"kill -9 $(head -1 {PROCESS})")


def failed(seen: state.Seen, node: Node) -> bool:
    failures = seen.pacemaker.failures if seen.pacemaker else ()
    return any(one.node == node.name and "postgresql" in one.operation for one in failures)

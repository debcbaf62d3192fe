"""The link between the nodes is cut while both reach a witness: one goes on, the other stops, never both."""

import contextlib
import time

from tests.lab.cluster import network, state
from tests.lab.cluster.place import FLOATING, LabError, address
from tests.lab.cluster.repair import act
from tests.lab.cluster.scene import STOPPED, Scene
from tests.lab.cluster.witness import Witness

MOST_OUTAGE = 1.0  # seconds
CUT = 20.0  # seconds that the link stays cut: several times what a takeover needs
BY_ITSELF = 60.0
WRITES = "runuser -u postgres -- psql -X -A -t -d postgres -c 'select pg_is_in_recovery()'"


def witnesscut(scene: Scene) -> None:
    """The link cut with a witness, once with each node active: it goes on, the other stops; never two primaries."""
    witness = Witness()
    witness.start()
    try:
        act(scene.active, "witness-add", host=address(witness.number))
        scene.report.told(scene.active, set(), also=scene.other, good=True)
        _cut(scene)
        scene.began = time.time()
        act(scene.active, "switchover")
        scene.taken_over()
        scene.repaired(scene.active, scene.other)
        scene.active, scene.other = scene.other, scene.active
        _cut(scene)
        act(scene.active, "witness-remove")
        scene.report.told(scene.active, set(), also=scene.other, good=True)
    finally:
        network.cut(whole=True)
        witness.remove()


def _cut(scene: Scene) -> None:
    scene.answers()
    began = time.time()
    network.cut(whole=False)
    try:
        looks, stopped = _watched(scene, began)
        scene.report.row(f"until {scene.other.name} has stopped", stopped)
        scene.report.count(f"looks at both nodes in {CUT:g} s, none of them with two that take writes", looks)
        scene.report.told(scene.other, {"no-quorum"}, also=scene.active)
    finally:
        network.cut(whole=True)
    outage = scene.probe.outage(FLOATING, began)
    scene.report.row(f"outage of the floating address, {scene.active.name} active", outage)
    if outage > MOST_OUTAGE:
        scene.report.failed(f"an outage of {outage:.1f} s, and at most {MOST_OUTAGE:g} are allowed")
    _back(scene)


def _watched(scene: Scene, began: float) -> tuple[int, float]:
    """How many looks at both, and the seconds until the other node serves nothing. Raises LabError for two primaries.

    The probe does not tell: a standby that follows is ready, too.
    """
    nodes, looks, stopped = (scene.active, scene.other), 0, 0.0
    while time.time() < began + CUT or not stopped:
        seen = {node.name: state.look(node) for node in nodes}
        writing = [node.name for node in nodes if node.sh(WRITES, check=False).strip() == "f"]
        promoted = {name for name, one in seen.items() if name in one.databases}
        if len(writing) > 1 or scene.other.name in promoted or scene.active.name not in writing:
            raise LabError(f"While the link is cut {writing} take writes, and {sorted(promoted)} are promoted.")
        loser = seen[scene.other.name].pacemaker
        if not stopped and loser and not loser.quorate and not any(one.nodes for one in loser.resources):
            stopped = time.time() - began
        if time.time() > began + STOPPED:
            raise LabError(f"{scene.other.name} has not stopped within {STOPPED:g} s.")
        looks += 1
    return looks, stopped


def _back(scene: Scene) -> None:
    """A node that only stopped comes back by itself; one that does not is repaired."""
    began = time.monotonic()
    with contextlib.suppress(LabError):
        state.wait("both nodes are healthy", scene.active, lambda seen: seen.healthy, BY_ITSELF)
        scene.report.row(f"until {scene.other.name} is back by itself", time.monotonic() - began)
        return
    scene.repaired(scene.other, scene.active)

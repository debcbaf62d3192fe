"""Both nodes get another release while calls go on, in the manual's order; the other order is refused."""

import subprocess
import time

from tests.lab.cluster import library, state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.drills_calls import CALLS, calls_go_on
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import FLOATING, LabError
from tests.lab.cluster.release import put_release, shared_release
from tests.lab.cluster.scene import Scene
from tests.lab.cluster.traffic import Packet

INSTALL = "/opt/apresa/deploy/install"
NEXT = "99.0.0"
CALL = 120.0  # seconds: longer than both updates take
OURS = "apresa-record apresa-web apresa-node apresa-link apresa-active"
PROCESSES = f"systemctl show -p MainPID --value {OURS} | grep -vx -e 0 -e ''"


def update(scene: Scene) -> None:
    """The primary is updated while calls go on, then the secondary, which is refused before: no call is lost."""
    nodes = (scene.active, scene.other)
    with calls_go_on(scene, 0.0, CALL) as (mirror, callers, before):
        scene.began = time.time()
        for node in nodes:
            put_release(node, NEXT)
        _refused(scene, scene.other)
        for number, node in enumerate(nodes):
            _updated(scene, node, "primary" if node is scene.active else "secondary")
            if number == 0:
                scene.report.told(node, {"mixed-release"}, naming={"late": scene.other.name})
        if callers.poll() is not None:
            raise LabError("The calls ended before both nodes were updated.")
        state.wait("nobody took over", scene.active, lambda seen: seen.healthy and seen.active == nodes[0].name, 60)
        scene.report.row("outage of the floating address", scene.probe.outage(FLOATING, scene.began))
        if callers.wait(300):
            raise LabError("SIPp's own calls failed.")
        heard = mirror.delivered(scene.active) & mirror.delivered(scene.other)
        _whole(scene, before, heard)
    scene.report.told(scene.active, set(), also=scene.other, good=True)
    for node in nodes:  # as it was, by the same way
        shared_release(node)
        _install(node)


def _refused(scene: Scene, node: Node) -> None:
    """Not its turn: nothing of it starts again. Raises LabError."""
    before = node.sh(PROCESSES)
    done = subprocess.run(node.enter(INSTALL), capture_output=True, text=True, timeout=120, check=False)
    said = done.stderr.strip().splitlines()
    if (done.returncode, node.sh(PROCESSES)) != (1, before) or "Update the primary first" not in done.stderr:
        raise LabError(f"{node.name} was to refuse its update, and ended with {done.returncode}: {done.stderr[-500:]}")
    scene.report.say(f"   {node.name} refuses: {said[0]}")


def _updated(scene: Scene, node: Node, which: str) -> None:
    """Every program of it runs anew. Raises LabError."""
    before = set(node.sh(PROCESSES).split())
    began = time.monotonic()
    _install(node)
    scene.report.row(f"update of the {which}", time.monotonic() - began)
    after = set(node.sh(PROCESSES).split())
    if before & after or len(before) != len(after):
        raise LabError(f"{node.name} still runs {len(before & after)} of its {len(before)} programs; now {len(after)}.")


def _install(node: Node) -> None:
    node.run(INSTALL, seconds=LONG)


def _whole(scene: Scene, before: set[str], heard: set[Packet]) -> None:
    """Each recorder was away for a moment, and never both: together they have all of it."""
    library.new_calls(scene.active, before, CALLS, LONG)
    began = time.monotonic()
    while True:
        ids = sorted(library.calls(scene.active) - before)
        missing = len(heard - library.packets(scene.active, ids))
        if not missing or time.monotonic() > began + LONG:
            break
        time.sleep(5)
    scene.report.count(f"calls stored, of {CALLS}", len(ids))
    scene.report.count(f"packets stored, of {len(heard)} that both ports got", len(heard) - missing)
    if missing or len(ids) != CALLS:
        scene.report.failed(f"{len(ids)} calls of {CALLS}; {missing} packets are missing")

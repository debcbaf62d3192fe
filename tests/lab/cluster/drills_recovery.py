"""Recoveries as the manual begins them: *Repair…* where all was off, after a failed database; recoverdb.sh."""

import time

from tests.lab.cluster import state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.drills_databases import MARK, failed, kill
from tests.lab.cluster.place import FLOATING, address
from tests.lab.cluster.repair import RECOVERY, do
from tests.lab.cluster.scene import STOPPED, Scene

COMMAND = "/usr/share/apresa/recoverdb.sh"


def recoverfirst(scene: Scene) -> None:
    """Both nodes lose their power; *Repair…* starts the one that was active last, and then the other one."""
    scene.other.off()
    scene.active.off()
    began = time.time()
    scene.active.on()
    scene.other.on()
    scene.report.told(scene.active, {"not-joined"}, also=scene.other)
    do(scene.active, RECOVERY, {"confirm": True})
    state.wait("the first node serves", scene.active, lambda seen: seen.serves, LONG)
    scene.answers()
    scene.report.row("first node from power on until it serves", time.time() - began)
    scene.repaired(scene.other, scene.active)


def standbydatabase(scene: Scene) -> None:
    """The other node's database fails and does not start again: nobody notices; *Repair…* copies it anew."""
    scene.other.sh(f"install -o postgres -g postgres -m 600 /dev/null {MARK}")
    kill(scene.other)
    state.wait("its database stays off", scene.active, lambda seen: failed(seen, scene.other), STOPPED)
    scene.report.told(scene.active, {"database-stopped"})
    scene.report.row("outage of the floating address", scene.probe.outage(FLOATING, scene.began))
    scene.repaired(scene.other, scene.active)


def recoverdb(scene: Scene) -> None:
    """The active node loses its power; `recoverdb.sh ADDRESS` in its shell brings it back, as the manual types it."""
    scene.active.off()
    scene.taken_over()
    scene.active.on()
    began = time.monotonic()
    scene.report.told(scene.active, {"not-joined"})
    scene.active.sh(f"{COMMAND} {address(scene.other.number)} --yes", seconds=LONG)
    state.wait("both nodes are healthy", scene.other, lambda seen: seen.healthy, LONG)
    scene.report.row("repair by recoverdb.sh", time.monotonic() - began)

"""One of the two links between the nodes is cut: the other one carries on."""

import time

from tests.lab.cluster import network, state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.network import Link
from tests.lab.cluster.place import FLOATING, LabError
from tests.lab.cluster.scene import Scene
from tests.lab.cluster.watching import watch

MOST_OUTAGE = 1.0  # seconds
CUT = 40.0  # seconds that the link stays cut: twice what the database waits for a standby that is silent
# What goes over one of them alone, and is told some time later.
LOST = {network.SWITCH: "database-not-streaming", network.REPLICATION: "drbd-not-connected"}


def onelink(scene: Scene) -> None:
    """One link between the nodes cut, then the other one: nobody takes over, nobody notices, both nodes name it."""
    for link in network.LINKS:
        _one(scene, link)


def nocable(scene: Scene) -> None:
    """The active node's cable to the switch pulled, its replication link whole: both say so, nobody takes over."""
    network.carrier(scene.active.number, on=False)
    try:
        named = {"node": scene.active.name, "address": network.SWITCH.address(scene.active.number)}
        for node in (scene.active, scene.other):
            scene.report.told(node, {"interface-down", "link-down"}, naming=named)
        scene.report.row("until both nodes name the cable", time.time() - scene.began)
        watch((scene.active, scene.other), lambda _: time.time() > scene.began + CUT, LONG)
    finally:
        network.carrier(scene.active.number, on=True)
    mended = time.time()
    scene.report.told(scene.active, set(), also=scene.other, good=True)
    scene.report.row("from the plugging in until all is good", time.time() - mended)
    if state.look(scene.active).active != scene.active.name:
        raise LabError(f"{scene.active.name} is not active any more.")
    scene.report.row("outage of the floating address", scene.probe.outage(FLOATING, scene.began))


def _one(scene: Scene, link: Link) -> None:
    began = time.time()
    network.cut([link], whole=False)
    try:
        for node in (scene.active, scene.other):
            named = {"node": node.name, "link": link.number, "address": link.address(node.number)}
            scene.report.told(node, {"link-down"}, naming=named)
        scene.report.row(f"until both nodes name the link {link.name}", time.time() - began)
        looks = watch((scene.active, scene.other), lambda _: time.time() > began + CUT, LONG)
        scene.report.count(f"looks while {link.name} was cut, none of them with two that take writes", looks)
        if state.look(scene.active).active != scene.active.name:
            raise LabError(f"{scene.active.name} is not active any more.")
        for node in (scene.active, scene.other):
            scene.report.told(node, {"link-down", LOST[link]})
    finally:
        network.cut([link], whole=True)
    mended = time.time()
    scene.report.told(scene.active, set(), also=scene.other, good=True)
    scene.report.row(f"from the mending of {link.name} until all is good", time.time() - mended)
    outage = scene.probe.outage(FLOATING, began)
    scene.report.row(f"outage of the floating address, {link.name} cut", outage)
    if outage > MOST_OUTAGE:
        scene.report.failed(f"an outage of {outage:.1f} s, and at most {MOST_OUTAGE:g} are allowed")

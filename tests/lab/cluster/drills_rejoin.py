"""What hands over in order comes back by itself, without a copy of the database."""

import time
from collections.abc import Callable

from tests.lab.cluster import state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import FLOATING
from tests.lab.cluster.repair import act
from tests.lab.cluster.scene import Scene

TIMES = 10


def switchover(scene: Scene) -> None:
    """The active node hands over in order, asked for by the API, and stands by again without a copy."""
    _comes_back(scene, lambda node: act(node, "switchover"))


def restart(scene: Scene) -> None:
    """Pacemaker is restarted on the active node: the manual's failover. It comes back without a copy."""
    _comes_back(scene, lambda node: node.sh("systemctl restart pacemaker", seconds=200))


def crm_standby(scene: Scene) -> None:
    """The active node is put to standby and online again by crm's own words, and comes back without a copy."""

    def hand_over(node: Node) -> None:
        node.sh(f"crm node standby {node.name}", seconds=60)
        scene.wait_for_other()
        node.sh(f"crm node online {node.name}", seconds=60)

    _comes_back(scene, hand_over)


def storm(scene: Scene) -> None:
    """Ten switchovers in a row, to and fro: no copy, and all is good at the end."""
    for number in range(TIMES):
        began = scene.began = time.time()
        act(scene.active, "switchover")
        scene.wait_for_other()
        scene.answers()
        scene.report.row(f"{number + 1}: outage of the floating address", scene.probe.outage(FLOATING, began))
        scene.report.row(f"{number + 1}: until the other stands by", _healthy(scene, began))
        scene.turn()
    scene.turn()
    scene.no_copy()


def _comes_back(scene: Scene, hand_over: Callable[[Node], object]) -> None:
    began = time.time()
    hand_over(scene.active)
    scene.taken_over()
    scene.report.row("until it stands by again", _healthy(scene, began))
    scene.no_copy()


def _healthy(scene: Scene, began: float) -> float:
    state.wait("both nodes are healthy", scene.other, lambda seen: seen.healthy, LONG)
    return time.time() - began

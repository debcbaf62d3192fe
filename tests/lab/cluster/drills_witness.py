"""A witness: the link between the nodes is cut while both reach it, and while it is dead."""

import contextlib
import time
from collections.abc import Iterator

from tests.lab.cluster import network, state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.place import FLOATING, LabError, address
from tests.lab.cluster.repair import act
from tests.lab.cluster.scene import STOPPED, Scene
from tests.lab.cluster.watching import watch, writers
from tests.lab.cluster.witness import Witness

MOST_OUTAGE = 1.0  # seconds
CUT = 20.0  # seconds that the link stays cut: several times what a takeover needs
BY_ITSELF = 120.0


def witnesscut(scene: Scene) -> None:
    """The link cut with a witness, once with each node active: it goes on, the other stops; never two primaries."""
    with _witness(scene):
        _cut(scene)
        scene.began = time.time()
        act(scene.active, "switchover")
        scene.taken_over()
        scene.turn()
        _back(scene)
        _cut(scene)


def witnessdies(scene: Scene) -> None:
    """The witness loses its power: nobody notices. Then the link cut as well: both stop, and come back."""
    with _witness(scene) as witness:
        witness.off()
        for node in (scene.active, scene.other):
            scene.report.told(node, {"witness-lost"})
        watch((scene.active, scene.other), lambda _: time.time() > scene.began + CUT, LONG)
        _short_outage(scene, scene.began, "the witness dead")
        _both_stop(scene)
        witness.on()
        scene.report.told(scene.active, set(), also=scene.other, good=True)


@contextlib.contextmanager
def _witness(scene: Scene) -> Iterator[Witness]:
    """The one that the set-up's answers named; where there is none, it is added, and removed again."""
    witness = Witness()
    if witness.process():
        yield witness
        return
    witness.start()
    try:
        act(scene.active, "witness-add", host=address(witness.number))
        scene.report.told(scene.active, set(), also=scene.other, good=True)
        scene.began = time.time()
        yield witness
        act(scene.active, "witness-remove")
        scene.report.told(scene.active, set(), also=scene.other, good=True)
    finally:
        network.cut(whole=True)
        witness.remove()


def _both_stop(scene: Scene) -> None:
    """With one vote of three each, neither node may go on: no address, no writes, until they find each other again."""
    began, nodes = time.time(), (scene.active, scene.other)
    network.cut(whole=False)
    try:
        looks = watch(nodes, lambda found: not found, STOPPED)
        scene.report.row("until nobody takes writes, link and witness lost", time.time() - began)
        looks += watch(nodes, lambda found: bool(found) or time.time() > began + 2 * CUT, LONG)
        if writers(nodes):
            raise LabError("A node without a majority takes writes.")
        scene.report.count("looks with link and witness lost, none of them with two that take writes", looks)
        for node in nodes:
            scene.report.told(node, {"no-quorum"})
    finally:
        network.cut(whole=True)
    mended = time.time()
    _served_again(scene)
    scene.report.row("from the mending of the link until one serves", time.time() - mended)
    scene.report.row("outage of the floating address, link and witness lost", scene.probe.outage(FLOATING, began))
    _back(scene)


def _served_again(scene: Scene) -> None:
    """By themselves, by the node that the cluster chooses."""

    def serves(seen: state.Seen) -> bool:
        return len(seen.online) == 2 and seen.serves

    state.wait("one serves again", scene.active, serves, STOPPED)
    if state.look(scene.active).active != scene.active.name:
        scene.turn()
    scene.answers()


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
    _short_outage(scene, began, f"{scene.active.name} active")
    _back(scene)


def _short_outage(scene: Scene, began: float, when: str) -> None:
    outage = scene.probe.outage(FLOATING, began)
    scene.report.row(f"outage of the floating address, {when}", outage)
    if outage > MOST_OUTAGE:
        scene.report.failed(f"an outage of {outage:.1f} s, and at most {MOST_OUTAGE:g} are allowed")


def _watched(scene: Scene, began: float) -> tuple[int, float]:
    """How many looks at both, and the seconds until the other node serves nothing. Raises LabError for two."""
    nodes, looks, stopped = (scene.active, scene.other), 0, 0.0
    while time.time() < began + CUT or not stopped:
        seen = {node.name: state.look(node) for node in nodes}
        writing = writers(nodes)
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

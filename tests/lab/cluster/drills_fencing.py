"""Fencing by a management board each: the node that is lost loses its power before the other one takes over."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.lab.cluster import network, state
from tests.lab.cluster.board import USER, Board
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask
from tests.lab.cluster.place import FLOATING, LabError
from tests.lab.cluster.repair import act
from tests.lab.cluster.scene import STOPPED, Scene
from tests.lab.cluster.watching import watch

AGENT = "fence_ipmilan"
PAGE = "/api/v1/cluster/fencing/"
MOST_OUTAGE = 1.0  # seconds, where the active node is the one that goes on
FILES = "find /etc/apresa -name 'fence-*'"


def fencing(scene: Scene) -> None:
    """Fencing by the API; the active node's Corosync frozen, then both links cut: the lost one loses its power."""
    with ExitStack() as stack:
        boards = {node.name: stack.enter_context(Board(node.number)) for node in (scene.active, scene.other)}
        with _fenced(scene, boards):
            _frozen(scene, boards[scene.active.name])
            scene.turn()
            _parted(scene, boards)
            for node in (scene.active, scene.other):
                _keeps_its_secret(node, [board.password for board in boards.values()])


@contextmanager
def _fenced(scene: Scene, boards: dict[str, Board]) -> Iterator[None]:
    """Each node gets the switch of the other one; both are asked, and at the end nothing of it is left."""
    began, pairs = time.time(), ((scene.active, scene.other), (scene.other, scene.active))
    for by, victim in pairs:
        board = boards[victim.name]
        act(by, "fencing-add", agent=AGENT, host=board.address, user=USER, password=board.password)
    _reads(scene.active, on=True, each="ready")
    scene.report.row("set-up of fencing on both nodes", time.time() - began)
    for by, _ in pairs:
        act(by, "fencing-test")
    if cut := [name for name, board in boards.items() if board.cuts]:
        raise LabError(f"{cut[0]} lost its power, and its switch was only asked.")
    scene.report.told(scene.active, set(), also=scene.other, good=True)
    yield
    for by, _ in pairs:
        act(by, "fencing-remove")
        if left := by.sh(FILES):
            raise LabError(f"{by.name} has kept {left}")
    _reads(scene.active, on=False, each="none")


def _reads(node: Node, *, on: bool, each: str) -> None:
    """What the node's own page says. Raises LabError."""
    end = time.monotonic() + LONG
    while True:
        status, found = ask(node, "GET", PAGE)
        states = [line["state"] for line in found.get("nodes", [])]
        if status == 200 and found["on"] is on and states == [each, each]:
            return
        if time.monotonic() > end:
            raise LabError(f"{node.name} says of fencing: {status} {found}")
        time.sleep(1)


def _frozen(scene: Scene, board: Board) -> None:
    """Its database still takes writes, and nobody hears of it any more: without fencing there would be two."""
    nodes = (scene.active, scene.other)
    scene.began = time.time()
    scene.active.sh("kill -STOP $(pidof corosync)")
    looks = watch(nodes, lambda found: found == [scene.other.name], STOPPED)
    wrote = time.time()
    if not board.cuts or board.cuts[0] > wrote:
        raise LabError(f"{scene.active.name} has kept its power, and {scene.other.name} takes writes.")
    scene.report.row("from the freeze until the power was cut", board.cuts[0] - scene.began)
    scene.taken_over()
    scene.report.count("looks at both until the other took writes, none of them with two", looks)
    scene.report.told(scene.other, {"node-offline"})
    scene.repaired(scene.active, scene.other)


def _parted(scene: Scene, boards: dict[str, Board]) -> None:
    """Both links are cut: both would shoot, and the node with the active database is given a lead."""
    active, other = boards[scene.active.name], boards[scene.other.name]
    before, nodes = (len(active.cuts), len(other.cuts)), (scene.active, scene.other)
    scene.began = time.time()
    network.cut(whole=False)
    try:
        looks = watch(nodes, lambda _: len(other.cuts) > before[1], STOPPED)
        scene.report.row("from the cut until the other node had no power", other.cuts[-1] - scene.began)
        state.wait("it is alone", scene.active, lambda seen: len(seen.online) == 1 and seen.serves, STOPPED)
        scene.report.told(scene.active, {"node-offline"})
        looks += watch(nodes, lambda found: found == [scene.active.name], STOPPED)
    finally:
        network.cut(whole=True)
    if (len(active.cuts), len(other.cuts)) != (before[0], before[1] + 1):
        raise LabError(f"The power was cut {len(active.cuts)} and {len(other.cuts)} times in all.")
    outage = scene.probe.outage(FLOATING, scene.began)
    scene.report.row("outage of the floating address, the link cut", outage)
    scene.report.count("looks while the link was cut, none of them with two that take writes", looks)
    if outage > MOST_OUTAGE:
        scene.report.failed(f"an outage of {outage:.1f} s, and at most {MOST_OUTAGE:g} are allowed")
    scene.repaired(scene.other, scene.active)


def _keeps_its_secret(node: Node, passwords: list[str]) -> None:
    """No log of the node and nothing that Pacemaker keeps has a password. Raises LabError."""
    told = node.sh("journalctl -q --no-pager; cibadmin -Q; cat /var/log/pacemaker/*", seconds=120, check=False)
    if any(password in told for password in passwords) or "fence_" not in told:
        raise LabError(f"{node.name}: a switch's password stands in a log, or the logs could not be read.")

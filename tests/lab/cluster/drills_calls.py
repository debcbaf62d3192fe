"""Calls beside the drills: SIPp's, with known packets, mirrored to both nodes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen

from tests.lab.calls import calls as sipp
from tests.lab.calls import noise
from tests.lab.cluster import library, traffic
from tests.lab.cluster.configure import LONG, MANAGE
from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask, ask_each
from tests.lab.cluster.place import LabError
from tests.lab.cluster.scene import Scene
from tests.lab.network import lab

SPOOL = "/var/lib/apresa/spool/live"
CALLS, SECONDS = 20, 30.0
UNWRITTEN = 2.0  # seconds before a power cut of which a recorder promises nothing: they may not be on its disk yet
AT_ONCE = 1.0  # seconds until a silence holds in both spools
PATH = "/api/v1/active-calls/"
# Counts the RTP packets of a span (nanoseconds, as argv) in all streams of the spool, as the product reads them.
IN_SPOOL = """
import sys
from pathlib import Path
from recordings.pipeline.spool.streams import read_stream
begin, end = map(int, sys.argv[1:])
files = Path("/var/lib/apresa/spool").rglob("*.stream")
print(sum(int(((found.time_ns >= begin) & (found.time_ns <= end)).sum()) for found in map(read_stream, files)))
"""


def calls_during_poweroff(scene: Scene) -> None:
    """Twenty calls, mirrored to both with 1 % loss each; the active node loses its power in the middle of them."""
    with calls_go_on(scene, 0.01) as (mirror, callers, before):
        traffic.wait_until(time.monotonic() + SECONDS / 2)
        cut = time.monotonic()
        traffic.unplug(scene.active)  # what its port gets from now on, nobody hears
        scene.began = time.time()
        scene.active.off()
        scene.taken_over()
        if callers.wait(120):
            raise LabError("SIPp's own calls failed.")
        ids = library.new_calls(scene.other, before, CALLS, LONG)
        _compare(scene, ids, mirror.delivered(scene.other), "as the new primary heard them")
        scene.active.on()
        traffic.plug(scene.active)  # the switch's port was there all the time
        scene.repaired(scene.active, scene.other)
        kept = mirror.delivered(scene.active, cut - UNWRITTEN)
        _united(scene, before, mirror.delivered(scene.other) | kept)


def silence(scene: Scene) -> None:
    """All calls are silenced, and the active node loses its power meanwhile: those seconds are in no file."""
    with calls_go_on(scene, 0.0) as (mirror, callers, before):
        traffic.wait_until(time.monotonic() + SECONDS / 3)
        began = time.time_ns()
        _silence_all(scene)
        held, held_at = time.time_ns(), time.monotonic()
        traffic.wait_until(time.monotonic() + 2)
        traffic.unplug(scene.active)
        scene.began = time.time()
        scene.active.off()
        scene.taken_over()
        in_spool = _in_spool(scene.other, held, time.time_ns())
        ended, ended_at = time.time_ns(), time.monotonic()
        scene.report.count("packets of the silence in the new primary's spool", in_spool)
        if callers.wait(120):
            raise LabError("SIPp's own calls failed.")
        ids = library.new_calls(scene.other, before, CALLS, LONG)
        heard = mirror.delivered(scene.other)
        within = heard - mirror.delivered(scene.other, held_at) - mirror.since(scene.other, ended_at)
        outside = mirror.delivered(scene.other, held_at - (held - began) / 1e9 - AT_ONCE)
        _silenced(scene, ids, within, outside)
        scene.active.on()
        traffic.plug(scene.active)
        scene.repaired(scene.active, scene.other)
        in_spool += _in_spool(scene.active, held, ended)
        ids = sorted(library.calls(scene.other) - before)
        _silenced(scene, ids, within, outside)
    if in_spool:
        scene.report.failed(f"{in_spool} packets of the silence lie in a spool")


def _silence_all(scene: Scene) -> None:
    """Raises LabError where one could not be, or where the other node was not told."""
    _status, found = ask(scene.active, "GET", PATH)
    going = [one["id"] for one in found.get("calls", [])]
    if len(going) != CALLS:
        raise LabError(f"{len(going)} calls go on instead of {CALLS}.")
    for status, told in ask_each(scene.active, "POST", [f"{PATH}{call}/silence/" for call in going], {}):
        if status != 200 or told.get("not_told"):
            raise LabError(f"A call was not silenced: {status} {told}")
    time.sleep(AT_ONCE)


def _in_spool(node: Node, begin: int, end: int) -> int:
    return int(node.sh(f"cd /opt/apresa && .venv/bin/python -c '{IN_SPOOL}' {begin} {end}", seconds=120).strip())


def _silenced(scene: Scene, ids: list[str], within: set[traffic.Packet], outside: set[traffic.Packet]) -> None:
    stored = library.packets(scene.other, ids)
    scene.report.count(f"packets of the silence in the library, of {len(within)} that were sent", len(stored & within))
    scene.report.count(f"packets before it in the library, of {len(outside)}", len(stored & outside))
    if len(ids) != CALLS or stored & within or not within or outside - stored:
        scene.report.failed(
            f"{len(ids)} calls of {CALLS}; {len(stored & within)} packets of the silence are stored, "
            f"{len(outside - stored)} from before it are missing"
        )


@contextmanager
def calls_go_on(
    scene: Scene, loss: float, seconds: float = SECONDS
) -> Iterator[tuple[traffic.Mirror, "Popen[bytes]", set[str]]]:
    """Both nodes listen to a mirror, and calls go on: the mirror, SIPp, and the calls that were there before."""
    before, nodes = library.calls(scene.active), (scene.active, scene.other)
    # Never the words of an earlier run: the same packets between the same addresses are the same call.
    speech = (noise(time.time_ns(), seconds), noise(time.time_ns(), seconds))
    for node in nodes:
        traffic.plug(node)
        _listen(node, traffic.MIRROR)
    try:
        with (
            lab() as network,
            traffic.mirror(network, nodes, loss=loss, seed=scene.seed) as mirror,
            traffic.folder() as folder,
            sipp(network, folder, speech, CALLS) as callers,
        ):
            yield mirror, callers, before
    finally:
        for node in nodes:
            traffic.unplug(node)
            if node.process():
                _listen(node, "eth0")


def _listen(node: Node, interface: str) -> None:
    """Raises LabError where the recorder does not hear there soon."""
    node.sh(f"{MANAGE} setting capture.interfaces {interface}", seconds=60)
    node.sh(f"systemctl stop apresa-record; rm -f {SPOOL}/status.json; systemctl start apresa-record")
    node.wait(f'grep -q \'"name": "{interface}", "up": true\' {SPOOL}/status.json', 60)


def _compare(scene: Scene, ids: list[str], heard: set[traffic.Packet], what: str) -> None:
    """What was settled before its last view came becomes whole with the next version."""
    began = time.monotonic()
    while (stored := library.packets(scene.other, ids)) != heard and time.monotonic() < began + LONG:
        time.sleep(5)
    scene.report.count(f"calls stored, of {CALLS}", len(ids))
    scene.report.count(f"packets stored {what}, of {len(heard)}", len(stored & heard))
    if len(ids) != CALLS or stored != heard:
        scene.report.failed(
            f"{len(ids)} calls of {CALLS}; {len(heard - stored)} packets missing, {len(stored - heard)} from nowhere"
        )


def _united(scene: Scene, before: set[str], heard: set[traffic.Packet]) -> None:
    """What only the failed node had heard comes with it: the recordings hold what either mirror delivered."""
    began = time.monotonic()
    while True:
        ids = sorted(library.calls(scene.other) - before)
        missing = len(heard - library.packets(scene.other, ids))
        if not missing or time.monotonic() > began + LONG:
            break
        time.sleep(5)
    scene.report.row("from the repair until both mirrors' packets are together", time.monotonic() - began)
    scene.report.count(
        f"packets stored after the repair, of {len(heard)} that a disk had",
        len(heard) - missing,
    )
    if missing or len(ids) != CALLS:
        scene.report.failed(f"{len(ids)} calls of {CALLS}; {missing} packets that the failed node heard are missing")

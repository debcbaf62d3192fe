"""A split brain in which people go on working on both sides: what the losing database alone knew reaches the other."""

import json
import time
from typing import Any

from tests.lab.cluster import network, state
from tests.lab.cluster.configure import LONG, MANAGE
from tests.lab.cluster.drills_saved import import_calls
from tests.lab.cluster.library import calls
from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask, change
from tests.lab.cluster.place import LabError
from tests.lab.cluster.repair import RECOVERY, do
from tests.lab.cluster.scene import STOPPED, Scene

SETTING = "capture.silence_timeout"
FROM, PAIRS = 61, 200  # seconds that the setting allows, two for each run
TRAIL = """import json
from apresa.audit.models import Entry
print(json.dumps([[one.action, one.object, one.detail] for one in Entry.objects.using("default").filter(
    at__gte="{since}").order_by("at")]))"""


def handover(scene: Scene) -> None:
    """A split brain; a call deleted and a setting changed on each side: the loser's deletion and audit survive."""
    nodes = (scene.active, scene.other)
    taken = {node.number: import_calls(scene.active) for node in nodes}
    _until(scene.other, set().union(*taken.values()), LONG)
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    # Never the words of an earlier run, where nothing would be changed.
    first = FROM + 2 * (int(time.time()) % PAIRS)
    values = {node.number: first + number for number, node in enumerate(nodes)}
    _part(scene, taken, values)
    bad, good = scene.parted()
    asked = time.monotonic()
    told = do(bad, RECOVERY, {"confirm": True})
    state.wait("both nodes are healthy", good, lambda seen: seen.healthy, LONG)
    scene.report.row("repair of the failed node", time.monotonic() - asked)
    wanted = f"The setting {SETTING} was {values[bad.number]} in the old database, and is {values[good.number]} now."
    if wanted not in told["handed"]:
        scene.report.failed(f"the repair does not list the other setting: {told['handed']}")
    scene.report.row("from the order until all of it is on the survivor", _merged(good, taken, values, since, asked))
    _kept(scene, values[good.number])


def _part(scene: Scene, taken: dict[int, list[str]], values: dict[int, int]) -> None:
    """Both are active, and on each a person signs in, deletes and changes."""
    network.cut(whole=False)
    try:
        state.wait("both are active", scene.other, lambda s: s.active == scene.other.name and s.serves, STOPPED)
        for node in (scene.active, scene.other):
            for one in taken[node.number]:
                change(node, "DELETE", f"/api/v1/calls/{one}/", {})
            change(node, "PATCH", f"/api/v1/settings/{SETTING}/", {"value": values[node.number]})
    finally:
        network.cut(whole=True)


def _until(node: Node, ids: set[str], seconds: float) -> None:
    """The standby's pages show them: its database has what the parting must not depend on. Raises LabError."""
    end = time.monotonic() + seconds
    while not ids <= calls(node):
        if time.monotonic() > end:
            raise LabError(f"{node.name} does not have the imported calls after {seconds:g} s.")
        time.sleep(1)


def _merged(good: Node, taken: dict[int, list[str]], values: dict[int, int], since: str, asked: float) -> float:
    """Seconds until calls and audit trail of the survivor are those of both sides. Raises LabError."""
    end, gone = time.monotonic() + LONG, set().union(*taken.values())
    while True:
        entries = _trail(good, since)
        deleted = {object_.removeprefix("call ") for action, object_, _detail in entries if action == "call-deleted"}
        changed = {detail.get("after") for action, _object, detail in entries if action == "setting-changed"}
        merged = any(action == "handover-merged" for action, _object, _detail in entries)
        left = gone & calls(good)
        if merged and not left and gone <= deleted and set(values.values()) <= changed:
            return time.monotonic() - asked
        if time.monotonic() > end:
            raise LabError(f"{good.name}: calls {left} are still there; deleted {deleted}, settings {changed}")
        time.sleep(1)


def _trail(node: Node, since: str) -> list[tuple[str, str, dict[str, Any]]]:
    said = node.sh(f"{MANAGE} shell -v 0 -c '{TRAIL.format(since=since)}'", seconds=60)
    found: list[tuple[str, str, dict[str, Any]]] = json.loads(said.splitlines()[-1])
    return found


def _kept(scene: Scene, wanted: int) -> None:
    """The survivor's own setting holds, on both nodes."""
    for node in (scene.active, scene.other):
        value = ask(node, "GET", f"/api/v1/settings/{SETTING}/")[1].get("value")
        if value != wanted:
            scene.report.failed(f"{node.name} has the setting as {value}, and the survivor as {wanted}")

"""What a person was told to be saved is there after a power cut of the node that said so."""

import json
import time
from io import BytesIO
from urllib.parse import quote

from recordings.pipeline.capture.write import write_pcap
from tests.lab.cluster import library
from tests.lab.cluster.configure import MANAGE
from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask, change
from tests.lab.cluster.place import LabError
from tests.lab.cluster.scene import Scene
from tests.samples.call_capture import frames

SETTING = "/api/v1/settings/capture.silence_timeout/"
HOLDS = "/api/v1/holds/"
HELD = 409
LEAST, MOST = 61, 599  # seconds, within what the setting allows
FILE = "/srv/import.pcap"
TRAIL = """from apresa.audit.models import Entry
print(Entry.objects.using("default").filter(action="setting-changed", detail__after={value}).count())"""


def saved(scene: Scene) -> None:
    """An import, a note and a hold on its call, a setting: said to be saved; then the power is cut at once."""
    taken = import_calls(scene.active)
    value = LEAST + int(time.time()) % (MOST - LEAST)
    name = f"drill {time.time_ns()}"
    said = {
        "note": change(scene.active, "POST", f"/api/v1/calls/{taken[0]}/notes/", {"text": f"Seen in {name}."}),
        "hold": change(scene.active, "POST", HOLDS, {"name": name, "reason": "A drill.", "calls": taken[:1]}),
        "setting": change(scene.active, "PATCH", SETTING, {"value": value}),
    }
    scene.began = time.time()
    scene.active.off()
    if set(said.values()) != {"both-nodes"}:
        raise LabError(f"{scene.active.name} says of where it is saved: {said}")
    scene.taken_over()
    _acts_kept(scene, taken[0], name)
    _status, kept = ask(scene.other, "GET", SETTING)
    if kept.get("value") != value:
        scene.report.failed(f"the setting was saved as {value}, and is {kept.get('value')}")
    found = [one for one in taken if library.packets(scene.other, [one])]
    scene.report.count(f"imported calls that are there, of {len(taken)}", len(found))
    entries = _entries(scene.other, value)
    scene.report.count("audit entries of the change", entries)
    if found != taken or entries != 1:
        scene.report.failed(f"{len(found)} of {len(taken)} imported calls, {entries} audit entries of one change")
    scene.repaired(scene.active, scene.other)


def _acts_kept(scene: Scene, call: str, name: str) -> None:
    """The note is found on the new primary, and the hold refuses the call's deletion there."""
    _status, found = ask(scene.other, "GET", f"/api/v1/calls/?note={quote(name)}")
    noted = [one["id"] for one in found.get("results", [])]
    status, refused = ask(scene.other, "DELETE", f"/api/v1/calls/{call}/")
    scene.report.count("notes that are there, of 1", len(noted))
    scene.report.count("status of the held call's deletion", status)
    if noted != [call] or status != HELD or name not in refused.get("message", ""):
        scene.report.failed(f"the note is on {noted}, and the deletion of a held call answers {status} {refused}")


def import_calls(node: Node) -> list[str]:
    """The ids of the calls that the command says are stored. Raises LabError."""
    file = BytesIO()
    write_pcap(file, frames(f"import-{time.time_ns()}"))
    node.write(FILE, file.getvalue())
    said = node.sh(f"{MANAGE} import_capture --json {FILE}", seconds=120)
    found = [str(json.loads(line)["id"]) for line in said.splitlines() if line.startswith("{")]
    if not found:
        raise LabError(f"{node.name} imported nothing: {said[-300:]}")
    return found


def _entries(node: Node, value: int) -> int:
    return int(node.sh(f"{MANAGE} shell -v 0 -c '{TRAIL.format(value=value)}'", seconds=60).split()[-1])

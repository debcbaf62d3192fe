"""What a person was told to be saved is there after a power cut of the node that said so."""

import json
import time
from io import BytesIO

from recordings.pipeline.capture.write import write_pcap
from tests.lab.cluster import library
from tests.lab.cluster.configure import MANAGE
from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask, change
from tests.lab.cluster.place import LabError
from tests.lab.cluster.scene import Scene
from tests.samples.call_capture import frames

SETTING = "/api/v1/settings/capture.silence_timeout/"
LEAST, MOST = 61, 599  # seconds, within what the setting allows
FILE = "/srv/import.pcap"
TRAIL = """from apresa.audit.models import Entry
print(Entry.objects.using("default").filter(action="setting-changed", detail__after={value}).count())"""


def saved(scene: Scene) -> None:
    """An import, a setting and its audit entry, said to be saved; the active node loses its power at once."""
    taken = _import(scene.active)
    value = LEAST + int(time.time()) % (MOST - LEAST)
    said = change(scene.active, "PATCH", SETTING, {"value": value})
    scene.began = time.time()
    scene.active.off()
    if said != "both-nodes":
        raise LabError(f"{scene.active.name} says {said or 'nothing'} of where the setting is saved.")
    scene.taken_over()
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


def _import(node: Node) -> list[str]:
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

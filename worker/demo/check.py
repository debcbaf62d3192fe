"""`script/demo --check`: what a person would hear and see, measured."""

import json
import time
import urllib.error
from pathlib import Path
from typing import Any

from worker.demo.agents import PACE, samples
from worker.demo.compare import Comparison, compare
from worker.demo.node import DemoError, Node, wait_for

LENGTH_TOLERANCE = 0.020
LONGEST_DELAY = 3.0


def playable(node: Node, call_id: str) -> tuple[dict[str, Any], bytes]:
    """Wait until the call of this SIP Call-ID can be played; the call and its WAV. Raises DemoError."""

    def ask() -> tuple[dict[str, Any], bytes] | None:
        for call in node.calls():
            try:
                detail: dict[str, Any] = json.loads(node.get(f"/api/v1/calls/{call['id']}/"))
                if call_id in detail["call_ids"]:
                    return detail, node.get(f"/api/v1/calls/{call['id']}/audio/?format=wav&channel=both")
            except urllib.error.URLError:
                continue
        return None

    return wait_for("the recording", ask, 60)


def figures(found: Comparison, report: dict[str, Any], delay: float | None) -> list[tuple[str, str, bool]]:
    """What was measured: (name, figure, good)."""
    spoken = max(report["packets"].values()) * PACE
    difference = found.seconds - spoken
    rows = [
        (f"{name} exact samples", f"{100 * side.exact:.3f} %", side.exact >= 0.999)
        for name, side in (("left = caller", found.left), ("right = callee", found.right))
    ]
    rows.append(("left and right", "swapped" if found.swapped else "not swapped", not found.swapped))
    length = f"{found.seconds:.3f} s of {spoken:.3f} s ({1000 * difference:+.1f} ms)"
    rows.append(("length", length, abs(difference) <= LENGTH_TOLERANCE))
    if delay is not None:
        rows.append(("from BYE to playable", f"{delay:.2f} s", delay <= LONGEST_DELAY))
    return rows


def check(node: Node, report: dict[str, Any], *, live: bool) -> tuple[str, bool]:
    """Measure the call that was placed; its id and whether all is good. Raises DemoError."""
    detail, recording = playable(node, report["call_id"])
    delay = time.time() - report["bye_ns"] / 1e9 if live else None
    rows = figures(compare(recording, *samples()), report, delay)
    rows += rights(node)
    for name, figure, good in rows:
        print(f"  {name:<28} {figure:<44} {'ok' if good else 'WRONG'}")  # noqa: T201 -- the output of this program
    return str(detail["id"]), all(good for _name, _figure, good in rows)


def rights(node: Node) -> list[tuple[str, str, bool]]:
    """Started as root: who of the node's processes still is root? Only the holder's own process may be."""
    if not node.user:
        return []
    rows = []
    programs = node.programs()
    for name, pid in sorted(programs.items()):
        below = [child for child in family(pid) if name != "recording" or child != pid]
        users = {uid for child in below for uid in user_ids(child)}
        good = bool(below) and users == {node.user.uid}
        rows.append((f"{name}: user ids", f"{sorted(users)} in {len(below)} processes", good))
    if not {"web", "worker"} <= programs.keys():
        raise DemoError("worker and web do not both run.")
    return rows


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member and child not in found]
    return found


def user_ids(pid: int) -> set[int]:
    """Real, effective, saved and file-system user id of a process; none when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    line = next(line for line in status.splitlines() if line.startswith("Uid:"))
    return {int(word) for word in line.split()[1:]}

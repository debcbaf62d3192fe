"""A set-up that fails and is given up, on bare machines: what the machine had is there again, and it can begin anew."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.lab.cluster import library, state
from tests.lab.cluster.configure import (
    AS_PRIMARY,
    AS_SECONDARY,
    FILE,
    LONG,
    MANAGE,
    answers,
    is_configured,
    pair,
)
from tests.lab.cluster.drills_saved import import_calls
from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask
from tests.lab.cluster.place import LabError
from tests.lab.cluster.report import Report
from tests.lab.cluster.status import cluster_status
from tests.lab.cluster.traffic import Packet

VALUE = 77  # of a setting that nobody else changes
SETTING = "/api/v1/settings/capture.silence_timeout/"
SERVER = (
    "runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -s -w -D /database/db/main "
    "-l /var/log/postgresql/drill.log -o '-c config_file=/etc/postgresql/15/main/postgresql.conf'"
)
CHANGED = 88
CHANGE = "UPDATE config_setting SET value = '88' WHERE name = 'capture.silence_timeout'"
# What a cluster leaves on a machine that is a node of it.
TRACES = ("/etc/apresa/cluster.toml", "/etc/drbd.d/r0.res", "/etc/corosync/authkey", "/database/db/main")


def giveupmoved(nodes: Sequence[Node], report: Report) -> None:
    """Pacemaker cannot start, after the primary's database has moved: given up; with a change since then refused."""
    primary, secondary = nodes
    _is_bare(primary)
    calls = import_calls(primary)
    _set(primary, VALUE)
    stored = _kept(primary, calls)
    primary.write(FILE, answers(primary, secondary))
    primary.sh("systemctl -q mask pacemaker")
    _fails(primary, AS_PRIMARY, "start")
    report.row("give-up of the primary after its move", _given_up(primary))
    _works_alone(primary, report)
    if _kept(primary, calls) != stored:
        report.failed("calls, packets or the setting are not what they were before the set-up")
    report.count("packets that are there again", len(stored[1]))
    _fails(primary, AS_PRIMARY, "start")
    _change_moved(primary)
    said = _refused(primary, f"{MANAGE} cluster_setup give-up --yes")
    report.say(f"   {primary.name} refuses: {said}")
    if "Something was changed here since the database was moved" not in said:
        report.failed(f"{primary.name} does not say that something was changed since")
    primary.sh("systemctl -q unmask pacemaker")
    began = time.monotonic()
    primary.sh(f"{MANAGE} cluster_setup again", seconds=LONG)
    state.wait("the primary serves", primary, lambda seen: seen.serves, LONG)
    report.row("from going on until the primary serves", time.monotonic() - began)
    if (found := _kept(primary, calls)) != (CHANGED, stored[1]):
        report.failed(f"of the change that held the set-up {found[0]} is there; {len(found[1])} packets of the calls")


def giveupsecondary(nodes: Sequence[Node], report: Report) -> None:
    """Redis cannot start, after the secondary's copies have come: given up beside a primary that serves; then done."""
    primary, secondary = nodes
    _is_bare(secondary)
    if not _there(primary, "/etc/apresa/cluster.toml"):
        primary.write(FILE, answers(primary, secondary))
        primary.sh(AS_PRIMARY, seconds=LONG)
    calls = import_calls(primary)
    stored = library.packets(primary, calls)
    _set(secondary, VALUE)
    if primary.name not in secondary.sh(f"{MANAGE} cluster_pair show", seconds=60, check=False):
        pair(primary, secondary)
    secondary.sh("systemctl -q mask redis-server")
    _fails(secondary, AS_SECONDARY, "redis")
    report.row("give-up of the secondary, Redis still dead", _given_up(secondary))
    _works_alone(secondary, report)
    if _setting(secondary) != VALUE:
        report.failed(f"{secondary.name}'s own setting is {_setting(secondary)} instead of {VALUE}")
    seen = state.look(primary)
    if not seen.serves or seen.active != primary.name or library.packets(primary, calls) != stored:
        report.failed(f"{primary.name} does not serve its calls as before")
    secondary.sh("systemctl -q unmask redis-server")
    began = time.monotonic()
    secondary.sh(AS_SECONDARY, seconds=LONG)
    state.wait("both nodes are healthy", primary, lambda seen: seen.healthy, LONG)
    report.row("set-up of the secondary after it", time.monotonic() - began)
    secondary.write("/etc/apresa/lab-done", "")
    report.told(primary, set(), also=secondary, good=True)


def _is_bare(node: Node) -> None:
    if node.process() is None or _there(node, "/etc/apresa/cluster.toml") or is_configured(node):
        raise LabError("This drill begins with bare machines: script/lab down, then script/lab bare.")


def _there(node: Node, path: str) -> bool:
    return (node.root / path.lstrip("/")).exists()


def _fails(node: Node, command: str, at: str) -> None:
    """Raises LabError where the set-up does not stop at that very step."""
    _refused(node, command)
    found = _status(node)
    stopped = [one["code"] for one in found["steps"] if one["state"] == "failed"]
    if (found["state"], stopped) != ("failed", [at]):
        raise LabError(f"{node.name}: the set-up was to fail at {at}: {found['state']} at {stopped}: {found['error']}")


def _refused(node: Node, command: str) -> str:
    """What it says. Raises LabError where it is done."""
    done = subprocess.run(node.enter("sh", "-c", command), capture_output=True, text=True, timeout=LONG, check=False)
    if done.returncode != 1:
        raise LabError(f"{node.name}: {command} ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    return done.stderr.strip().removeprefix("CommandError: ")


def _status(node: Node) -> dict[str, Any]:
    return dict(json.loads(node.sh(f"{MANAGE} cluster_setup status --json", seconds=60)))


def _given_up(node: Node) -> float:
    """The seconds until it works alone. Raises LabError."""
    began = time.monotonic()
    node.sh(f"{MANAGE} cluster_setup give-up --yes", seconds=LONG)
    while ask(node, "GET", "/readyz")[0] != 200:
        if time.monotonic() > began + LONG:
            raise LabError(f"{node.name} does not work alone after the set-up was given up.")
        time.sleep(1)
    return time.monotonic() - began


def _works_alone(node: Node, report: Report) -> None:
    left = [path for path in TRACES if _there(node, path)]
    running = node.sh("systemctl is-active corosync pacemaker apresa-node apresa-record apresa-web", check=False)
    if left or "active" in running.split():
        report.failed(f"{node.name} still has {left or running.split()}")
    code, said = cluster_status(node)
    report.say(f"   {node.name} says ({code}): {said.splitlines()[0]}")
    if (code, said.splitlines()[0]) != (0, f"{node.name} stands alone: it records, and no other node takes over."):
        report.failed(f"{node.name} does not say that it works alone")


def _set(node: Node, value: int) -> None:
    status, told = ask(node, "PATCH", SETTING, {"value": value})
    if status != 200:
        raise LabError(f"{node.name}: {SETTING} answers {status}: {told}")


def _setting(node: Node) -> object:
    return ask(node, "GET", SETTING)[1].get("value")


def _kept(node: Node, calls: list[str]) -> tuple[object, set[Packet]]:
    return _setting(node), library.packets(node, calls)


def _change_moved(node: Node) -> None:
    """As a person's change would be between the step `move` and the end of the database's own server."""
    node.sh(f"{SERVER} start", seconds=60)
    node.run("runuser", "-u", "postgres", "--", "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", "apresa", "-c", CHANGE)
    node.sh(f"{SERVER} stop", seconds=60)


BARE: dict[str, Callable[[Sequence[Node], Report], None]] = {
    "giveupmoved": giveupmoved,
    "giveupsecondary": giveupsecondary,
}
"""Begin with bare machines; the second one ends with a whole cluster."""

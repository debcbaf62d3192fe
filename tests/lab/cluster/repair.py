"""What an administrator does through the API: an act, or the guided recovery; and how long it takes."""

import time
from typing import Any

from tests.lab.cluster import state
from tests.lab.cluster.configure import LONG
from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask
from tests.lab.cluster.place import LabError

ACTS, RECOVERY = "/api/v1/cluster/acts/", "/api/v1/cluster/recovery/"
ENDED = frozenset({"done", "failed", "cancelled"})


def repair(bad: Node, good: Node) -> float:
    """Bring the failed node back by the guided recovery; seconds until the cluster is healthy. Raises LabError."""
    bad.on()
    began = time.monotonic()
    do(bad, RECOVERY, {"confirm": True})
    state.wait("both nodes are healthy", good, lambda seen: seen.healthy, LONG)
    return time.monotonic() - began


def act(node: Node, name: str, **more: str) -> None:
    """Raises LabError where it is refused, or fails."""
    do(node, ACTS, {"act": name, "confirm": True, **more})


def do(node: Node, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for it until it begins (a node that has just started has not looked yet), and follow it to its end.

    What the node says of it then. Raises LabError."""
    end = time.monotonic() + LONG
    while True:
        status, found = ask(node, "POST", path, body)
        if "id" in found:
            break
        if time.monotonic() > end:
            raise LabError(f"{node.name} refuses {body} with {status}: {found.get('detail') or found}")
        time.sleep(2)
    job = found["id"]
    while found.get("state") not in ENDED:
        if time.monotonic() > end:
            raise LabError(f"{node.name}: {body} has no end: {found}")
        time.sleep(1)
        _status, told = ask(node, "GET", f"{path}{job}/")
        found = told if "state" in told else found  # a node whose web service starts again answers later
    if found["state"] != "done":
        raise LabError(f"{node.name}: {body} ended as {found['state']}: {found.get('error')}")
    return found

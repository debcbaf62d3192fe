"""What the cluster's library holds, asked by the API: which calls, and which packets of each."""

import time

from tests.lab.cluster.node import Node
from tests.lab.cluster.person import ask, fetch
from tests.lab.cluster.place import LabError
from tests.lab.cluster.traffic import Packet, in_capture

CALLS = "/api/v1/calls/?limit=200"


def calls(node: Node) -> set[str]:
    """The ids of all stored calls; none while the node does not answer."""
    status, found = ask(node, "GET", CALLS)
    return {one["id"] for one in found.get("results", [])} if status == 200 else set()


def new_calls(node: Node, before: set[str], count: int, seconds: float) -> list[str]:
    """The ids of the calls that came since, once there are as many and for some seconds no more. Raises LabError."""
    end = time.monotonic() + seconds
    while True:
        found = sorted(calls(node) - before)
        if len(found) >= count:
            time.sleep(3)
            return sorted(calls(node) - before)
        if time.monotonic() > end:
            raise LabError(f"{node.name} has stored {len(found)} of {count} calls after {seconds:g} s.")
        time.sleep(1)


def packets(node: Node, ids: list[str]) -> set[Packet]:
    return set().union(*(in_capture(fetch(node, f"/api/v1/calls/{one}/pcap/")) for one in ids))

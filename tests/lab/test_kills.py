"""Twenty calls at once by SIPp while the processes of the node are killed at random moments."""

import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lab.calls import calls, noise, recordings
from tests.lab.network import Lab
from worker.demo.compare import compare
from worker.demo.node import Node, wait_for

pytestmark = pytest.mark.lab
COUNT = 20
SECONDS = 20.0
SPEECH = (noise(1, SECONDS), noise(2, SECONDS))
SEED = int(os.environ.get("APRESA_TEST_SEED", "0")) or random.randrange(1, 10**6)


def process(node: Node, name: str) -> int | None:
    """The process id of a program, or of a child of the recording component; None while there is none."""
    try:
        if name in ("sniffer", "signalling"):
            status = json.loads((node.data / "spool" / "live" / "status.json").read_bytes())
            return int(status["children"][name]["pid"]) or None
        return node.programs().get(name)
    except (OSError, ValueError, KeyError):
        return None


def kill(node: Node, name: str) -> None:
    """kill -9, once there is a process that the kill can hit."""

    def hit() -> bool | None:
        pid = process(node, name)
        try:
            if pid:
                os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return None
        return True if pid else None

    wait_for(name, hit, 20)


def place_calls(network: Lab, folder: Path, during: list[tuple[float, Any]]) -> None:
    """Twenty calls; at each moment (seconds) of them an act. The acts' own failures are the test's."""
    failures: list[BaseException] = []

    def act() -> None:
        try:
            for moment, what in sorted(during, key=lambda item: item[0]):
                time.sleep(max(0.0, began + moment - time.monotonic()))
                what()
        except BaseException as error:  # noqa: BLE001 -- handed to the test below
            failures.append(error)

    with calls(network, folder, SPEECH, COUNT) as callers:
        began = time.monotonic()
        acts = threading.Thread(target=act)
        acts.start()
        try:
            assert callers.wait(120) == 0, "SIPp's own calls failed"
        except subprocess.TimeoutExpired:
            pytest.fail("SIPp did not end")
        acts.join()
    assert failures == []


def call_ids(found: list[dict[str, Any]]) -> list[str]:
    return sorted(name for call in found for name in call["call_ids"])


def test_killed_children_cost_no_call_and_no_sample(network: Lab, node: Node, tmp_path: Path) -> None:
    moments = random.Random(SEED)
    print(f"APRESA_TEST_SEED={SEED}")
    names = ["worker", "web", "sniffer", "signalling"] * 2
    place_calls(
        network, tmp_path, [(moments.uniform(1.0, SECONDS), lambda name=name: kill(node, name)) for name in names]
    )
    found = recordings(node, COUNT)
    assert (len(found), len(set(call_ids(found)))) == (COUNT, COUNT)
    heard = [compare(node.get(f"/api/v1/calls/{call['id']}/audio/?format=wav&channel=both"), *SPEECH) for call in found]
    assert [(call["gaps"], [stream["lost"] for stream in call["streams"]]) for call in found] == [([], [0, 0])] * COUNT
    assert [(side.left.exact, side.right.exact) for side in heard] == [(1.0, 1.0)] * COUNT


def test_a_killed_holder_and_a_killed_supervisor_leave_gaps_that_are_told(
    network: Lab, node: Node, tmp_path: Path
) -> None:
    moments = random.Random(SEED)

    def kill_supervisor() -> None:
        node.kill()
        node.start(network.interface, 0)

    place_calls(
        network,
        tmp_path,
        [(moments.uniform(2.0, 6.0), lambda: kill(node, "recording")), (moments.uniform(9.0, 12.0), kill_supervisor)],
    )
    found = recordings(node, COUNT)
    assert (len(found), len(set(call_ids(found)))) == (COUNT, COUNT)
    for call in found:
        heard = compare(node.get(f"/api/v1/calls/{call['id']}/audio/?format=wav&channel=both"), *SPEECH)
        told = sum(gap["to_ns"] - gap["from_ns"] for gap in call["gaps"]) / 1e9 / SECONDS
        missing = [1 - side.exact for side in (heard.left, heard.right)]
        assert len(call["gaps"]) == 2
        assert 0 < max(missing) <= told
        assert max(missing) < 0.5

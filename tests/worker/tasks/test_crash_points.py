"""Both nodes' settle, certificate, offer and release survive a kill (PROTOCOL section 10, test 2).

Each seventh place; `python -m tests.worker.tasks.crash_points 1` takes them all.
"""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.embedded
def test_a_kill_on_either_node_costs_no_packet_and_leaves_nothing_in_either_spool() -> None:
    program = [sys.executable, "-m", "tests.worker.tasks.crash_points", "7"]
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ended = subprocess.run(program, capture_output=True, check=True, timeout=280, env=settings)
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["wrong"] == {}
    assert found["places"] > 200

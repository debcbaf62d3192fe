"""Settle survives a kill before each of its steps (DESIGN law 2; PROTOCOL section 10, test 2)."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.embedded
@pytest.mark.parametrize(("act", "places"), [("settle", 80), ("delete", 4)])
def test_a_kill_anywhere_costs_no_call_doubles_none_and_leaves_nothing(act: str, places: int) -> None:
    program = [sys.executable, "-m", "tests.recordings.domain.crash_points", act]
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ended = subprocess.run(program, capture_output=True, check=True, timeout=280, env=settings)
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["wrong"] == {}
    assert found["places"] > places

"""script/bench measures everything and says it as text and as data."""

import json
import subprocess
from pathlib import Path

from tests.bench.__main__ import BENCHES

ROOT = Path(__file__).parents[2]


def test_the_bench_gives_a_rate_for_each_measurement() -> None:
    done = subprocess.run(
        [ROOT / "script" / "bench", "--quick", "--json", "capture", "calls", "sealing"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    assert [result["name"] for result in found["results"] if result["rate"] <= 0] == []
    assert len(found["results"]) == 14


def test_the_bench_tells_what_it_measures() -> None:
    done = subprocess.run(
        [ROOT / "script" / "bench", "--list"], capture_output=True, text=True, check=True, timeout=120
    )
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(BENCHES)

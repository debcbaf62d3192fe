"""A few cases of each target, so that the fuzzer itself keeps working; `script/fuzz` runs many."""

import subprocess
import sys
from pathlib import Path

import pytest

from recordings.pipeline.capture.write import write_pcap
from tests.fuzz import corpus, run
from tests.fuzz.targets import TARGETS, Target

IN_MEMORY = [target for name, target in TARGETS.items() if name not in {"call", "file"}]


@pytest.mark.parametrize("target", IN_MEMORY, ids=lambda target: target.name)
def test_a_few_cases_find_nothing(target: Target) -> None:
    assert [run.attempt(target, run.case(target, 1, number)) for number in range(20)] == [""] * 20


def test_the_same_seed_gives_the_same_case() -> None:
    assert run.case(TARGETS["sip"], 7, 3) == run.case(TARGETS["sip"], 7, 3)
    assert run.case(TARGETS["sip"], 7, 3) != run.case(TARGETS["sip"], 8, 3)


@pytest.mark.parametrize(("frames", "status"), [(slice(None), 0), (slice(0, -4), 1)])
def test_a_call_that_lacks_its_end_is_a_finding(tmp_path: Path, frames: slice, status: int) -> None:
    path = tmp_path / "call-1-1.bin"
    with path.open("wb") as file:
        write_pcap(file, corpus.canary()[frames])
    ended = subprocess.run([sys.executable, "-m", "tests.fuzz.run", "--replay", path], capture_output=True, check=False)
    assert ended.returncode == status

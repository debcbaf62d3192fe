"""`script/bench`: what this machine can do, as a table or as data."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import calls, capture, sealing
from tests.bench.measure import Result


def results(folder: Path, *, quick: bool) -> Iterator[Result]:
    """All measurements in turn; quick ones are rough."""
    yield from capture.results(folder, flows=100 if quick else 1000, packets=50 if quick else 200)
    yield from calls.results(folder, seconds=20 if quick else 180, formats=("flac", "wav", "ulaw", "opus", "mp3"))
    yield from sealing.results(folder, seconds=60 if quick else 3600, ranges=50 if quick else 1000)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure what this machine can do.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="small amounts of work: rough figures in some seconds")
    parser.add_argument("--folder", type=Path, default=None, help="where to work (a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        found = []
        for result in results(Path(temporary), quick=options.quick):
            found.append(result)
            if not options.json:
                line = f"{result.name:38} {result.rate:>14,.0f} {result.unit} per processor second"
                sys.stdout.write(f"{line}  ({result.work:,.0f} in {result.cpu_seconds:.2f} s)\n")
                sys.stdout.flush()
    if options.json:
        machine = {"processors": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
        sys.stdout.write(json.dumps({"machine": machine, "results": [result.facts() for result in found]}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

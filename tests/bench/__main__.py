"""`script/bench`: what this machine can do, as a table or as data."""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench import calls, capture, live, sealing
from tests.bench.measure import Result

FORTY = ",".join(str(20 + 4 * number) for number in range(40))
MANY = ",".join(str(number) for number in range(20, 1420))


Found = Result | live.LiveResult | live.Ratio


@dataclass(frozen=True, slots=True)
class Bench:
    """`run(folder, quick)` yields what it measured; `live` ones make interfaces, which needs root and `ip`."""

    what: str
    run: Callable[[Path, bool], Iterator[Found]]
    live: bool = False


def _live(name: str, streams: int, what: str, *, seconds: float = 20, sizes: str = "160") -> Bench:
    def run(folder: Path, quick: bool) -> Iterator[live.LiveResult]:
        yield live.run(folder, name, streams=streams, seconds=3 if quick else seconds, sizes=sizes)

    return Bench(what, run, live=True)


def _compared(name: str, streams: int, what: str) -> Bench:
    def run(folder: Path, quick: bool) -> Iterator[Found]:
        yield from live.compared(folder, name, streams=streams, seconds=3 if quick else 20, rounds=1 if quick else 3)

    return Bench(what, run, live=True)


BENCHES = {
    "capture": Bench(
        "reading, sorting out and storing the packets of a file",
        lambda folder, quick: capture.results(folder, flows=100 if quick else 1000, packets=50 if quick else 200),
    ),
    "calls": Bench(
        "parsing SIP, rendering a call to each format",
        lambda folder, quick: calls.results(
            folder, seconds=20 if quick else 180, formats=("flac", "wav", "ulaw", "opus", "mp3")
        ),
    ),
    "sealing": Bench(
        "writing and reading sealed recordings",
        lambda folder, quick: sealing.results(folder, seconds=60 if quick else 3600, ranges=50 if quick else 1000),
    ),
    "live-50": _live("live-50", 100, "live: 50 calls, 5,000 packets/s"),
    "live-1000": _live("live-1000", 2000, "live: 1,000 calls, 100,000 packets/s"),
    "live-forty": _live("live-forty", 2000, "live: the same with payloads of 40 lengths", sizes=FORTY),
    "live-lengths": _live("live-lengths", 400, "live: 1,400 lengths, 20,000 packets/s", sizes=MANY),
    "sealed-50": _compared("sealed-50", 100, "live: 50 calls, in clear and sealed in turn"),
    "sealed-1000": _compared("sealed-1000", 2000, "live: 1,000 calls, in clear and sealed in turn"),
    "live-2000": _live("live-2000", 4000, "live: 200,000 packets/s for a minute", seconds=60),
}


def why_not(bench: Bench) -> str:
    """Why it cannot run here, or ""."""
    return "needs root and ip" if bench.live and (os.geteuid() or not shutil.which("ip")) else ""


def say(result: Found) -> str:
    """One line of the table."""
    if isinstance(result, live.Ratio):
        return (
            f"{result.name:14} sealed {result.sealed:.2f} / clear {result.clear:.2f} us per packet = {result.ratio:.3f}"
        )
    if isinstance(result, live.LiveResult):
        offered = (
            f"{result.name:14} {result.offered_per_second:>9,.0f} packets/s offered, {result.kernel_drops} dropped"
        )
        cost = f"{result.core_share:.1%} of a core, {result.microseconds_per_packet:.2f} us per packet"
        return f"{offered}; {cost}; {result.rss_megabytes:.0f} MB; load {result.load}"
    line = f"{result.name:38} {result.rate:>14,.0f} {result.unit} per processor second"
    return f"{line}  ({result.work:,.0f} in {result.cpu_seconds:.2f} s)"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure what this machine can do.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure (all that can run here); see --list")
    parser.add_argument("--list", action="store_true", help="say what can be measured, and end")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="small amounts of work: rough figures in some seconds")
    parser.add_argument("--folder", type=Path, default=None, help="where to work (a temporary folder)")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHES]:
        parser.error(f"there is no measurement {unknown[0]}; see --list")
    if options.list:
        for name, bench in BENCHES.items():
            sys.stdout.write(f"{name:14} {bench.what}{f' ({why})' if (why := why_not(bench)) else ''}\n")
        return 0
    chosen = options.names or [name for name, bench in BENCHES.items() if not why_not(bench)]
    for name in chosen:
        if why := why_not(BENCHES[name]):
            parser.error(f"{name} {why}")
    found = []
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        for name in chosen:
            for result in BENCHES[name].run(Path(temporary), options.quick):
                found.append(result)
                if not options.json:
                    sys.stdout.write(say(result) + "\n")
                    sys.stdout.flush()
    if options.json:
        machine = {"processors": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}
        sys.stdout.write(json.dumps({"machine": machine, "results": [asdict(result) for result in found]}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The search at any size: `python -m tests.protocol --packets 2 --faults 2`."""

import argparse
import sys
import time

from tests.protocol.mutants import LARGER, MUTANTS
from tests.protocol.search import search
from tests.protocol.state import Bounds


def main() -> None:
    """Ends with 1 when a counterexample was found, with 2 when the limit was reached before all states were seen."""
    parser = argparse.ArgumentParser(prog="python -m tests.protocol", description=__doc__)
    for name, default in Bounds()._asdict().items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--limit", type=int, default=10_000_000, help="states after which it gives up")
    parser.add_argument("--mutants", action="store_true", help="break each rule in turn and tell what happens")
    chosen = vars(parser.parse_args())
    limit, mutants = chosen.pop("limit"), chosen.pop("mutants")
    if mutants:
        for name, (rules, bounds, scenario) in (MUTANTS | LARGER).items():
            print(f"{name}\n{search(bounds, rules, limit, scenario)}\n", flush=True)
        return
    begun = time.monotonic()
    result = search(Bounds(**chosen), limit=limit)
    print(f"{result}\n{time.monotonic() - begun:.0f} s")
    sys.exit(1 if result.broken else 0 if result.whole else 2)

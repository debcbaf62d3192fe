"""`script/demo`: a telephone call on the wire becomes a recording that you play."""

import argparse
import sys
import time
from pathlib import Path


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--interface", metavar="NAME", help="record real traffic of this network interface instead")
    parser.add_argument("--check", action="store_true", help="run unattended, measure, stop; exit code 0 or 1")
    parser.add_argument("--port", type=int, help="port of the web server (8000; with --check any free one)")
    parser.add_argument("--data", type=Path, help="data directory (var/demo; with --check a temporary one)")
    parser.add_argument("--began", type=float, default=time.time(), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    chosen = options()
    from worker.demo.show import show  # noqa: PLC0415 -- --help answers before anything is installed

    return show(chosen, sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())

"""What a person types after script/lab."""

import argparse
import os
from collections.abc import Sequence

from tests.lab.cluster.drills import NAMES
from tests.lab.cluster.network import LINKS
from tests.lab.cluster.place import NUMBERS

BOTH = "nodes"
CABLES = (BOTH, *(link.name for link in LINKS), *map(str, NUMBERS))
WHAT = "script/lab: two nodes of a real cluster on one machine; docs/lab.md tells what is in it and what is not."


def options(words: Sequence[str]) -> argparse.Namespace:
    """Ends the process with a sentence where they are no command (argparse)."""
    listed = "\n".join(f"  {name:<16} {what.splitlines()[0]}" for name, what in NAMES.items())
    parser = argparse.ArgumentParser(
        prog="script/lab",
        description=WHAT,
        epilog=f"drills:\n{listed}\n  {'all':<16} each of them that begins with a whole cluster, in this order",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="build what is missing, start both nodes, set the cluster up")
    up.add_argument("--witness", action="store_true", help="with a third machine, which the set-up's answers name")
    commands.add_parser("bare", help="the same, but no set-up: do it on the pages")
    commands.add_parser("down", help="end everything and remove it; the root tree stays")
    commands.add_parser("status", help="what each node says of the cluster; exit code as cluster_status")
    commands.add_parser("shell", help="a shell on a node").add_argument("node", metavar="NODE")
    for name, what in (
        ("cut", f"cut a link between the nodes ({', '.join(CABLES[:3])}) or a node's cable"),
        ("join", "mend it"),
    ):
        commands.add_parser(name, help=what).add_argument("link", choices=CABLES, metavar="LINK")
    drills = commands.add_parser("drill", help="break something, measure, repair; exit code 1 when one failed")
    drills.add_argument("names", nargs="+", choices=[*NAMES, "all"], metavar="NAME")
    drills.add_argument("--repeat", type=_times, default=1, metavar="N", help="each of them as often; median and worst")
    seed = int(os.environ.get("APRESA_TEST_SEED", "1"))
    drills.add_argument("--seed", type=int, default=seed, help="which packets the mirrors lose (APRESA_TEST_SEED)")
    drills.add_argument("--json", action="store_true", help="the table as JSON; all else to standard error")
    return parser.parse_args(words)


def _times(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("give a number from 1 to 1000")
    return int(text)

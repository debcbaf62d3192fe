"""script/lab: two nodes of a real cluster on one machine; docs/lab.md tells what is in it and what is not."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from types import FrameType

from tests.lab.cluster import machines, network
from tests.lab.cluster.configure import configure, is_configured
from tests.lab.cluster.drills import DRILLS, drill
from tests.lab.cluster.node import Node
from tests.lab.cluster.options import BOTH, options
from tests.lab.cluster.place import LOCK, NUMBERS, RUN, LabError, address, why_not
from tests.lab.cluster.status import show
from tests.lab.cluster.tree import build
from tests.lab.cluster.witness import Witness

NODES = [Node(number) for number in NUMBERS]
CABLES = {"cut": lambda link: cable(link, whole=False), "join": lambda link: cable(link, whole=True)}


def up(*, witness: bool = False) -> int:
    """Two bare machines, and the set-up of both by the product's commands; on request with a witness in its answers."""
    return _all_or_nothing(lambda: _set_up(witness=witness))


def _set_up(*, witness: bool) -> None:
    third = Witness()
    if witness and not is_configured(NODES[1]):
        third.start()
    configure(NODES[0], NODES[1], address(third.number) if witness else "")


def bare() -> int:
    """Two machines with Apresa installed, and no cluster yet."""
    return _all_or_nothing(None)


def _all_or_nothing(set_up: Callable[[], None] | None) -> int:
    """What fails or is stopped half way is taken down again."""
    try:
        if not RUN.exists():  # never under running nodes, whose disks lie on it
            _step("root tree (kept for the next time)", build)
        _step("two nodes", lambda: machines.bare(NODES))
        if set_up:
            _step("set-up of both nodes", set_up)
    except BaseException:
        if not os.environ.get("LAB_KEEP"):
            down()
        raise
    return 0


def down() -> int:
    for node in (*NODES, Witness()):
        node.off()
        node.remove_disk()
    network.remove_hub()
    if RUN.exists():
        RUN.rmdir()
    return 0


def _step(what: str, work: Callable[[], None]) -> None:
    began = time.monotonic()
    print(f"-- {what}", flush=True)
    work()
    print(f"   {time.monotonic() - began:.1f} s", flush=True)


def shell(name: str) -> int:
    node = next((node for node in NODES if str(node.number) == name or node.name == name), None)
    if node is None:
        raise LabError(f"No node is called {name}: they are {', '.join(node.name for node in NODES)}.")
    words = node.enter("bash", *(["-l"] if sys.stdin.isatty() else []))
    os.execvp(words[0], words)  # noqa: S606 -- an argv list of our own


def cable(link: str, *, whole: bool) -> int:
    """`link`: one or all between the nodes, or a node's own cable to the switch. Raises LabError."""
    if not link.isdecimal():
        network.cut([one for one in network.LINKS if link in {one.name, BOTH}], whole=whole)
        return 0
    node = NODES[int(link) - 1]
    if node.process() is None:
        raise LabError(f"{node.name} is off.")
    network.pull(node.number, whole=whole)
    return 0


@contextmanager
def alone() -> Iterator[None]:
    """One command at a time: two would pull the plug from under each other."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise LabError("Another script/lab is at work on this machine.") from None
        yield


def _stop(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _do(chosen: argparse.Namespace) -> int:
    if chosen.command == "shell":
        return shell(chosen.node)
    with alone():
        if chosen.command == "drill":
            names = list(DRILLS) if "all" in chosen.names else chosen.names
            return drill(names, NODES, repeat=chosen.repeat, seed=chosen.seed, as_json=chosen.json)
        if chosen.command in CABLES:
            return CABLES[chosen.command](chosen.link)
        if chosen.command == "status":
            return show(NODES)
        if chosen.command == "up":
            return up(witness=chosen.witness)
        return {"bare": bare, "down": down}[chosen.command]()


def main() -> int:
    chosen = options(sys.argv[1:])
    if why := why_not():
        print(f"{why[0].upper()}{why[1:]}.", file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        return _do(chosen)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())

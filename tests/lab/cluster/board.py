"""A node's management board: IPMI 2.0 at an address of its own on the switch, which cuts the node's power for real.

`Board(number)` from a drill; the board itself is a process in the switch's network namespace: only there are its mounts
this machine's, so that a node can be started. What it answers with is Debian's python3-pyghmi, out of the root tree."""

import importlib
import secrets
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Any

from tests.lab.cluster import network
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import CHECKOUT, HUB, TREE, LabError, board_address
from tests.lab.cluster.shell import run

USER = "fencer"
PORT = 623
LIBRARIES = TREE / "usr/lib/python3/dist-packages"


class Board:
    """Switched on by `with`; `cuts`: when it cut the power, in seconds since 1970."""

    def __init__(self, number: int) -> None:
        self.number, self.address = number, board_address(number)
        self.password = secrets.token_urlsafe(12)  # IPMI 2.0 takes twenty bytes at most
        self.cuts: list[float] = []
        self._child: subprocess.Popen[str] | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> "Board":
        self._address("add")
        argv = ["nsenter", f"--net=/run/netns/{HUB}", sys.executable, "-m", "tests.lab.cluster.board", str(self.number)]
        self._child = subprocess.Popen(argv, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self._child.stdin:
            self._child.stdin.write(f"{self.password}\n")
            self._child.stdin.close()
        self._reader.start()
        if not self._ready.wait(60):
            raise LabError(f"The management board at {self.address} does not start.")
        return self

    def _read(self) -> None:
        for line in (self._child and self._child.stdout) or ():
            if line == "ready\n":
                self._ready.set()
            else:
                self.cuts.append(float(line))

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child:
            self._child.terminate()
            self._child.wait(10)
            self._reader.join(10)
        self._address("del")

    def _address(self, verb: str) -> None:
        where = ("dev", network.SWITCH.bridge)
        run("ip", "-n", HUB, "addr", verb, f"{self.address}/24", *where, check=verb == "add")


class Power:
    """The node's power as the board switches it. A node that boots has power."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._booting = threading.Event()

    def state(self) -> str:
        return "on" if self._booting.is_set() or self._node.process() else "off"

    def off(self) -> None:
        self._node.off()
        print(f"{time.time():.3f}", flush=True)

    def on(self) -> None:
        """It answers at once, as a board does: nobody waits for the machine behind it."""
        self._booting.set()
        threading.Thread(target=self._boot, daemon=True).start()

    def _boot(self) -> None:
        try:
            self._node.on()
        except LabError as error:
            print(error, file=sys.stderr)
        finally:
            self._booting.clear()


def main() -> None:
    number, password = int(sys.argv[1]), sys.stdin.readline().strip()
    sys.path.append(str(LIBRARIES))
    bmc: Any = importlib.import_module("pyghmi.ipmi.bmc")
    board, power = bmc.Bmc({USER: password}, port=PORT, address=board_address(number)), Power(Node(number))
    board.get_power_state, board.power_off, board.power_on = power.state, power.off, power.on
    print("ready", flush=True)
    board.listen()


if __name__ == "__main__":
    main()

"""A client on the lab's switch: asks each address five times a second whether it serves (`/readyz`), and tells when.

`/readyz` is good where the database takes writes, the library is mounted, Redis answers and capture runs."""

import itertools
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from types import TracebackType

from tests.lab.cluster.place import CHECKOUT, HUB

PAUSE = 0.2
PATIENCE = 1.5


class Probe:
    """Collects the times (seconds since 1970) at which each address served."""

    def __init__(self, *addresses: str) -> None:
        argv = ["ip", "netns", "exec", HUB, sys.executable, "-m", "tests.lab.cluster.probe", *addresses]
        self._child = subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        self._served: dict[str, list[float]] = defaultdict(list)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._child.stdout or ():
            when, address = line.split()
            self._served[address].append(float(when))

    def times(self, address: str, since: float) -> list[float]:
        return [when for when in self._served[address].copy() if when >= since]

    def outage(self, address: str, since: float) -> float:
        """The longest time without an answer; what lasts until now counts."""
        times = [since, *self.times(address, since), time.time()]
        return max(later - earlier for earlier, later in itertools.pairwise(times))

    def both(self, first: str, second: str, since: float) -> float:
        """Seconds in which both addresses served."""
        one, two = self.times(first, since), self.times(second, since)
        return max(0.0, min(one[-1], two[-1]) - max(one[0], two[0])) if one and two else 0.0

    def __enter__(self) -> "Probe":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.terminate()
        self._child.wait(10)
        self._reader.join(10)
        if self._child.stdout:
            self._child.stdout.close()


def _ask(address: str) -> None:
    try:
        with urllib.request.urlopen(f"http://{address}:8000/readyz", timeout=PATIENCE) as answer:
            answer.read()
        os.write(1, f"{time.time():.3f} {address}\n".encode())  # one write: print from two threads mixes lines
    except OSError:
        return


def main() -> None:
    following = time.monotonic()
    while True:
        for address in sys.argv[1:]:
            # A thread for each try, so that a dead address holds nothing up.
            threading.Thread(target=_ask, args=(address,), daemon=True).start()
        following += PAUSE
        time.sleep(max(0.0, following - time.monotonic()))


if __name__ == "__main__":
    main()

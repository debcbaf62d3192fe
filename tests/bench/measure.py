"""One measurement: how much work per second of processor time of this process and its children."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """`rate` is work per second of processor time, best of the rounds; `unit` says what work is."""

    name: str
    rate: float
    unit: str
    work: float
    cpu_seconds: float
    wall_seconds: float


def cpu() -> float:
    """Processor seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(name: str, unit: str, task: Callable[[], float], *, rounds: int = 3) -> Result:
    """Do the task some times; it returns the work done. The best round counts: the others had company."""
    best: Result | None = None
    for _ in range(rounds):
        cpu_before, wall_before = cpu(), time.perf_counter()
        work = task()
        used, wall = cpu() - cpu_before, time.perf_counter() - wall_before
        rate = work / used if used > 0 else 0.0
        if best is None or rate > best.rate:
            best = Result(name, rate, unit, work, used, wall)
    if best is None:
        raise ValueError("no rounds")
    return best

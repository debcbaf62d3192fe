"""`script/fuzz`: seeded, bounded runs over everything that reads bytes of strangers; exit 1 when something is found."""

import argparse
import hashlib
import os
import random
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from types import FrameType

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.fuzz.targets import TARGETS, Target

SECONDS_PER_CASE = 5.0
MEGABYTES = 500
CASES_PER_CHILD = 150
LARGEST_SPACE = 4 << 30
MOST_FINDINGS = 20  # of one target; more of the same help nobody


class TookTooLong(BaseException):
    """Not an Exception: nothing on the way may catch it."""


def case(target: Target, seed: int, number: int) -> bytes:
    """The bytes of one case: the same for the same names."""
    digest = hashlib.sha256(f"{seed} {target.name} {number}".encode()).digest()
    return target.make(random.Random(digest))


def attempt(target: Target, data: bytes) -> str:
    """One line on what went wrong, or ""."""
    before = _megabytes()
    signal.signal(signal.SIGPROF, _late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_PER_CASE)
    try:
        target.run(data)
    except TookTooLong:
        return f"took more than {SECONDS_PER_CASE:.0f} s of CPU {_place()}"
    except Exception as error:  # noqa: BLE001 -- that is what is looked for
        sys.last_value = error
        return f"{type(error).__name__}: {str(error)[:300]!r} {_place()}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown = _megabytes() - before
    return f"used {grown} MB" if grown > MEGABYTES else ""


def _late(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLong


def _place() -> str:
    steps = traceback.extract_tb(sys.exc_info()[2])
    ours = [step for step in steps if "/tests/fuzz/" not in step.filename and "site-packages" not in step.filename]
    return f"at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def child(target: Target, seed: int, first: int, until: float, told: int) -> None:
    """Run cases one after the other, telling each number before and each finding after it."""
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_SPACE, LARGEST_SPACE))
    for number in range(first, first + CASES_PER_CHILD):
        if time.monotonic() > until:
            return
        os.write(told, f"case {number}\n".encode())
        said = attempt(target, case(target, seed, number))
        if said:
            os.write(told, f"found {' '.join(said.split())}\n".encode())
            return  # after it, the state of this process cannot be trusted


def watch(target: Target, seed: int, first: int, until: float, folder: Path) -> tuple[int, int]:
    """A child of its own for some cases: how many it ran, how many findings were kept."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        status = 1
        try:
            child(target, seed, first, until, writing)
            status = 0
        except BaseException:  # noqa: BLE001 -- a fault of the fuzzer itself: shown, then the end
            traceback.print_exc()
        finally:
            from tests.fuzz import chain  # noqa: PLC0415 -- what it opened, it closes

            chain.opened.close()
            os._exit(status)
    os.close(writing)
    number, findings = first - 1, 0
    with os.fdopen(reading, "r", errors="replace") as lines:
        for line in lines:
            kind, _, rest = line.strip().partition(" ")
            if kind == "case":
                number = int(rest)
            elif kind == "found":
                findings += keep(target, seed, number, rest, folder)
    _, status = os.waitpid(pid, 0)
    if status:
        findings += keep(target, seed, number, f"the process ended with status {status:#x}", folder)
    return number - first + 1, findings


def keep(target: Target, seed: int, number: int, said: str, folder: Path) -> int:
    """Save the case, say it in one line."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{target.name}-{seed}-{number}.bin"
    path.write_bytes(case(target, seed, number))
    print(f"{target.name} seed {seed} case {number}: {said} ({path})", flush=True)
    return 1


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for all targets together (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same cases (%(default)s)")
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this one (several times)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run a kept case again, with its traceback")
    parser.add_argument("--findings", type=Path, default=Path("var/fuzz"), help="where cases are kept (%(default)s)")
    return parser.parse_args()


def replay(path: Path) -> int:
    TARGETS[path.name.partition("-")[0]].run(path.read_bytes())
    print(f"{path}: nothing is wrong")
    return 0


def main() -> int:
    chosen = options()
    if chosen.replay:
        return replay(chosen.replay)
    names = chosen.target or list(TARGETS)
    total = 0
    for name in names:
        until = time.monotonic() + chosen.seconds / len(names)
        cases = findings = 0
        while time.monotonic() < until and findings < MOST_FINDINGS:
            ran, found = watch(TARGETS[name], chosen.seed, cases, until, chosen.findings)
            cases, findings = cases + max(ran, 1), findings + found
        print(f"{name:<8} {cases:>8} cases {findings:>5} findings", flush=True)
        total += findings
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())

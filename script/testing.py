"""Runs the stages of `script/test`, counts their tests, and prints a table with seconds. Standard library only."""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from script import setup
from script.stages import Stage, stages
from worker.demo import place  # standard library alone, as all here: it runs before anything is installed

COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)\b")
SUMMARY = re.compile(r"^=*\s*(?:\d+ \w+,? ?)+ in [\d.]+s")
BAD = ("failed", "error", "errors", "xpassed")


Tell = Callable[[str], object]
RUNNING: set["subprocess.Popen[str]"] = set()
OVER = threading.Event()


def tell_now(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


@dataclass(slots=True)
class Outcome:
    """What one stage gave: "passed", "failed" or "skipped", with its tests counted."""

    name: str
    verdict: str = "passed"
    seconds: float = 0.0
    tests: Counter[str] = field(default_factory=Counter)
    note: str = ""

    @property
    def failed(self) -> int:
        """A stage that failed without a failed test (a linter, a time limit) counts as one."""
        return max(sum(self.tests[word] for word in BAD), int(self.verdict == "failed"))


def run_stage(stage: Stage, tell: Tell = tell_now) -> Outcome:
    outcome = Outcome(stage.name)
    if why := stage.missing():
        outcome.verdict, outcome.note = "skipped", why
        return outcome
    tell(f"\n== {stage.name}: {stage.what}\n")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="apresa-test-") as data, reachable(stage) as commands:
        for command in commands:
            left = stage.seconds - (time.monotonic() - began)
            code = run_command(command, outcome, Path(data), left, tell)
            if code:
                outcome.verdict = "failed"
                outcome.note = outcome.note or f"{Path(command[0]).name} … exit {code}"
    outcome.seconds = time.monotonic() - began
    return outcome


@contextmanager
def reachable(stage: Stage) -> Iterator[Sequence[Sequence[str]]]:
    """The stage's commands; below a closed home such as /root, those that start the node run on an open path."""
    if not stage.service or not place.closed(place.ready_user()):
        yield stage.commands
        return
    try:
        yield [place.on_open_path(list(command)) for command in stage.commands]
    finally:
        place.leave_open_path()


def run_lanes(wanted: Sequence[Stage]) -> list[Outcome]:
    """The outcomes in the order of `wanted`. Where two lanes run, a stage's output comes whole, at its end."""
    lanes: dict[str, list[Stage]] = {}
    for stage in wanted:
        lanes.setdefault(stage.lane, []).append(stage)
    if len(lanes) < 2:
        return [run_stage(stage) for stage in wanted]
    found: dict[str, Outcome] = {}

    def run(lane: list[Stage]) -> None:
        for stage in lane:
            if OVER.is_set():
                return
            told: list[str] = []
            tell_now(f"-- {stage.name} begins\n")
            found[stage.name] = run_stage(stage, told.append)
            tell_now("".join(told))

    with ThreadPoolExecutor(len(lanes)) as pool, _ended_with_us():
        for done in [pool.submit(run, lane) for lane in lanes.values()]:
            done.result()
    return [found[stage.name] for stage in wanted]


@contextmanager
def _ended_with_us() -> Iterator[None]:
    """Ctrl-C reaches this process alone, as each command leads a session of its own."""
    try:
        yield
    except KeyboardInterrupt:
        OVER.set()
        for child in list(RUNNING):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
        raise


def run_command(command: Sequence[str], outcome: Outcome, data: Path, seconds: float, tell: Tell = tell_now) -> int:
    """Run one command, show its output, count its tests. A command that takes too long is ended with its children."""
    environment = {**os.environ, "APRESA_DATA": str(data), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=setup.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as child:
        timer = threading.Timer(max(1.0, seconds), _end, (child, outcome, seconds))
        timer.start()
        RUNNING.add(child)
        for line in child.stdout or ():
            tell(line)
            if SUMMARY.match(line):
                outcome.tests.update({word: int(number) for number, word in COUNT.findall(line)})
        timer.cancel()
    RUNNING.discard(child)
    return child.returncode


def _end(child: subprocess.Popen[str], outcome: Outcome, seconds: float) -> None:
    outcome.note = f"ended after its {seconds:.0f} s"
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def install() -> Outcome:
    outcome, began = Outcome("install"), time.monotonic()
    try:
        setup.install(tests=True)
    except setup.SetupError as error:
        print(error, file=sys.stderr)
        outcome.verdict, outcome.note = "failed", str(error).splitlines()[0]
    outcome.seconds = time.monotonic() - began
    return outcome


def report(outcomes: list[Outcome], took: float) -> bool:
    """Print the table, with the seconds that all of it `took`; True when nothing failed."""
    print(f"\n{'stage':<14} {'':<8} {'seconds':>8} {'passed':>7} {'failed':>7} {'skipped':>8}")
    for outcome in outcomes:
        counts = f"{outcome.tests['passed']:>7} {outcome.failed:>7} {outcome.tests['skipped']:>8}"
        print(f"{outcome.name:<14} {outcome.verdict:<8} {outcome.seconds:>8.1f} {counts}  {outcome.note}")
    print(f"{'all':<14} {'':<8} {took:>8.1f}")
    passed = sum(outcome.tests["passed"] for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"\n{passed} passed, {failed} failed")
    return not failed


def options() -> argparse.Namespace:
    listed = "\n".join(f"  {stage.name:<12} {stage.what}" for stage in stages())
    parser = argparse.ArgumentParser(
        prog="script/test",
        description="Prove that everything works: install what the tests need, then run all stages.",
        epilog=f"stages:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="only the inner loop: lint, types, imports, unit")
    parser.add_argument("--stage", action="append", default=[], metavar="NAME", help="only this stage (several times)")
    return parser.parse_args()


def main() -> int:
    chosen = options()
    known = {stage.name: stage for stage in stages()}
    if unknown := [name for name in chosen.stage if name not in known]:
        print(f"No stage is called {', '.join(unknown)}; script/test --help lists them.", file=sys.stderr)
        return 2
    began = time.monotonic()
    outcomes = [install()]
    if outcomes[0].verdict == "passed":
        wanted = [known[name] for name in chosen.stage] or [s for s in stages() if s.quick or not chosen.quick]
        outcomes += run_lanes(wanted)
    return 0 if report(outcomes, time.monotonic() - began) else 1


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        raise SystemExit(130) from None

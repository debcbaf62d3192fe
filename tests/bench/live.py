"""Capture live over a virtual cable: the real recording component, and a sender that is not counted."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.samples.cable import laid, wait_for
from tests.samples.sealing import boot, sealed_session

_TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class LiveResult:
    """What one run showed. `core_share` is processor time of holder, sniffer and signalling per second, of one core."""

    name: str
    streams: int
    offered: int
    offered_per_second: float
    captured: int
    kernel_drops: int
    cpu_seconds: float
    core_share: float
    microseconds_per_packet: float
    rss_megabytes: float
    load: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """What sealing costs: processor time per packet that was taken, of the sealed runs over that of the clear ones."""

    name: str
    clear: float
    sealed: float
    ratio: float


def compared(folder: Path, name: str, *, streams: int, seconds: float, rounds: int) -> Iterator[LiveResult | Ratio]:
    """Clear and sealed in turn, so that both have the same company; the least of each counts."""
    least: dict[bool, float] = {}
    for number in range(rounds):
        for sealed in (False, True):
            title, place = f"{name} {'sealed' if sealed else 'clear'}", folder / f"{number}-{sealed}"
            found = run(place, title, streams=streams, seconds=seconds, sealed=sealed)
            cost = found.cpu_seconds / found.captured * 1e6  # of those taken: what the ring dropped cost nothing
            least[sealed] = min(least.get(sealed, cost), cost)
            yield found
    yield Ratio(name, round(least[False], 3), round(least[True], 3), round(least[True] / least[False], 3))


def run(
    folder: Path, name: str, *, streams: int, seconds: float, sizes: str = "160", sealed: bool = False
) -> LiveResult:
    """Offer `streams` × 50 packets/s for so long. Needs the right to make interfaces (root)."""
    session = folder / f"live-{streams}"
    with laid() as (ours, theirs), _recording(session, ours, max(4096, 2 * streams), sealed=sealed):
        pids = _processes(session)
        before = sum(map(_cpu, pids))
        command = [sys.executable, "-m", "tests.bench.sender", theirs, "--streams", str(streams), "--sizes", sizes]
        done = subprocess.run([*command, "--seconds", str(seconds)], check=True, capture_output=True, text=True)
        said = json.loads(done.stdout)
        wait_for(lambda: _settled(session, said["sent"]), 60)
        used, rss = sum(map(_cpu, pids)) - before, sum(map(_rss, pids))
        port = _status(session)["interfaces"][0]
    return LiveResult(
        name,
        streams,
        said["sent"],
        round(said["sent"] / said["seconds"]),
        port["received"] - port["dropped"],
        port["dropped"],
        round(used, 2),
        round(used / said["seconds"], 4),
        round(used / said["sent"] * 1e6, 2),
        round(rss / 1e6),
        round(os.getloadavg()[0], 1),
    )


@contextmanager
def _recording(session: Path, interface: str, slots: int, *, sealed: bool) -> Iterator[None]:
    command = [sys.executable, "-m", "worker.sniffer.holder", "--session", str(session), "--node", "bench"]
    with ExitStack() as stack:
        if sealed:
            sealed_session(session, "bench")
            command += ["--keys", str(stack.enter_context(boot()).path)]
        stack.enter_context(_holder(session, command, interface, slots))
        yield


@contextmanager
def _holder(session: Path, command: list[str], interface: str, slots: int) -> Iterator[None]:
    with subprocess.Popen([*command, "--interface", interface, "--streams", str(slots)]) as process:
        try:
            wait_for(lambda: _status(session).get("last_tick_ns", 0) > 0, 60)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _status(session: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((session / "status.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found


def _settled(session: Path, sent: int) -> bool:
    """All that was sent was taken or dropped, and time went on beyond it."""
    status = _status(session)
    port = status["interfaces"][0]
    return bool(port["received"] >= sent and status["packets"] + port["dropped"] >= sent)


def _processes(session: Path) -> list[int]:
    children = [child["pid"] for child in _status(session)["children"].values()]
    return [*children, _parent(children[0])]


def _parent(pid: int) -> int:
    return int(_fields(pid)[1])


def _fields(pid: int) -> list[str]:
    """Those of /proc/PID/stat from the state on (proc(5)); the name before may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _cpu(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK


def _rss(pid: int) -> int:
    return int(_fields(pid)[21]) * PAGE

"""How fast must the link between the nodes be? Pure: what was recorded → megabits a second, and what a gigabit carries.

A recording crosses once as blocks (DRBD) and once as rows (PostgreSQL). A file is written when its call has ended, so
over minutes the link carries what the calls in progress produce.
"""

from collections.abc import Iterable
from dataclasses import dataclass

DEFAULT_RATE = 16_000.0  # bytes a second of a call: two sides of telephone quality (G.711), as they come
BLOCKS = 1.3  # the file system's journal and metadata, and DRBD's own words, beside each byte of a file
ROW_BYTES = 64 * 1024  # of PostgreSQL's log for each call: its rows and indexes, with whole pages after a checkpoint
HEADROOM = 2.0  # a copy after an outage must catch up beside the calls
GIGABIT = 940.0  # Mbit/s of a gigabit link that are left for data
SHORTEST = 1.0  # seconds; shorter calls would make the rate of rows endless


@dataclass(frozen=True, slots=True)
class Recorded:
    """Of some weeks: how many calls went on at once at most, their seconds and bytes together, and their number."""

    at_once: int
    calls: int
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Need:
    at_once: int
    measured: bool
    """Whether size and length come from recordings; else they are those of telephone quality, unpacked."""
    call_kbits: float
    """Kilobits a second that one call needs on the link."""
    mbits: float
    """What the busiest moment needs, with headroom."""
    gigabit_calls: int


def need(recorded: Recorded) -> Need:
    measured = recorded.seconds >= SHORTEST and recorded.size > 0
    rate = recorded.size / recorded.seconds if measured else DEFAULT_RATE
    length = max(SHORTEST, recorded.seconds / recorded.calls) if measured and recorded.calls else 60.0
    bits = 8 * (rate * BLOCKS + ROW_BYTES / length)
    return Need(
        recorded.at_once,
        measured,
        round(bits / 1000, 1),
        round(HEADROOM * recorded.at_once * bits / 1e6, 2),
        int(GIGABIT * 1e6 / (HEADROOM * bits)),
    )


def at_once(spans: Iterable[tuple[float, float]]) -> int:
    """The most spans (begin, end) that overlap; one that ends as another begins does not."""
    edges = [edge for begin, end in spans for edge in ((begin, 1), (max(begin, end), -1))]
    now = most = 0
    for _when, step in sorted(edges):
        now += step
        most = max(most, now)
    return most

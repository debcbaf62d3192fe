"""How fast is the link between the nodes? Pure: which pieces are sent next, and what their times say."""

from collections.abc import Sequence
from dataclasses import dataclass

SECONDS = 10.0  # at most
MIB = 1024 * 1024
PIECES = (1 * MIB, 2 * MIB, 4 * MIB, 8 * MIB)  # then the largest again and again
DEFAULT_RATE = 100  # Mbit/s on the average, so that the recordings' own replication goes on beside it
LEAST_RATE, MOST_RATE = 10, 1000


@dataclass(frozen=True, slots=True)
class Sent:
    """One piece: its bytes, and the seconds from the question to the answer."""

    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Speed:
    mbits: float
    round_trip_ms: float
    """Of a whole question with its handshake, and no content."""
    sent: int
    seconds: float


def next_piece(sent: Sequence[Sent]) -> int:
    return PIECES[min(len(sent), len(PIECES) - 1)]


def pause(sent: Sequence[Sent], elapsed: float, rate: int) -> float:
    """Seconds to wait so that the average stays at the rate (Mbit/s)."""
    return max(0.0, 8 * sum(one.size for one in sent) / (rate * 1e6) - elapsed)


def speed(sent: Sequence[Sent], empty: Sequence[float]) -> Speed:
    """By the fastest of the largest pieces, without the time that a question takes anyway.

    A piece that was hardly slower than an empty question says only "faster than that": it counts as at least as slow.
    """
    base = min(empty)
    largest = max(one.size for one in sent)
    best = min(one.seconds for one in sent if one.size == largest)
    net = max(best - base, best / 10, 1e-6)
    return Speed(
        round(8 * largest / net / 1e6, 1),
        round(1000 * base, 1),
        sum(one.size for one in sent),
        round(sum(one.seconds for one in sent), 2),
    )

"""What the network did to one stream: loss, order, jitter (RFC 3550) and what that means for the ear (ITU-T G.107)."""

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from recordings.pipeline.media.rtp import DROPOUT, Ints, Ordered, Packets

PLAYOUT_MS = 60.0  # the jitter buffer that the E-model's delay assumes
NETWORK_MS = 40.0  # one-way delay is not to be seen at one point; a usual value


@dataclass(frozen=True, slots=True)
class Impairment:
    """A codec's equipment impairment Ie and loss robustness Bpl (ITU-T G.113 appendix I)."""

    ie: float = 0.0
    bpl: float = 4.3


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one stream; lost counts numbers never seen, late those that came after a higher one."""

    packets: int
    lost: int
    late: int
    duplicates: int
    jitter_ms: float
    jitter_max_ms: float
    max_gap_ms: float
    mos: float
    r_factor: float


def measure(
    arrived: Packets, ordered: Ordered, clock: int, impairment: Impairment, masked: tuple[tuple[int, int], ...] = ()
) -> Quality:
    """Figures for one SSRC; arrived are its packets in arrival order, ordered the same sorted and each once.

    masked: spans (ns) whose packets were left out on purpose, which is no loss."""
    packets = len(ordered.sequence)
    if not packets:
        return Quality(0, 0, 0, 0, 0.0, 0.0, 0.0, 1.0, 0.0)
    steps = _steps(ordered, masked)
    lost = int((steps[steps <= DROPOUT] - 1).sum())
    highest = np.maximum.accumulate(ordered.arrival)
    late = max(0, int((ordered.arrival < highest).sum()) - ordered.duplicates - ordered.conflicts)
    jitter = interarrival_jitter(arrived.time_ns, arrived.timestamp, clock)
    gaps = _gaps(np.sort(ordered.packets.time_ns), masked)
    share, burst = _loss_pattern(steps)
    factor = r_factor(share, float(jitter.mean()) * 1000, impairment, burst)
    return Quality(
        packets=packets,
        lost=lost,
        late=late,
        duplicates=ordered.duplicates,
        jitter_ms=round(float(jitter.mean()) * 1000, 3),
        jitter_max_ms=round(float(jitter.max()) * 1000, 3),
        max_gap_ms=round(float(gaps.max()) / 1e6, 1) if len(gaps) else 0.0,
        mos=round(mos(factor), 2),
        r_factor=round(factor, 1),
    )


def interarrival_jitter(time_ns: Ints, timestamp: Ints, clock: int) -> NDArray[np.float64]:
    """The running estimate J of RFC 3550 6.4.1 in seconds, one value per packet in arrival order.

    Packets of one timestamp (repeated events, DTMF) count once; steps over 10 s are new talk, not jitter.
    """
    if not len(time_ns):
        return np.zeros(1)
    half = 1 << 31
    ticks = (np.diff(timestamp) + half) % (1 << 32) - half
    transit = np.abs(np.diff(time_ns) / 1e9 - ticks / clock)
    running = [0.0]
    value = 0.0
    for difference in transit[(transit < 10) & (ticks != 0)].tolist():
        value += (difference - value) / 16
        running.append(value)
    return np.array(running)


def _steps(ordered: Ordered, masked: tuple[tuple[int, int], ...]) -> Ints:
    """From one packet's number to the next; 1 across a masked span."""
    steps = np.diff(ordered.sequence)
    before, after = ordered.packets.time_ns[:-1], ordered.packets.time_ns[1:]
    for start, end in masked:
        steps[(before <= end) & (after >= start)] = 1
    return steps


def _gaps(times: Ints, masked: tuple[tuple[int, int], ...]) -> Ints:
    """Between packets that follow each other, without those across a masked span."""
    heard = np.ones(max(0, len(times) - 1), np.bool_)
    for start, end in masked:
        heard &= (times[:-1] > end) | (times[1:] < start)
    return np.diff(times)[heard]


def _loss_pattern(steps: Ints) -> tuple[float, float]:
    """(share of packets lost in percent, burst ratio): G.107 compares the bursts with those of random loss."""
    holes = steps[(steps > 1) & (steps <= DROPOUT)] - 1
    if not len(holes):
        return 0.0, 1.0
    share = float(holes.sum() / (len(steps) + 1 + holes.sum()))
    return 100 * share, max(1.0, float(holes.mean()) * (1 - share))


def r_factor(loss_percent: float, jitter_ms: float, impairment: Impairment, burst: float = 1.0) -> float:
    """R = 93.2 - Id - Ie,eff (G.107 with default values); 0 to 93.2."""
    delay = NETWORK_MS + max(PLAYOUT_MS, 2 * jitter_ms)
    delayed = 0.024 * delay + (0.11 * (delay - 177.3) if delay > 177.3 else 0.0)
    late = 100 * exp(-PLAYOUT_MS / jitter_ms) if jitter_ms > 0 else 0.0  # exponential jitter beyond the buffer
    loss = min(100.0, loss_percent + late)
    effective = impairment.ie + (95 - impairment.ie) * loss / (loss / burst + impairment.bpl)
    return min(93.2, max(0.0, 93.2 - delayed - effective))


def mos(factor: float) -> float:
    """Mean opinion score, 1 to 4.5 (G.107 annex B)."""
    if factor <= 0:
        return 1.0
    return min(4.5, max(1.0, 1 + 0.035 * factor + factor * (factor - 60) * (100 - factor) * 7e-6))

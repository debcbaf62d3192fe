"""Where each packet belongs on the wall clock: RTP time within a stretch, arrival time between stretches.

The transit of a packet is its arrival minus its RTP time. Its least value over many packets is the network at rest, so
that is what a stretch is anchored to: jitter and bursts move nothing, and neighbouring packets join without a seam.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recordings.pipeline.media.rtp import Ints

STEP_NS = 80_000_000  # a sender's pause without RTP time, or a jump of it; more than jitter buffers ride out
SETTLE = 10  # packets within which a late burst must be back at the old transit
WINDOW = 500  # packets (10 s) whose least transit tells the drift of the clocks
FAR_S = 30  # no network holds a packet back for longer: its RTP time is wrong
DRIFT_NS = 10_000_000  # corrected beyond this: two directions stay within 20 ms


@dataclass(frozen=True, slots=True)
class Placed:
    """Sample i of packet p is sample position[p]+i after origin_ns; positions may overlap, and never run away."""

    origin_ns: int
    position: Ints


Quietest = Callable[[int, int], int]


def place(time_ns: Ints, ticks: Ints, clock: int, rate: int, quietest: Quietest | None = None) -> Placed:
    """Place packets, given in sequence order with arrival times and long RTP timestamps; one packet at least.

    clock is that of the timestamps, rate that of the samples, both in Hz. quietest(begin, end) names the packet among
    those where a correction is heard least; without it a correction comes in the first pause, or at once.
    """
    media_ns = ((ticks - ticks[0]).astype(np.float64) * (1e9 / clock)).astype(np.int64)
    transit = time_ns - time_ns[0] - media_ns
    spurts = np.diff(ticks, prepend=ticks[0])
    starts, anchors = _follow_drift(transit, spurts, _stretches(transit), quietest or (lambda begin, _: begin))
    begin_ns = anchors + media_ns[starts]
    origin = int(begin_ns.min())
    first = np.rint((begin_ns - origin) * (rate / 1e9)).astype(np.int64)
    lengths = np.diff([*starts.tolist(), len(ticks)])
    within = ticks - np.repeat(ticks[starts], lengths)
    position = np.repeat(first, lengths) + within * rate // clock
    arrival = np.rint((time_ns - time_ns[0] - origin) * (rate / 1e9)).astype(np.int64)
    position = np.where(np.abs(position - arrival) > FAR_S * rate, arrival, position)
    return Placed(int(time_ns[0]) + origin, position)


def _stretches(transit: Ints) -> list[int]:
    """Index of the first packet of each stretch with steady RTP time."""
    runs = np.concatenate([[0], np.flatnonzero(np.abs(np.diff(transit)) > STEP_NS) + 1])
    least = np.minimum.reduceat(transit, runs).tolist()
    starts = [0]
    for begin, low in zip(runs[1:].tolist(), least[1:], strict=True):
        known = int(transit[max(starts[-1], begin - WINDOW) : begin].min())
        late = low > known + STEP_NS
        returns = late and int(transit[begin : begin + SETTLE].min()) <= known + STEP_NS
        if abs(low - known) > STEP_NS and not returns:
            starts.append(begin)
    return starts


def _follow_drift(transit: Ints, spurts: Ints, stretches: list[int], quietest: Quietest) -> tuple[Ints, Ints]:
    """Cut stretches where the clocks have drifted apart: (first packets, anchored transits)."""
    starts: list[int] = []
    anchors: list[int] = []
    usual = float(np.median(spurts))
    for begin, end in zip(stretches, [*stretches[1:], len(transit)], strict=True):
        windows = np.arange(begin, max(begin + 1, end - WINDOW // 2), WINDOW)
        least = np.minimum.reduceat(transit[:end], windows).tolist()
        starts.append(begin)
        anchors.append(least[0])
        for window, low in zip(windows[1:].tolist(), least[1:], strict=True):
            if abs(low - anchors[-1]) > DRIFT_NS:
                until = min(window + WINDOW, end)
                pauses = np.flatnonzero(spurts[window:until] > usual)
                starts.append(window + int(pauses[0]) if len(pauses) else quietest(window, until))
                anchors.append(low)
    return np.array(starts, np.int64), np.array(anchors, np.int64)

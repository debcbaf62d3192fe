"""Telephone events (RFC 4733): which keys were pressed, when, for how long."""

from dataclasses import dataclass

from recordings.pipeline.media.rtp import Packets

EVENTS = "0123456789*#ABCD!"  # 16 is the hook flash
LARGEST_DIGITS = 10_000


@dataclass(frozen=True, slots=True)
class Digit:
    """One key; start_ns is the arrival of its first packet, milliseconds the longest duration it announced."""

    start_ns: int
    digit: str
    milliseconds: int


def digits(packets: Packets, clock: int = 8000) -> list[Digit]:
    """The keys in packets of a telephone-event payload type, in order.

    One event's packets share a timestamp (2.5.1.2) unless it is too long for one (2.5.1.3): a segment that begins where
    the one before ends, with the same key and no end bit, belongs to it. Other payloads are passed over.
    """
    events: dict[tuple[int, int], list[int]] = {}  # (timestamp, event) -> start_ns, duration, ended
    for time_ns, stamp, payload in zip(
        packets.time_ns.tolist(), packets.timestamp.tolist(), packets.payloads(), strict=True
    ):
        if len(payload) < 4 or payload[0] >= len(EVENTS):
            continue
        duration = payload[2] << 8 | payload[3]
        event = events.setdefault((stamp, payload[0]), [time_ns, 0, 0])
        event[1] = max(event[1], duration)
        event[2] |= payload[1] >> 7
        if len(events) > LARGEST_DIGITS:
            break
    return _joined(events, clock)


def _joined(events: dict[tuple[int, int], list[int]], clock: int) -> list[Digit]:
    found: list[Digit] = []
    follows: tuple[int, int] | None = None
    ticks = 0
    for (stamp, key), (start_ns, duration, ended) in events.items():
        joins = follows == (stamp, key) and bool(found)
        ticks = ticks + duration if joins else duration
        digit = Digit(found[-1].start_ns if joins else start_ns, EVENTS[key], round(ticks * 1000 / clock))
        if joins:
            found.pop()
        found.append(digit)
        follows = None if ended else ((stamp + duration) % (1 << 32), key)
    return found

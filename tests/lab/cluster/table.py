"""What all runs of all drills measured, as a table for people or as JSON. Pure."""

import json
from collections.abc import Sequence
from statistics import median
from typing import TypeVar

Measured = Sequence[tuple[str, str, float]]
"""Drill, what was measured, seconds; once for each run."""
Counted = Sequence[tuple[str, str, int]]
T = TypeVar("T")


def grouped(found: Sequence[tuple[str, str, T]]) -> dict[tuple[str, str], list[T]]:
    """By drill and what it is, in the order in which they first came."""
    groups: dict[tuple[str, str], list[T]] = {}
    for drill, what, value in found:
        groups.setdefault((drill, what), []).append(value)
    return groups


def table(rows: Measured, counts: Counted, faults: Sequence[str]) -> str:
    """What was measured more than once has its median, and the worst."""
    lines = [f"{drill:<16} {what:<60} {_seconds(values)}" for (drill, what), values in grouped(rows).items()]
    lines += [
        f"{drill:<16} {what:<60} {', '.join(map(str, values)):>7}" for (drill, what), values in grouped(counts).items()
    ]
    return "\n".join(["", *lines, *(f"FAILED {fault}" for fault in faults)])


def _seconds(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:>7.1f} s"
    return f"{median(values):>7.1f} s, worst {max(values):.1f} s of {len(values)}"


def as_json(rows: Measured, counts: Counted, faults: Sequence[str]) -> str:
    """Lists "seconds" (drill, what, values, median, worst), "counts" (drill, what, values) and "failed" (sentences)."""
    seconds = [
        {"drill": drill, "what": what, "values": values, "median": median(values), "worst": max(values)}
        for (drill, what), values in grouped(rows).items()
    ]
    counted = [{"drill": drill, "what": what, "values": values} for (drill, what), values in grouped(counts).items()]
    return json.dumps({"seconds": seconds, "counts": counted, "failed": list(faults)})

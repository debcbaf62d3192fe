"""Which packets a version holds: intervals of long sequence numbers per stream, and what covers what (PROTOCOL S3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

WRAP = 1 << 16

Intervals = tuple[tuple[int, int], ...]
"""Closed, ascending, never touching."""


class CoverageError(ValueError):
    """A stored coverage is not understood."""


def common(left: Intervals, right: Intervals) -> Intervals:
    """The numbers that are in both."""
    found = []
    i = j = 0
    while i < len(left) and j < len(right):
        first, last = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if first <= last:
            found.append((first, last))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def count(intervals: Intervals) -> int:
    return sum(last - first + 1 for first, last in intervals)


def shifted(intervals: Intervals, by: int) -> Intervals:
    return tuple((first + by, last + by) for first, last in intervals)


def aligned(view: Intervals, reference: Intervals) -> Intervals:
    """The view on the reference's count of wraps: each view began to count them at its own first packet."""
    if not view or not reference:
        return view
    near = (reference[0][0] - view[0][0]) // WRAP
    moves = sorted(
        range(near - 2, near + 3), key=lambda turn: (-count(common(shifted(view, turn * WRAP), reference)), abs(turn))
    )
    return shifted(view, moves[0] * WRAP)


@dataclass(frozen=True, slots=True)
class StreamCoverage:
    """One stream's packets; digests name the contents (sequence, timestamp, payload) of each view that went in."""

    intervals: Intervals
    digests: frozenset[str] = field(default_factory=frozenset)

    def covers(self, want: "StreamCoverage") -> bool:
        view = aligned(want.intervals, self.intervals)
        if common(view, self.intervals) != view:
            return False
        # The same numbers with other bytes are other packets (ID5).
        return view != self.intervals or want.digests <= self.digests

    def meets(self, other: "StreamCoverage") -> int:
        """How many numbers both have."""
        return count(common(aligned(other.intervals, self.intervals), self.intervals))


Coverage = Mapping[str, StreamCoverage]
"""By stream: "SSRC|source|destination"."""


def covers(stored: Coverage, want: Coverage) -> bool:
    """Whether stored ⊇ want."""
    return all(name in stored and stored[name].covers(stream) for name, stream in want.items())


def with_digests(held: Coverage, went_in: Iterable[Coverage]) -> dict[str, StreamCoverage]:
    """The packets held, under the digests of all views that they were united from, so that each is known again."""
    found = dict(held)
    for view in went_in:
        for name in found.keys() & view.keys():
            found[name] = StreamCoverage(found[name].intervals, found[name].digests | view[name].digests)
    return found


def packets(coverage: Coverage) -> int:
    return sum(count(stream.intervals) for stream in coverage.values())


def dump(coverage: Coverage) -> dict[str, Any]:
    """As JSON: name → {"i": [[first, last], …], "d": [digest, …]}."""
    return {
        name: {"i": [list(pair) for pair in stream.intervals], "d": sorted(stream.digests)}
        for name, stream in coverage.items()
    }


def load(facts: object) -> dict[str, StreamCoverage]:
    """Raises CoverageError."""
    try:
        if not isinstance(facts, dict):
            raise TypeError("not an object")
        return {name: _stream(item) for name, item in facts.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise CoverageError(f"the coverage is not understood: {error}") from error


def _stream(item: Mapping[str, Any]) -> StreamCoverage:
    found = tuple((first, last) for first, last in item["i"])
    numbers = [number for pair in found for number in pair]
    if not all(type(number) is int for number in numbers):
        raise TypeError("an interval is not of whole numbers")
    if any(first > last for first, last in found) or any(one[1] >= two[0] for one, two in pairwise(found)):
        raise ValueError("intervals out of order")
    digests = frozenset(item["d"])
    if not all(isinstance(digest, str) for digest in digests):
        raise TypeError("a digest is not a text")
    return StreamCoverage(found, digests)

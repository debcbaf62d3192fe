"""Interval arithmetic against sets of numbers."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.domain import coverage
from recordings.domain.coverage import CoverageError, StreamCoverage
from tests.samples.intervals import intervals_of

numbers = st.sets(st.integers(0, 120), max_size=60)


def expand(intervals: coverage.Intervals) -> set[int]:
    return {number for first, last in intervals for number in range(first, last + 1)}


@given(numbers)
def test_intervals_hold_exactly_their_numbers(wanted: set[int]) -> None:
    found = intervals_of(wanted)
    assert expand(found) == wanted
    assert coverage.count(found) == len(wanted)
    assert all(after[0] > before[1] + 1 for before, after in pairwise(found))


@given(numbers, numbers)
def test_common_agrees_with_sets(left: set[int], right: set[int]) -> None:
    a, b = intervals_of(left), intervals_of(right)
    assert expand(coverage.common(a, b)) == left & right


@given(numbers, numbers)
def test_a_union_covers_both_parts(left: set[int], right: set[int]) -> None:
    a = {"s": StreamCoverage(intervals_of(left), frozenset({"a"}))}
    b = {"s": StreamCoverage(intervals_of(right), frozenset({"b"}))}
    both = {"s": StreamCoverage(intervals_of(left | right), frozenset({"a", "b"}))}
    assert coverage.covers(both, a)
    assert coverage.covers(both, b)


@given(st.sets(st.integers(0, 70000), min_size=1, max_size=40), st.integers(-3, 3))
def test_a_view_that_counted_other_wraps_is_the_same_view(wanted: set[int], wraps: int) -> None:
    whole = StreamCoverage(intervals_of(wanted), frozenset({"a"}))
    moved = StreamCoverage(coverage.shifted(whole.intervals, wraps * coverage.WRAP), frozenset({"a"}))
    assert whole.covers(moved)
    assert whole.meets(moved) == len(wanted)


def test_a_missing_packet_is_not_covered() -> None:
    stored = {"s": StreamCoverage(intervals_of([1, 2, 4]))}
    assert not coverage.covers(stored, {"s": StreamCoverage(intervals_of([2, 3]))})
    assert not coverage.covers(stored, {"other": StreamCoverage(intervals_of([1]))})


def test_the_same_numbers_with_other_bytes_are_not_covered() -> None:
    stored = {"s": StreamCoverage(intervals_of(range(10)), frozenset({"one"}))}
    assert not coverage.covers(stored, {"s": StreamCoverage(intervals_of(range(10)), frozenset({"two"}))})


@given(numbers)
def test_a_coverage_survives_its_json(wanted: set[int]) -> None:
    whole = {"1|a|b": StreamCoverage(intervals_of(wanted), frozenset({"x", "y"}))}
    assert coverage.load(json.loads(json.dumps(coverage.dump(whole)))) == whole


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["i", "d", "s"]), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(json_values)
def test_a_stored_coverage_is_understood_or_refused_with_one_error(facts: object) -> None:
    try:
        coverage.load(facts)
    except CoverageError:
        return


@pytest.mark.parametrize("facts", [[], {"s": {"i": [[2, 1]], "d": []}}, {"s": {"i": [[1, 5], [3, 8]], "d": []}}])
def test_a_coverage_with_wrong_intervals_is_refused(facts: object) -> None:
    with pytest.raises(CoverageError):
        coverage.load(facts)

"""What the link must carry, from what was recorded; and what a test of it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.bandwidth import Need, Recorded, at_once, need
from cluster.linktest import PIECES, Sent, Speed, next_piece, pause, speed

SPAN = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (float(min(pair)), float(max(pair))))


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([], 0),
        ([(0, 10)], 1),
        ([(0, 10), (10, 20)], 1),  # one ends as the other begins
        ([(0, 10), (5, 20), (6, 7)], 3),
        ([(0, 10), (9, 20), (19, 30)], 2),
        ([(10, 0)], 0),  # a clock that was set back
    ],
)
def test_calls_at_once(spans: list[tuple[float, float]], most: int) -> None:
    assert at_once(spans) == most


@given(st.lists(SPAN, max_size=30))
def test_calls_at_once_are_those_of_the_busiest_moment(spans: list[tuple[float, float]]) -> None:
    moments = [sum(begin <= when + 0.5 < end for begin, end in spans) for when in range(51)]
    assert at_once(spans) == max(moments, default=0)


def test_one_call_of_telephone_quality() -> None:
    """16 kB/s times 1.3 and 64 KiB of rows in a minute: 175 kbit/s."""
    assert need(Recorded(0, 0, 0.0, 0)) == Need(0, False, 175.1, 0.0, 2683)


def test_the_rate_is_that_of_the_recordings() -> None:
    found = need(Recorded(at_once=30, calls=100, seconds=6000.0, size=48_000_000))
    assert (found.measured, found.call_kbits, found.mbits, found.gigabit_calls) == (True, 91.9, 5.52, 5112)


@given(st.integers(0, 10_000), st.integers(0, 10**6), st.floats(0, 1e9), st.integers(0, 10**15))
def test_an_estimate_is_never_endless_and_grows_with_the_calls(
    most: int, calls: int, seconds: float, size: int
) -> None:
    found = need(Recorded(most, calls, seconds, size))
    more = need(Recorded(most + 1, calls, seconds, size))
    assert (found.call_kbits >= 0, more.mbits >= found.mbits, found.gigabit_calls >= 0) == (True, True, True)


def test_pieces_grow_and_then_stay() -> None:
    sizes = [next_piece([Sent(1, 1.0)] * number) for number in range(6)]
    assert sizes == [*PIECES, PIECES[-1], PIECES[-1]]


@pytest.mark.parametrize(("elapsed", "seconds"), [(0.0, 0.8), (0.3, 0.5), (5.0, 0.0)])
def test_the_average_stays_at_the_rate(elapsed: float, seconds: float) -> None:
    assert pause([Sent(10_000_000, 0.1)], elapsed, 100) == pytest.approx(seconds)


def test_speed_is_that_of_the_largest_piece_without_the_way() -> None:
    sent = [Sent(1_000_000, 0.1), Sent(8_000_000, 0.12), Sent(8_000_000, 0.5)]
    assert speed(sent, [0.03, 0.02]) == Speed(640.0, 20.0, 17_000_000, 0.72)


def test_a_piece_faster_than_an_empty_question_is_not_endlessly_fast() -> None:
    assert speed([Sent(1_000_000, 0.01)], [0.02]).mbits == 8000.0


@given(
    st.lists(st.builds(Sent, st.integers(1, 10**8), st.floats(0, 100)), min_size=1),
    st.lists(st.floats(0, 100), min_size=1),
)
def test_a_speed_is_a_number(sent: list[Sent], empty: list[float]) -> None:
    assert speed(sent, empty).mbits >= 0

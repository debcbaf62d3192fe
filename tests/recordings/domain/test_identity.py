"""Whether two views are of one call."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.domain.coverage import StreamCoverage
from recordings.domain.identity import View, choose, same_call
from tests.samples.intervals import intervals_of

SECOND = 10**9
DIALOG, OTHER_DIALOG = ("dialog", "d1"), ("dialog", "d2")
STREAM, MEDIA = ("stream", "s1"), ("media", "m1")


def view(
    *keys: tuple[str, str],
    start: int = 0,
    end: int = 10,
    reason: str = "bye",
    packets: range | None = None,
) -> View:
    held = {"s1": StreamCoverage(intervals_of(packets))} if packets is not None else {}
    return View(uuid.uuid4(), frozenset(keys), start * SECOND, end * SECOND, reason, held)


@pytest.mark.parametrize(
    ("new", "known", "same"),
    [
        (view(DIALOG), view(DIALOG), True),
        (view(DIALOG), view(OTHER_DIALOG), False),
        (view(DIALOG, start=100, end=110), view(DIALOG), False),  # used again after a BYE
        (view(DIALOG, start=100, end=110), view(DIALOG, reason="capture_end"), True),  # goes on
        (view(DIALOG, reason="capture_end"), view(DIALOG, start=100, end=110), True),
        (view(DIALOG, start=100, end=110), view(DIALOG, reason=""), False),  # a tombstone of an earlier call
        (view(STREAM, packets=range(10)), view(DIALOG, STREAM, packets=range(5, 15)), True),
        (view(STREAM, packets=range(10)), view(STREAM, packets=range(9, 19)), True),  # ranges touch
        (view(STREAM, packets=range(10)), view(STREAM, packets=range(20_000, 20_010)), False),
        (view(DIALOG, STREAM, packets=range(10)), view(OTHER_DIALOG, STREAM, packets=range(10)), False),
        (view(STREAM, start=100, end=110, packets=range(10)), view(STREAM, packets=range(10)), False),
        (view(STREAM, packets=range(10)), view(STREAM, reason=""), True),  # a tombstone keeps no packets
        (view(MEDIA), view(DIALOG, MEDIA), True),
        (view(MEDIA), view(MEDIA), False),
        (view(DIALOG, MEDIA), view(OTHER_DIALOG, MEDIA), False),
        (view(MEDIA, start=100, end=110), view(DIALOG, MEDIA), False),
    ],
)
def test_keys_times_and_packets_decide(new: View, known: View, same: bool) -> None:
    assert same_call(new, known) == same


def test_an_address_that_fits_two_calls_joins_neither() -> None:
    new = view(MEDIA)
    assert choose(new, [view(DIALOG, MEDIA), view(OTHER_DIALOG, MEDIA)]) == []
    only = view(DIALOG, MEDIA)
    assert choose(new, [only]) == [only]


def test_a_certain_match_makes_addresses_of_others_mean_nothing() -> None:
    new = view(STREAM, MEDIA, packets=range(10))
    certain = view(DIALOG, STREAM, packets=range(10))
    assert choose(new, [view(OTHER_DIALOG, MEDIA), certain]) == [certain]


views = st.builds(
    lambda keys, start, length, reason, packets: View(
        uuid.uuid4(),
        frozenset(keys),
        start * SECOND,
        (start + length) * SECOND,
        reason,
        {"s1": StreamCoverage(intervals_of(packets))} if packets else {},
    ),
    st.sets(st.sampled_from([DIALOG, OTHER_DIALOG, STREAM, MEDIA])),
    st.integers(0, 40),
    st.integers(0, 20),
    st.sampled_from(["bye", "capture_end", "timeout", "cancel"]),
    st.sets(st.integers(0, 30)),
)


@given(views, views)
def test_being_the_same_call_does_not_depend_on_who_came_first(one: View, other: View) -> None:
    assert same_call(one, other) == same_call(other, one)

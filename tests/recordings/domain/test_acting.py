"""The union of what people did on two nodes, and what they type: pure, whatever the order and the text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apresa.shared import clock
from recordings.domain.acting import ActRefused, State, later_than, read_line, read_tag, read_text, united
from recordings.models.act import TAG_LENGTH

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
STATES = st.builds(
    State,
    ended=st.booleans(),
    stamp=st.integers(0, 9).map(lambda second: datetime(2026, 1, 1, second=second, tzinfo=UTC)),
    changed_by=st.sampled_from(["", "anna", "bob"]),
    values=st.tuples(st.text(max_size=3)),
)


@patient
@given(one=STATES, other=STATES)
def test_union_is_the_same_from_either_side(one: State, other: State) -> None:
    assert united(one, other) == united(other, one)


@patient
@given(one=STATES, two=STATES, three=STATES)
def test_union_of_three_is_the_same_in_any_grouping(one: State, two: State, three: State) -> None:
    assert united(united(one, two), three) == united(one, united(two, three))


@patient
@given(one=STATES, other=STATES)
def test_union_again_changes_nothing(one: State, other: State) -> None:
    both = united(one, other)
    assert [united(both, state) for state in (one, other, both)] == [both, both, both]


@patient
@given(one=STATES, other=STATES)
def test_what_was_removed_on_one_side_stays_removed(one: State, other: State) -> None:
    assert united(one, other).ended is (one.ended or other.ended)


def test_of_two_changes_the_later_one_holds() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    older, newer = State(False, early, "bob", ("z",)), State(False, late, "anna", ("a",))
    assert united(older, newer) == newer


def test_change_is_later_than_the_one_before_also_where_the_clock_went_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    ahead = now + timedelta(hours=1)
    assert later_than(None) == now
    assert later_than(now - timedelta(seconds=1)) == now
    assert later_than(ahead) == ahead + timedelta(microseconds=1)


@patient
@given(typed=st.text(max_size=120) | st.none() | st.integers())
def test_tag_is_one_short_line_or_refused(typed: object) -> None:
    try:
        word = read_tag(typed)
    except ActRefused as error:
        assert str(error).endswith(".")  # noqa: PT017 -- most texts are good ones
        return
    assert word == read_tag(word)
    assert 1 <= len(word) <= TAG_LENGTH
    assert word == " ".join(word.split())


@patient
@given(typed=st.text(max_size=60))
def test_text_is_kept_as_every_database_takes_it(typed: str) -> None:
    try:
        text = read_text(typed, 50, "text")
    except ActRefused:
        return
    assert ("\0" in text, "\r" in text, len(text) <= 50) == (False, False, True)
    assert read_text(text.encode().decode(), 50, "text") == text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Write some text."),
        ("  \n ", "Write some text."),
        ("x" * 121, "This is too long: at most 120 characters."),
        ("a\x07b", "This holds a character that cannot be printed."),
    ],
)
def test_line_that_cannot_be_used_gets_one_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(ActRefused) as error:
        read_line(typed, 120, "name")
    assert (str(error.value), error.value.field) == (sentence, "name")


def test_words_are_one_tag_whatever_their_capitals_and_spaces() -> None:
    assert {read_tag(typed) for typed in ("Late  Trade", "late trade", " LATE\ttrade ")} == {"late trade"}

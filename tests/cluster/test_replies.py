"""Raw replies on their way to the other node."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster import replies
from cluster.readers.reply import ReplyError
from cluster.replies import Replies, from_json
from cluster.types import Result, Unknown, Why
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.damage import damaged, read_or_refuse

RESULTS = st.builds(Result, st.lists(st.text()).map(tuple), st.integers(-256, 256), st.text(), st.text()) | st.builds(
    Unknown, st.sampled_from(Why), st.text()
)


@given(st.builds(Replies, st.text(), st.floats(0, 4e9), st.dictionaries(st.text(), RESULTS, max_size=4)))
def test_a_report_comes_back_as_it_was(report: Replies) -> None:
    assert from_json(report.to_json()) == report


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"format": 1', '"format": 2', "the format '2'; this release reads 1"),
        ('"node": "north"', '"node": 7', "no report of a node"),
        ('"code": 0', '"code": "0"', "no report of a node"),
        ('"taken_at": 1000000.0', '"taken_at": "soon"', "no report of a node"),
        ("{", "", "no report of a node"),
    ],
)
def test_a_report_that_is_none_is_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(ReplyError, match=words):
        from_json(healthy().to_json().replace(old, new, 1))


def test_a_report_without_end_is_refused() -> None:
    with pytest.raises(ReplyError, match="longer than"):
        from_json(" " * (replies.LONGEST + 1))


SHORT = Replies("n", 1.0, {"a": Result(("x",), 0, "o", "e"), "b": Unknown(Why.LATE, "d")}).to_json()
JSON = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["node", "taken_at", "results", "why", "argv", "code"]), inner, max_size=4)
    ),
)


@given(damaged(SHORT) | JSON.map(lambda value: json.dumps({"format": 1, "node": "n", "taken_at": 1, "results": value})))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(from_json, text) in {True, False}

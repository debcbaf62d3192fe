"""Answers as a file: whole, or one sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.setup import kept
from cluster.setup.kept import AnswersError
from tests.samples.cluster.set_up import GOOD

OTHER_RELEASE = "^The answers of the set-up are of another release; answer the set-up screen again.$"


def changed(**more: object) -> bytes:
    return json.dumps({**json.loads(kept.as_bytes(GOOD)), **more}).encode()


def test_answers_come_back_as_they_were() -> None:
    assert kept.load(kept.as_bytes(GOOD)) == GOOD


def test_an_answer_with_a_default_may_be_missing() -> None:
    found = json.loads(kept.as_bytes(GOOD))
    del found["witness"], found["first"]["link"]
    assert kept.load(json.dumps(found).encode()) == GOOD


@pytest.mark.parametrize("more", [{"fence": "x"}, {"floating": 7}, {"floating": "x" * 301}, {"witness": "\ud800"}])
def test_foreign_long_or_odd_answers_are_refused(more: dict[str, object]) -> None:
    with pytest.raises(AnswersError, match=OTHER_RELEASE):
        kept.load(changed(**more))


@pytest.mark.parametrize("node", [None, [], {"role": "primary"}, {"name": {}}])
def test_half_a_node_is_refused(node: object) -> None:
    with pytest.raises(AnswersError, match=OTHER_RELEASE):
        kept.load(changed(second=node))


def test_a_file_without_bounds_is_refused() -> None:
    with pytest.raises(AnswersError, match="cannot be read"):
        kept.load(b" " * (kept.LONGEST + 1) + kept.as_bytes(GOOD))


@given(st.binary(max_size=200) | st.dictionaries(st.text(), st.text()).map(lambda value: json.dumps(value).encode()))
def test_no_bytes_but_its_own_give_answers(data: bytes) -> None:
    with pytest.raises(AnswersError):
        kept.load(data)

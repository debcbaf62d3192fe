"""What the other node told: read, kept, read again."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster import told
from cluster.readers.reply import ReplyError
from cluster.replies import Replies
from cluster.told import Repairing, Told, read_answer
from cluster.types import NodeLink, Unknown, Why
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.damage import read_or_refuse

LATE = Unknown(Why.LATE, "No answer.")
REPAIR = Repairing("north", "south", "copy-database", 40, going=True)
UNFIT: tuple[object, ...] = (None, True, [], 10**400)
LINK = NodeLink("0.2.0", "0.1.0", 0.5, 2.25)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def answer(**changes: Any) -> dict[str, Any]:
    """The answer of a node whose clock is an hour ahead; its look was two seconds old."""
    whole = {"release": "0.2.0", "now": 4600.0, "age": 2.0, "replies": json.loads(healthy().to_json())}
    return {**whole, **changes}


def test_an_answer_is_put_on_this_nodes_clock() -> None:
    found = read_answer(answer(), sent=999.5, came=1000.5, own_release="0.1.0")
    assert found == Told(Replies("north", 998.5, healthy().results), NodeLink("0.2.0", "0.1.0", 1.0, 3600.0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[(name, value) for name in ("release", "now", "age", "replies") for value in UNFIT],
        ("age", -1),
        ("now", float("nan")),
        ("replies", {}),
        ("repair", True),
        ("repair", []),
        ("repair", {}),
        ("repair", {"survivor": "north"}),
    ],
)
def test_an_answer_of_another_kind_is_refused(name: str, value: object) -> None:
    with pytest.raises(ReplyError):
        read_answer(answer(**{name: value}), sent=0.0, came=0.0, own_release="")


@given(st.dictionaries(st.sampled_from(["release", "now", "age", "replies", "repair"]), JSON))
def test_any_answer_is_read_or_refused(found: dict[str, Any]) -> None:
    with suppress(ReplyError):
        read_answer(answer(**found), sent=0.0, came=0.0, own_release="")


@pytest.mark.parametrize(
    "one", [Told(), Told(None, LATE), Told(LATE, LINK), Told(healthy(), LINK), Told(healthy(), LINK, REPAIR)]
)
def test_what_was_told_is_read_again_as_it_was(one: Told) -> None:
    assert told.from_json(one.to_json()) == one


def test_a_row_of_before_this_release_has_nothing_told() -> None:
    assert told.from_json("") == Told()


@given(st.text() | JSON.map(json.dumps) | st.builds(lambda link: json.dumps({"replies": None, "link": link}), JSON))
def test_any_row_is_read_or_refused(text: str) -> None:
    read_or_refuse(told.from_json, text)

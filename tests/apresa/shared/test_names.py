"""File names made from what strangers send."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apresa.shared.names import LONGEST, file_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a84b4c76e66710@pc33.example.org", "a84b4c76e66710@pc33.example.org"),
        ("../../x", "%2E.%2F..%2Fx"),
        ("", "%"),
        (".", "%2E"),
        ("..", "%2E."),
        ("a/b\0c", "a%2Fb%00c"),
        ("zoë", "zo%C3%AB"),
        ("100%", "100%25"),
        ("\udcff", "%ED%B3%BF"),
    ],
)
def test_call_id_becomes_this_name(text: str, name: str) -> None:
    assert file_name(text) == name


def test_long_text_is_cut_and_ends_in_a_digest() -> None:
    one, two = file_name("x" * 5000), file_name("x" * 5001)
    assert (len(one), len(two), one == two, one[:100]) == (LONGEST, LONGEST, False, "x" * 100)


@given(st.text(max_size=400))
def test_arbitrary_text_gives_one_bounded_visible_name(text: str) -> None:
    name = file_name(text)
    assert 0 < len(os.fsencode(name)) <= LONGEST
    assert os.path.basename(name) == name
    assert not name.startswith(".")


@given(st.text(max_size=300), st.text(max_size=300))
def test_different_texts_give_different_names(one: str, two: str) -> None:
    assert (file_name(one) == file_name(two)) is (one == two)

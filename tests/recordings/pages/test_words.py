"""How a call ended, in words."""

from recordings.pages.words import how_it_ended, what_changed


def test_the_side_that_hung_up_is_named_where_it_is_known() -> None:
    found = [how_it_ended("bye", None, answered=True, by=by) for by in ("caller", "callee", "")]
    assert found == ["The caller hung up.", "The called side hung up.", "One side hung up."]


def test_each_code_of_a_change_has_words_and_stands_behind_them() -> None:
    codes = "recording details packets facts link not-linked"
    found = what_changed(codes).split(", ")
    assert [one.rpartition(" (")[2].rstrip(")") for one in found] == codes.split()
    assert all(one != f"{code} ({code})" for one, code in zip(found, codes.split(), strict=True))
    assert what_changed("of-another-release") == "of-another-release (of-another-release)"

"""How a call ended, in words."""

from recordings.pages.words import how_it_ended


def test_the_side_that_hung_up_is_named_where_it_is_known() -> None:
    found = [how_it_ended("bye", None, answered=True, by=by) for by in ("caller", "callee", "")]
    assert found == ["The caller hung up.", "The called side hung up.", "One side hung up."]

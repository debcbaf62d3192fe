"""Two nodes with different releases: which one is updated next."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.catalogue import kind
from cluster.decide import decide
from cluster.findings import fill
from cluster.releases import Running, next_one
from cluster.types import ClusterView
from tests.samples.cluster.views import FROM_STANDBY, HEALTHY, LINK

RELEASES = st.text("0123456789.ab-", max_size=12) | st.lists(st.integers(0, 99), min_size=1, max_size=4).map(
    lambda numbers: ".".join(map(str, numbers))
)


@pytest.mark.parametrize(
    ("norths", "souths", "late"),
    [
        ("1.2.0", "1.1.0", "south"),
        ("1.9.0", "1.10.0", "north"),
        ("2.0", "10.0.1", "north"),
        ("1.2", "1.2.1", "north"),
        ("1.2", "1.2.0", "south"),
        ("1.2.0rc1", "1.1.0", "south"),
        ("", "1.1.0", "south"),
    ],
)
def test_the_older_one_is_next_and_without_an_order_the_one_that_is_not_active(
    norths: str, souths: str, late: str
) -> None:
    assert next_one(Running("north", norths), Running("south", souths), "north") == late
    assert next_one(Running("south", souths), Running("north", norths), "north") == late


@given(RELEASES, RELEASES, st.sampled_from(["north", "south", None]))
def test_whatever_they_are_called_it_is_one_of_the_two(norths: str, souths: str, active: str | None) -> None:
    assert next_one(Running("north", norths), Running("south", souths), active) in {"north", "south"}


@pytest.mark.parametrize(("view", "others"), [(HEALTHY, "0.0.9"), (FROM_STANDBY, "0.2.0")])
def test_page_and_status_say_which_node_is_updated_next(view: ClusterView, others: str) -> None:
    (found,) = decide(replace(view, link=replace(LINK, release=others))).findings
    late = "south"
    assert (found.code, found.parameters["late"]) == ("mixed-release", late)
    assert fill(kind(found).step, found.parameters) == (
        f"Finish the update on {late}: put the same release there, and run deploy/install as root."
    )

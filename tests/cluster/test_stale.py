"""An old observation promises nothing."""

import pytest

from cluster.decide import decide
from cluster.findings import Level
from cluster.stale import STALE_AFTER, aged, never
from tests.samples.cluster.views import HEALTHY


def test_a_fresh_look_is_what_it_is() -> None:
    assert aged(decide(HEALTHY), "north", STALE_AFTER) == decide(HEALTHY)


@pytest.mark.parametrize(("seconds", "minutes"), [(31, 1), (90, 2), (86_400, 1440)])
def test_an_old_look_is_unknown_and_not_ready(seconds: float, minutes: int) -> None:
    found = aged(decide(HEALTHY), "north", seconds)
    assert (found.ready, found.level, found.findings[0].code) == (False, Level.UNKNOWN, "observation-old")
    assert found.sentence().startswith(
        f"north does not know how the cluster is now; what follows is {minutes} minutes old. north records."
    )


def test_before_the_first_look_nothing_is_known() -> None:
    assert (never("north").level, never("north").ready) == (Level.UNKNOWN, False)

"""The product's decisions, run over all states of two nodes within bounds that take seconds."""

import pytest

from tests.protocol.mutants import MUTANTS, PARTED
from tests.protocol.scenarios import LOSER_IS_BACK, SPLIT_BRAIN
from tests.protocol.search import search
from tests.protocol.state import Bounds


@pytest.mark.parametrize(
    "bounds", [Bounds(), Bounds(packets=2, faults=0, holes=2, deletes=1), Bounds(calls=2, faults=0, holes=1)]
)
def test_no_order_of_steps_and_failures_loses_doubles_or_brings_back_a_call(bounds: Bounds) -> None:
    result = search(bounds)
    assert (result.broken, result.whole) == ("", True), str(result)


@pytest.mark.parametrize("scenario", [SPLIT_BRAIN, LOSER_IS_BACK])
def test_nothing_is_lost_after_a_split_brain_whatever_fails_next(scenario: tuple[str, ...]) -> None:
    result = search(PARTED, scenario=scenario)
    assert (result.broken, result.whole) == ("", True), str(result)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_found_and_told_in_words(name: str) -> None:
    rules, bounds, scenario = MUTANTS[name]
    result = search(bounds, rules, scenario=scenario)
    print(f"{name}\n{result}")
    assert result.broken[:2] in {"I1", "I2", "I3", "I4", "I5", "I6"}
    assert len(result.steps) == len(str(result).splitlines()) - 1

"""Long random histories with more calls, packets and failures than all states of which could be seen."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.protocol.search import Model
from tests.protocol.state import Bounds

MODEL = Model(Bounds(calls=2, packets=3, faults=4, holes=4, deletes=1))


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = MODEL.bounds.start()
        self.told: list[str] = []

    @rule(choice=st.integers(0, 1000))
    def step(self, choice: int) -> None:
        steps = list(MODEL.steps(self.state))
        if steps:
            label, self.state = steps[choice % len(steps)]
            self.told.append(label)

    @invariant()
    def nothing_is_broken(self) -> None:
        assert MODEL.broken(self.state) == "", self.told


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)

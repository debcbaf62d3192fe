"""Breadth-first over all states within bounds: the shortest counterexample, in words, or none."""

from collections import deque
from dataclasses import dataclass

from tests.protocol.recorder import Recorder, Steps
from tests.protocol.rules import Decisions, Rules, held
from tests.protocol.state import CONTENTS, NAMES, Bounds, State, T, backed, canonical, own
from tests.protocol.world import World


@dataclass(frozen=True)
class Result:
    """How many states were seen; what is broken, "" for nothing; the steps that lead there."""

    states: int
    broken: str = ""
    steps: tuple[str, ...] = ()
    whole: bool = True
    """Whether all states within the bounds were seen."""

    def __str__(self) -> str:
        if not self.broken:
            return f"{self.states} states, no counterexample" + ("" if self.whole else "; stopped at the limit")
        return "\n".join([*(f"{i:3}. {step}" for i, step in enumerate(self.steps, 1)), f"     => {self.broken}"])


class Model:
    def __init__(self, bounds: Bounds, rules: Rules | None = None) -> None:
        self.bounds = bounds
        self.recorder = Recorder(Decisions(rules or Rules()), bounds.packets)
        self.world = World(bounds, self.recorder)

    def lived(self, scenario: tuple[str, ...]) -> State:
        """The state after these steps."""
        s = self.bounds.start()
        for wanted in scenario:
            s = dict(self.steps(s))[wanted]
        return s

    def product(self, s: State) -> Steps:
        """What happens by itself, or is done to repair."""
        yield from self.recorder.steps(s)
        yield from self.world.repairs(s)

    def steps(self, s: State) -> Steps:
        yield from self.product(s)
        yield from self.world.events(s)

    def broken(self, s: State) -> str:
        """The invariant that this state breaks."""
        for c, call in enumerate(s.calls):
            heard = call.seen[0] | call.seen[1]
            safe = 0
            for n, copy in enumerate(call.at):
                safe |= copy.spool
                if not s.nodes[n].bad or (copy.row > 0 and call.at[1 - n].lib & own(copy)):
                    safe |= held(copy)
                if copy.cert and copy.row > 0 and not s.nodes[n].bad and not backed(copy):
                    return f"I2: {NAMES[n]} has a certificate of call {c}, and no file"
                if call.gone == 2 and copy.row > 0 and s.nodes[n].role == "A":
                    return f"I3: call {c} was deleted, and {NAMES[n]} shows it"
            if not call.gone and heard & ~safe:
                return f"I1: packets {heard & ~safe:b} of call {c} are lost"
        if s.nodes[0].role == s.nodes[1].role == "A" and s.drbd in "CS":
            return "I4: both nodes write one device"
        return ""

    def unfinished(self, s: State) -> str:
        """What is wrong with a state in which nothing is left to do."""
        if not s.healthy:
            return "I5: nothing is left to do, and the cluster is not whole"
        for c, call in enumerate(s.calls):
            need = T if call.gone else call.seen[0] | call.seen[1]
            if not need or call.sent <= self.bounds.packets:
                continue
            for n, copy in enumerate(call.at):
                if copy.row != need or copy.stored != call.at[1 - n].stored:
                    return f"I6: call {c} ends on {NAMES[n]} as {copy.row}, not {need}"
                if copy.spool:
                    return f"I6: call {c} stays in the spool of {NAMES[n]}"
                # Of a call that is there, files that a crash left without a row may stay (T3: never removed).
                if (need == T and copy.lib) or copy.former:
                    return f"I6: files of call {c} are left over on {NAMES[n]}: {_named(copy.lib & ~own(copy))}"
        return ""

    def judge(self, s: State) -> str:
        if bad := self.broken(s):
            return bad
        idle = all(canonical(t) == s for _, t in self.product(s))
        return self.unfinished(s) if idle else ""


def _named(files: int) -> list[str]:
    places = [divmod(place, CONTENTS) for place in range(files.bit_length()) if files >> place & 1]
    return [f"version {version} with packets {content:b}" for version, content in places]


def search(
    bounds: Bounds, rules: Rules | None = None, limit: int = 10_000_000, scenario: tuple[str, ...] = ()
) -> Result:
    """All states that come after the scenario, whose failures and holes count among those of the bounds."""
    model = Model(bounds, rules)
    begin = model.lived(scenario)
    start = canonical(begin)
    before: dict[State, State | None] = {start: None}
    queue = deque([start])
    while queue:
        s = queue.popleft()
        if bad := model.broken(s):
            return Result(len(before), bad, scenario + _told(model, before, s, begin))
        idle = True
        for following, ours in ((model.product, True), (model.world.events, False)):
            for _, found in following(s):
                t = canonical(found)
                idle = idle and not (ours and t != s)
                if t not in before:
                    before[t] = s
                    queue.append(t)
        if idle and (bad := model.unfinished(s)):
            return Result(len(before), bad, scenario + _told(model, before, s, begin))
        if len(before) > limit:
            return Result(len(before), whole=False)
    return Result(len(before))


def _told(model: Model, before: dict[State, State | None], s: State, here: State) -> tuple[str, ...]:
    """The way from here to this state, told without exchanging nodes or calls."""
    path = [s]
    while previous := before[path[-1]]:
        path.append(previous)
    told = []
    for wanted in path[-2::-1]:
        label, here = next((label, t) for label, t in model.steps(here) if canonical(t) == wanted)
        told.append(label)
    return tuple(told)

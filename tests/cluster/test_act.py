"""Plans: what they run, that they go on where they were cut short, and what they undo."""

import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest

from cluster import act as acts
from cluster import orders
from cluster.act import ActFailed, Done, Doors, carry_out
from cluster.catalogue.acts import FAILURES, STEPS
from cluster.findings import fill, finding
from cluster.pacemaker_types import PacemakerNode, ResourceRole
from cluster.plans import plan
from cluster.preflight import Act
from cluster.recovery.orders import FIRST, rejoin
from cluster.rejoin_types import Proof, Verdict
from cluster.runner import CommandUnavailable
from cluster.types import Alone, ClusterView, NotRunning, Result, Why
from tests.fakes.runner import Call, expecting
from tests.samples.cluster.views import HEALTHY, PACEMAKER, own, pacemaker

MAINTENANCE = pacemaker(HEALTHY, maintenance=True)


def _standby(node: PacemakerNode) -> PacemakerNode:
    return replace(node, standby=node.name == "north")


SWAPPED = tuple(replace(one, nodes=("south" if one.nodes == ("north",) else "north",)) for one in PACEMAKER.resources)
STOPPED = own(HEALTHY, postgres=NotRunning("off"), standbys=NotRunning("off"), drbd=NotRunning("off"))
IN_STANDBY = tuple(_standby(node) for node in PACEMAKER.nodes)
HANDING_OVER = pacemaker(HEALTHY, nodes=IN_STANDBY)
OVER_IN_STANDBY = pacemaker(STOPPED, nodes=IN_STANDBY, resources=SWAPPED)
HANDED_OVER = pacemaker(STOPPED, resources=SWAPPED)
ON, OFF = orders.standby("north", on=True), orders.standby("north", on=False)


class Seen:
    """The views that follow each other, the last one for ever; and what was told meanwhile."""

    def __init__(self, views: Iterable[ClusterView | Alone]) -> None:
        self.views = list(views)
        self.told: list[str] = []

    def look(self) -> ClusterView | Alone:
        return self.views.pop(0) if len(self.views) > 1 else self.views[0]

    def tell(self, percent: int, name: str) -> None:
        assert 0 <= percent < 100
        assert name in STEPS
        self.told.append(name)


def do(name: str, views: Iterable[ClusterView | Alone], *calls: Call) -> list[Done]:
    seen = Seen(views)
    with expecting(*calls) as runner:
        return carry_out(plan(Act(name), here="north", other="south"), _doors(runner, seen))


def _doors(runner: object, seen: Seen) -> Doors:
    return Doors(runner, seen.look, seen.tell, pause=lambda _seconds: None)  # type: ignore[arg-type]  # a runner by shape


def test_an_act_is_done_when_its_effect_is_seen() -> None:
    done = do("maintenance-on", [HEALTHY, HEALTHY, MAINTENANCE], Call(orders.maintenance(on=True), "ok"))
    assert [(" ".join(one.argv), one.said) for one in done] == [
        ("crm_attribute -t crm_config -n maintenance-mode -v true", "ok")
    ]


def test_what_is_so_already_is_not_done_again() -> None:
    assert do("maintenance-on", [MAINTENANCE]) == []


def test_an_effect_that_is_not_seen_fails() -> None:
    with pytest.raises(ActFailed) as caught:
        do("maintenance-off", [MAINTENANCE], Call(orders.maintenance(on=False)))
    assert caught.value.reason.code == "not-reached"


def test_a_controller_that_starts_anew_is_asked_again() -> None:
    gone = Call(orders.maintenance(on=True), code=102, err="Error connecting to the controller: Connection refused")
    done = do("maintenance-on", [HEALTHY, HEALTHY, MAINTENANCE], gone, gone, Call(orders.maintenance(on=True), "ok"))
    assert [one.said for one in done] == ["ok"]


def test_a_controller_that_stays_away_is_told() -> None:
    gone = Call(orders.maintenance(on=True), code=102, err="Error connecting to the controller: Connection refused")
    with pytest.raises(ActFailed) as caught:
        do("maintenance-on", [HEALTHY], *[gone] * (acts.ASKED_AGAIN + 1))
    assert (caught.value.reason.code, caught.value.reason.parameters["exit"]) == ("command-failed", 102)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (Call(orders.maintenance(on=True), code=1, err="Error performing operation: No such device"), "command-failed"),
        (Call(orders.maintenance(on=True), code=4, err="Error: Permission denied"), "no-rights"),
        (
            Call(orders.maintenance(on=True), unavailable=CommandUnavailable(Why.LATE, "It gave no answer.")),
            "unavailable",
        ),
    ],
)
def test_a_command_that_fails_is_told_in_one_sentence(call: Call, code: str) -> None:
    with pytest.raises(ActFailed) as caught:
        do("maintenance-on", [HEALTHY], call)
    assert caught.value.reason.code == code
    assert "{" not in fill(FAILURES[code], caught.value.reason.parameters)


def test_a_switchover_hands_over_and_lets_the_node_in_again() -> None:
    seen = [HEALTHY, HANDING_OVER, OVER_IN_STANDBY, OVER_IN_STANDBY, OVER_IN_STANDBY, HANDED_OVER]
    assert [one.argv for one in do("switchover", seen, Call(ON), Call(OFF))] == [ON.argv, OFF.argv]


def test_a_switchover_lets_the_database_follow_where_that_is_proven_at_that_moment() -> None:
    proof = Proof("7", 5, 1000, 1120)
    proved = own(OVER_IN_STANDBY, rejoin=Verdict(proof))
    refused = own(OVER_IN_STANDBY, rejoin=Verdict(None, (finding("ticket"),)))
    calls = (Call(ON), Call(rejoin(proof)), Call(OFF))
    seen = [HEALTHY, OVER_IN_STANDBY, proved, OVER_IN_STANDBY, HANDED_OVER]
    assert [one.argv for one in do("switchover", seen, *calls)] == [ON.argv, rejoin(proof).argv, OFF.argv]
    seen = [HEALTHY, OVER_IN_STANDBY, refused, OVER_IN_STANDBY, HANDED_OVER]
    assert [one.argv for one in do("switchover", seen, *calls[::2])] == [ON.argv, OFF.argv]


def test_a_switchover_lets_the_node_in_only_when_everything_runs_on_the_other() -> None:
    moving = [replace(one, role=ResourceRole.STOPPED, nodes=()) if one.name == "address" else one for one in SWAPPED]
    half = pacemaker(OVER_IN_STANDBY, resources=tuple(moving))
    with pytest.raises(ActFailed) as caught:
        do("switchover", [HEALTHY, half], Call(ON), Call(OFF))
    assert caught.value.reason.code == "not-reached"


def test_a_switchover_cut_short_goes_on() -> None:
    steps = plan(Act("switchover"), here="north", other="south")
    assert (steps.begun(HEALTHY), steps.begun(OVER_IN_STANDBY)) == (False, True)
    assert [one.argv for one in do("switchover", [*[OVER_IN_STANDBY] * 3, HANDED_OVER], Call(OFF))] == [OFF.argv]


def test_a_node_that_could_not_hand_over_serves_again() -> None:
    with pytest.raises(ActFailed):
        do("switchover", [HEALTHY, HANDING_OVER], Call(ON), Call(OFF))


def test_an_undo_without_a_reply_does_not_hide_the_fault() -> None:
    gone = CommandUnavailable(Why.LATE, "It gave no answer.")
    with pytest.raises(ActFailed) as caught:
        do("switchover", [HEALTHY, HANDING_OVER], Call(ON), Call(OFF, unavailable=gone))
    assert caught.value.reason.code == "not-reached"


def test_a_join_waits_until_the_node_is_there() -> None:
    waiting = pacemaker(HEALTHY, nodes=(replace(PACEMAKER.nodes[0], online=False), PACEMAKER.nodes[1]))
    assert len(do("join", [Alone("north"), waiting, HEALTHY], Call(orders.JOIN))) == 1


def test_the_first_node_is_started_without_the_mark_of_its_power_cut_and_when_it_serves() -> None:
    done = do("start", [Alone("north"), Alone("north"), HANDED_OVER, HEALTHY], Call(FIRST), Call(orders.JOIN))
    assert [one.argv for one in done] == [FIRST.argv, orders.JOIN.argv]


def test_while_a_command_runs_there_are_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "ALIVE_EVERY", 0.01)
    seen, heard = Seen([HEALTHY]), threading.Event()

    class Slow:
        def run(self, _command: object) -> Result:
            assert heard.wait(20)
            return Result(("crm_resource",), 0, "", "")

    def tell(percent: int, name: str) -> None:
        seen.tell(percent, name)
        if name == "refresh":
            heard.set()

    doors = Doors(Slow(), seen.look, tell)
    carry_out(plan(Act("cleanup", "postgresql", "south"), here="north", other="south"), doors)
    assert "refresh" in seen.told

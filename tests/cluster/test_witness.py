"""Adding and removing a witness: the order of it, whatever fails; and what speaks against it."""

from dataclasses import replace

import pytest

from cluster import witness_plan
from cluster.act import ActFailed, Doors, carry_out
from cluster.catalogue.acts import FAILURES, REASONS, STEPS
from cluster.decide import decide
from cluster.findings import fill
from cluster.plans import plan
from cluster.preflight import Act, reasons
from cluster.types import Alone, ClusterView, NotRunning, Quorum, Unknown, Why
from tests.fakes.pair import HOST, FakePair, Side
from tests.samples.cluster import views
from tests.samples.cluster.views import BOTH, HEALTHY, NORTH, PACEMAKER, SOUTH

NONE = replace(views.CONFIGURATION, witness=False, witness_host="")
TWO = Quorum(True, 2, 2, ("north", "south"), None)
PAIR = FakePair().look()
WITNESSED = FakePair(policy="stop", sides={name: Side(HOST, HOST, client=True) for name in ("north", "south")})
LOST = replace(
    BOTH.own,
    quorum=Quorum(False, 3, 1, ("north",), 0),
    pacemaker=replace(
        PACEMAKER, quorate=False, nodes=(views.node("north"), replace(views.node("south"), online=False))
    ),
)
ALL = ("witness-add", "witness-remove", "witness-alone")
REACH = [f"north apresa-helper witness-reach {HOST}", f"south apresa-helper witness-reach {HOST}"]
ADD = [
    *REACH,
    f"north apresa-helper witness-add {HOST}",
    f"south apresa-helper witness-add {HOST}",
    "north corosync-cfgtool -R",
    "north apresa-helper witness-service on",
    "south apresa-helper witness-service on",
    "north crm_attribute -t crm_config -n no-quorum-policy -v stop",
]
REMOVE = [
    "north crm_attribute -t crm_config -n no-quorum-policy -v ignore",
    "north apresa-helper witness-service off",
    "south apresa-helper witness-service off",
    "north apresa-helper witness-remove",
    "south apresa-helper witness-remove",
    "north corosync-cfgtool -R",
]


def do(pair: FakePair, name: str) -> list[str]:
    def tell(percent: int, step: str) -> None:
        assert 0 <= percent < 100
        assert step in STEPS

    doors = Doors(pair.door("north"), pair.look, tell, pair.door("south"), pause=lambda _seconds: None)
    carry_out(plan(Act(name, host=HOST), here="north", other="south"), doors)
    return pair.done


def witnessed(**changes: object) -> FakePair:
    pair = FakePair(policy="stop", sides={name: Side(HOST, HOST, client=True) for name in ("north", "south")})
    for name, value in changes.items():
        setattr(pair, name, value)
    return pair


def codes(act: Act, view: ClusterView | Alone) -> list[str]:
    found = reasons(act, view, decide(view))
    for one in found:
        fill(REASONS[one.code], one.parameters)
    return [one.code for one in found]


def test_a_witness_is_named_read_connected_and_only_then_obeyed() -> None:
    pair = FakePair()
    assert do(pair, "witness-add") == ADD
    assert (pair.policy, pair.three()) == ("stop", True)


def test_what_is_there_already_is_not_done_again() -> None:
    assert do(witnessed(), "witness-add") == REACH
    assert do(witnessed(policy="ignore"), "witness-add") == [*REACH, ADD[-1]]


def test_a_witness_that_does_not_vote_is_taken_away_again() -> None:
    pair = FakePair(reachable=False)
    with pytest.raises(ActFailed) as caught:
        do(pair, "witness-add")
    assert fill(FAILURES[caught.value.reason.code], caught.value.reason.parameters).startswith(
        f"The witness {HOST} did not vote for both nodes within 40 seconds, so everything was put back."
    )
    assert (pair.policy, pair.sides) == ("ignore", FakePair().sides)
    assert pair.done == [*ADD[:6], *REMOVE]


def test_a_machine_that_does_not_answer_changes_no_file() -> None:
    pair = FakePair(answers=False)
    with pytest.raises(ActFailed) as caught:
        do(pair, "witness-add")
    assert fill(FAILURES[caught.value.reason.code], caught.value.reason.parameters) == (
        "apresa-helper ended with exit code 1: It is not there."
    )
    assert [line for line in pair.done if "witness-add" in line] == []


@pytest.mark.parametrize("number", range(len(ADD)))
def test_whatever_fails_the_pair_is_as_it_was(number: int) -> None:
    pair = FakePair(fails=number)
    with pytest.raises(ActFailed):
        do(pair, "witness-add")
    assert (pair.policy, pair.sides) == ("ignore", FakePair().sides)


def test_a_witness_goes_in_the_other_order() -> None:
    pair = witnessed()
    assert do(pair, "witness-remove") == REMOVE
    assert (pair.policy, pair.sides) == ("ignore", FakePair().sides)


@pytest.mark.parametrize("number", range(len(REMOVE)))
def test_a_removal_that_was_cut_short_goes_on(number: int) -> None:
    pair = witnessed(fails=number)
    with pytest.raises(ActFailed):
        do(pair, "witness-remove")
    pair.fails = -1
    do(pair, "witness-remove")
    assert (pair.policy, pair.sides) == ("ignore", FakePair().sides)


def test_a_lone_node_changes_nothing_but_itself() -> None:
    steps = witness_plan.give_up("").steps
    assert [step.there for step in steps] == [False] * 4
    assert [step.command.name for step in steps] == [
        *("witness-service", "witness-remove", "witness-reload", "quorum-policy")
    ]


def test_without_the_other_node_its_part_is_not_done_here() -> None:
    doors = Doors(FakePair().door("north"), lambda: PAIR, lambda _percent, _step: None, pause=lambda _seconds: None)
    with pytest.raises(ActFailed) as caught:
        carry_out(replace(witness_plan.remove(""), steps=witness_plan.remove("").steps[2:3]), doors)
    assert caught.value.reason.code == "unavailable"


@pytest.mark.parametrize("name", ALL)
def test_a_lone_machine_has_no_witness(name: str) -> None:
    assert codes(Act(name, host=HOST), Alone("north")) == ["alone"]


def test_a_pair_may_be_given_a_witness_and_one_that_has_it_may_lose_it() -> None:
    assert codes(Act("witness-add", host=HOST), PAIR) == []
    assert codes(Act("witness-add", host="witness.example.org"), PAIR) == []
    assert codes(Act("witness-remove"), WITNESSED.look()) == []
    assert codes(Act("witness-add", host=HOST), witnessed(policy="ignore").look()) == []


@pytest.mark.parametrize(
    "host",
    ["", "a b", "-x", "1.2.3", "300.1.1.1", "127.0.0.1", "::1", "0.0.0.0", "224.0.0.1", "fe80::1%eth0", "a" * 254],
)
def test_what_is_no_host_is_no_witness(host: str) -> None:
    assert codes(Act("witness-add", host=host), PAIR) == ["witness-name"]


@pytest.mark.parametrize("host", ["south", "NORTH", "192.0.2.2", "198.51.100.1"])
def test_a_node_is_no_witness(host: str) -> None:
    assert codes(Act("witness-add", host=host), PAIR) == ["witness-inside"]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (BOTH, ["witness-already"]),
        (FakePair(sides={"north": Side("other"), "south": Side()}).look(), ["witness-other"]),
        (replace(PAIR, peer=None), ["other-unknown"]),
        (replace(PAIR, peer=Unknown(Why.LATE, "No answer.")), ["other-unknown"]),
        (replace(PAIR, peer=replace(SOUTH, name="west")), ["other-unknown"]),
        (replace(PAIR, own=replace(PAIR.own, pacemaker=NotRunning("off"))), ["not-joined"]),
        (replace(PAIR, own=replace(PAIR.own, quorum=Unknown(Why.LATE, "No answer."))), ["no-majority"]),
        (replace(PAIR, own=replace(PAIR.own, pacemaker=LOST.pacemaker)), ["node-away"]),
        (replace(PAIR, peer=replace(SOUTH, configuration=NONE, quorum=TWO, drbd=NORTH.drbd)), ["split"]),
    ],
)
def test_nothing_is_added_where_something_is_not_as_it_should(view: ClusterView, expected: list[str]) -> None:
    assert codes(Act("witness-add", host=HOST), view) == expected


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (PAIR, ["no-witness"]),
        (replace(BOTH, peer=None), ["other-unknown"]),
        (replace(BOTH, own=LOST), ["node-away", "no-majority"]),
    ],
)
def test_nothing_is_removed_where_something_is_not_as_it_should(view: ClusterView, expected: list[str]) -> None:
    assert codes(Act("witness-remove"), view) == expected


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (ClusterView(LOST, Unknown(Why.LATE, "No answer.")), []),
        (ClusterView(LOST), []),
        (ClusterView(LOST, SOUTH), ["other-answers"]),
        (ClusterView(replace(LOST, pacemaker=replace(PACEMAKER, quorate=False))), ["other-answers"]),
        (ClusterView(replace(LOST, quorum=Unknown(Why.LATE, "No answer."))), ["majority"]),
        (ClusterView(replace(LOST, configuration=NONE)), ["no-witness"]),
        (ClusterView(replace(LOST, pacemaker=NotRunning("off"))), ["not-joined"]),
        (HEALTHY, ["majority", "other-answers"]),
    ],
)
def test_only_a_node_that_has_lost_both_goes_on_alone(view: ClusterView, expected: list[str]) -> None:
    assert codes(Act("witness-alone"), view) == expected

"""What speaks against a change of fencing, and which answers are none."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster import fencing
from cluster.catalogue.acts import FAILURES, REASONS, STEPS, TITLES, WILL
from cluster.decide import decide
from cluster.fencing import AGENTS, Switch, faults
from cluster.fencing_plan import PLANS
from cluster.pacemaker_types import Resource, ResourceKind, ResourceRole
from cluster.plans import plan
from cluster.preflight import Act, reasons
from cluster.types import Alone, ClusterView, NotRunning
from tests.samples.cluster import views
from tests.samples.cluster.views import HEALTHY, PACEMAKER, own, pacemaker

ADD = Act("fencing-add", host="192.0.2.7", agent="fence_ipmilan", user="apresa")
GOOD = Switch("south", "fence_ipmilan", "192.0.2.7", "apresa")
NAMES = tuple(fencing.AGAINST)
LONELY = pacemaker(HEALTHY, nodes=(views.node("north"), replace(views.node("south"), online=False)))


def device(node: str, role: ResourceRole = ResourceRole.STARTED, *, failed: bool = False) -> Resource:
    return Resource(f"fence_{node}", ResourceKind.FENCING, role, ("north",), managed=True, failed=failed, blocked=False)


def fenced(*devices: Resource, on: bool = False) -> ClusterView:
    return pacemaker(HEALTHY, resources=(*PACEMAKER.resources, *devices), fencing=on)


BOTH = (device("south"), device("north"))


def codes(act: Act | str, view: ClusterView | Alone) -> list[str]:
    act = Act(act) if isinstance(act, str) else act
    return [one.code for one in reasons(act, view, decide(view))]


def test_each_act_has_its_texts_and_a_plan_whose_steps_have_theirs() -> None:
    assert set(PLANS) == set(NAMES)
    for name in NAMES:
        assert name in TITLES
        assert name in WILL
        steps = plan(replace(ADD, name=name), here="north", other="south")
        assert {step.name for step in (*steps.steps, *steps.undo)} - set(STEPS) == set()
        assert {step.fault.code for step in steps.steps if step.fault} - set(FAILURES) == set()
        assert {step.refusal.code for step in steps.steps if step.refusal} - set(FAILURES) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_lone_machine_has_nobody_to_fence(name: str) -> None:
    assert codes(Act(name), Alone("north")) == ["alone"]


@pytest.mark.parametrize("name", NAMES)
def test_a_node_outside_the_cluster_changes_nothing(name: str) -> None:
    act = replace(ADD, name=name)
    assert codes(act, own(HEALTHY, pacemaker=NotRunning("off"))) == ["not-joined"]


@pytest.mark.parametrize(
    ("act", "view", "expected"),
    [
        (ADD, fenced(), []),
        (ADD, fenced(device("north")), []),
        (ADD, fenced(device("south")), ["fence-exists"]),
        (ADD, fenced(device("south", ResourceRole.STOPPED)), ["fence-exists"]),
        (ADD, LONELY, ["node-away"]),
        (ADD, pacemaker(HEALTHY, quorate=False), ["no-majority"]),
        ("fencing-test", fenced(), ["no-fencing"]),
        ("fencing-test", fenced(device("south")), []),
        ("fencing-on", fenced(*BOTH), []),
        ("fencing-on", fenced(*BOTH, on=True), ["fencing-on-already"]),
        ("fencing-on", fenced(device("south")), ["fence-not-ready"]),
        ("fencing-on", fenced(device("south", failed=True), device("north")), ["fence-not-ready"]),
        ("fencing-on", LONELY, ["node-away", "fence-not-ready", "fence-not-ready"]),
        ("fencing-off", fenced(*BOTH, on=True), []),
        ("fencing-off", fenced(*BOTH), ["fencing-off-already"]),
        ("fencing-off", pacemaker(LONELY, fencing=True), []),
        ("fencing-remove", fenced(device("south")), []),
        ("fencing-remove", fenced(), ["no-fencing"]),
        ("fencing-remove", LONELY, ["node-away", "no-fencing"]),
    ],
)
def test_what_speaks_against_it_is_told(act: Act | str, view: ClusterView, expected: list[str]) -> None:
    assert codes(act, view) == expected
    assert set(expected) - set(REASONS) == set()


def test_with_a_witness_nobody_waits_to_shoot() -> None:
    delays = [
        dict(step.command.order.values)["delay"] for step in PLANS["fencing-on"](GOOD).steps if step.command.order
    ]
    assert delays == [0, 2]


TEXTS = st.text(max_size=300) | st.sampled_from(
    ["a b", 'a"', "a\n", "-a", "a;b", "$(a)", "192.0.2.7", "vm2", "2001:db8::1"]
)


@given(st.sampled_from([*AGENTS, "fence_sbd"]) | TEXTS, TEXTS, TEXTS, TEXTS)
def test_what_could_break_a_line_is_never_a_good_answer(agent: str, address: str, user: str, plug: str) -> None:
    if not list(faults(Switch("south", agent, address, user, plug))):
        assert agent in AGENTS
        assert set(address + user + plug).isdisjoint(" \t\r\n\"'`$\\;|&<>(){}=#")
        assert not (address + user + plug).startswith("-")
        assert AGENTS[agent] == bool(plug)

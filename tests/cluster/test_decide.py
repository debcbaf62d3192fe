"""The judgement: each bad state is noticed, and the big sentence says what it means."""

from dataclasses import replace
from typing import Any

import pytest

from cluster.catalogue import KINDS, kind
from cluster.decide import RULES, decide
from cluster.drbd_types import DrbdDisk, DrbdReplication
from cluster.findings import Level, Takeover, finding
from cluster.pacemaker_types import ResourceRole
from cluster.types import Alone, ClusterView, Interface
from tests.samples.cluster import views
from tests.samples.cluster.bad_states import BAD, LATE, NOBODY, OFF, QUORUM, READY, SPLIT, WORTH_KNOWING
from tests.samples.cluster.views import (
    BOTH,
    FROM_STANDBY,
    HEALTHY,
    NORTH,
    PACEMAKER,
    SOUTH,
    drbd,
    own,
    pacemaker,
    resources,
)


@pytest.mark.parametrize("view", [HEALTHY, FROM_STANDBY, BOTH, ClusterView(SOUTH, NORTH)])
def test_a_healthy_pair_is_ready_from_either_side(view: ClusterView) -> None:
    judgement = decide(view)
    assert (judgement.sentence(), judgement.level, judgement.findings) == (READY, Level.NOTE, ())
    assert (judgement.active, judgement.standby, judgement.ready) == ("north", "south", True)


def test_a_machine_without_a_cluster_stands_alone() -> None:
    judgement = decide(Alone("north"))
    assert judgement.sentence() == "north stands alone: it records, and no other node takes over."
    assert (judgement.level, judgement.findings, judgement.ready) == (Level.NOTE, (), False)


def test_a_machine_that_lost_its_cluster_is_told() -> None:
    judgement = decide(Alone("north", lost_its_cluster=True))
    assert judgement.findings == (finding("configuration-missing", node="north"),)
    assert (judgement.sentence(), judgement.level) == ("north cannot see which node records.", Level.CRITICAL)


@pytest.mark.parametrize(("code", "sentence", "view"), BAD)
def test_a_bad_state_is_noticed_and_said(code: str, sentence: str, view: ClusterView) -> None:
    judgement = decide(view)
    assert code in {one.code for one in judgement.findings}
    assert judgement.sentence()[: len(sentence)] == sentence
    assert (judgement.ready, judgement.level > Level.NOTE) == (False, True)


@pytest.mark.parametrize(("code", "view"), WORTH_KNOWING)
def test_what_stops_no_takeover_is_told_all_the_same(code: str, view: ClusterView) -> None:
    judgement = decide(view)
    assert [one.code for one in judgement.findings] == [code]
    assert (judgement.sentence(), judgement.ready) == (READY, True)


def test_a_sync_says_how_much_and_how_long() -> None:
    view = drbd(
        HEALTHY,
        replication=DrbdReplication.SYNC_SOURCE,
        peer_disk=DrbdDisk.INCONSISTENT,
        out_of_sync=9,
        percent=43.0,
        seconds_left=7800,
    )
    judgement = decide(view)
    assert judgement.sentence() == (
        "north records. south is not ready to fail over: 43.0 % of the recordings are copied, 2 h 10 min left. "
        "If north fails now, no node takes over."
    )
    assert [one.code for one in judgement.findings] == ["drbd-syncing"]


def test_a_sync_without_an_estimate_says_how_much() -> None:
    view = drbd(HEALTHY, replication=DrbdReplication.SYNC_TARGET, percent=None)
    assert "south is not ready to fail over: ? % of the recordings are copied." in decide(view).sentence()


def test_a_cut_link_is_a_split_brain_only_when_both_sides_are_seen() -> None:
    alone = (views.node("north"), replace(views.node("south"), online=False))
    cut = pacemaker(HEALTHY, nodes=alone)
    mirrored = resources(FROM_STANDBY, lambda one: replace(one, nodes=("south",)) if one.nodes == ("north",) else one)
    assert decide(cut).sentence() == NOBODY
    assert decide(replace(cut, peer=replace(mirrored.own, postgres=OFF))).sentence() == SPLIT


def test_a_node_in_the_minority_does_not_claim_that_nobody_is_active() -> None:
    gone = (replace(views.node("north"), online=False), views.node("south"))
    stopped = tuple(replace(one, role=ResourceRole.STOPPED, nodes=()) for one in PACEMAKER.resources)
    minority = replace(PACEMAKER, nodes=gone, resources=stopped, quorate=False)
    idle = replace(SOUTH, pacemaker=minority, postgres=OFF, receiver=OFF, drbd=OFF)
    assert decide(ClusterView(idle)).sentence() == "south cannot see which node records."
    assert decide(ClusterView(idle, NORTH)).sentence() == NOBODY


@pytest.mark.parametrize(
    ("ring", "carried", "codes"),
    [
        ("2001:db8:0::1", "2001:db8::1", ["one-link"]),
        ("north.example.org", "192.0.2.1", ["one-link"]),
        ("2001:db8::2", "2001:db8::1", ["interface-down", "one-link"]),
    ],
)
def test_addresses_are_compared_as_addresses(ring: str, carried: str, codes: list[str]) -> None:
    nodes = tuple(replace(one, addresses=(ring,)) for one in views.CONFIGURATION.nodes)
    configuration = replace(views.CONFIGURATION, nodes=nodes)
    view = own(HEALTHY, configuration=configuration, interfaces=(Interface("eth0", True, (carried,)),))
    assert [one.code for one in decide(view).findings] == codes


def test_findings_come_worst_first_and_once() -> None:
    view = pacemaker(HEALTHY, maintenance=True, quorate=False)
    view = replace(view, own=replace(view.own, quorum=replace(QUORUM, quorate=False, total_votes=1), clock=LATE))
    assert [one.code for one in decide(view).findings] == ["no-quorum", "not-known", "maintenance"]


def test_unknown_parts_with_one_cause_are_one_finding() -> None:
    judgement = decide(own(HEALTHY, postgres=LATE, receiver=LATE, clock=LATE))
    assert [one.parameters["part"] for one in judgement.findings] == ["PostgreSQL, PostgreSQL's receiver, the clock"]


@pytest.mark.parametrize("rule", RULES)
def test_without_a_rule_some_bad_state_is_missed(rule: Any) -> None:
    left = [other for other in RULES if other is not rule]
    states = [(code, view) for code, _, view in BAD] + WORTH_KNOWING
    missed = [code for code, view in states if code not in {one.code for one in decide(view, left).findings}]
    assert missed != []


def test_every_code_but_one_has_a_state_that_brings_it() -> None:
    seen = {one.code for _, _, view in BAD for one in decide(view).findings} | {code for code, _ in WORTH_KNOWING}
    assert set(KINDS) - seen == {
        "configuration-missing",
        "drbd-syncing",
        "observation-old",
    }  # each has a test of its own


def test_only_what_stops_nothing_may_be_less_than_a_warning() -> None:
    for _, _, view in BAD:
        for one in decide(view).findings:
            assert kind(one).takeover is Takeover.UNTOUCHED or kind(one).level > Level.NOTE


def test_a_service_that_is_just_starting_is_a_warning_and_no_alarm() -> None:
    """So that nobody is called while a cluster that was just switched on comes up."""
    starting = resources(HEALTHY, lambda one: replace(one, role=ResourceRole.CHANGING) if one.name == "volume" else one)
    assert decide(starting).level is Level.WARNING

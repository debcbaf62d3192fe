"""The judgement over any view: what must hold whatever the nodes say."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from cluster.catalogue import kind
from cluster.decide import RULES, Rule, decide
from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.findings import fill
from cluster.pacemaker_types import FailedAction, Pacemaker, PacemakerNode, Resource, ResourceKind, ResourceRole
from cluster.rules import database, nodes, recordings, whole
from cluster.status import as_data
from cluster.types import (
    Check,
    Clock,
    ClusterView,
    ControlData,
    Disk,
    Interface,
    NodeLink,
    NodeView,
    NotRunning,
    Postgres,
    Quorum,
    Receiver,
    RingLink,
    Services,
    Standby,
    Unknown,
    Why,
)
from tests.samples.cluster import views
from tests.samples.cluster.bad_states import BAD

UNKNOWN = st.builds(Unknown, st.sampled_from(Why), st.just("nobody knows"))
OFF = st.builds(NotRunning, st.just("off"))
NAMES = st.sampled_from(["north", "south"])
FLAG = st.booleans()
EXHAUSTIVE = settings(max_examples=5000, deadline=None, derandomize=True, database=None)


def often(good: Any, any_: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what a healthy pair says, so that views come near to health and miss it by one thing."""
    return st.one_of(st.just(good), st.just(good), st.just(good), any_)


def tuples(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(one, max_size=3).map(tuple)


NODES = st.tuples(
    *(st.builds(PacemakerNode, st.just(name), FLAG, FLAG, FLAG, FLAG, FLAG, FLAG) for name in ("north", "south"))
)
RESOURCE = st.builds(
    Resource,
    st.sampled_from(["postgresql", "drbd_r0", "address"]),
    st.sampled_from(ResourceKind),
    st.sampled_from(ResourceRole),
    tuples(NAMES),
    FLAG,
    FLAG,
    FLAG,
)
ATTRIBUTES = st.dictionaries(
    NAMES,
    st.dictionaries(
        st.sampled_from(["postgresql-status", "postgresql-data-status"]),
        st.sampled_from(["PRI", "HS:async", "HS:alone", "STOP", "LATEST", "STREAMING|ASYNC", "DISCONNECT"]),
    ),
)
RESOURCES = often(
    views.PACEMAKER.resources,
    tuples(RESOURCE) | st.tuples(*(often(one, RESOURCE) for one in views.PACEMAKER.resources)),
)
PACEMAKER = st.builds(
    Pacemaker,
    often(True, FLAG),
    often(True, FLAG),
    FLAG,
    often(False, FLAG),
    often(False, FLAG),
    often(views.PACEMAKER.nodes, NODES),
    RESOURCES,
    often(views.PACEMAKER.attributes, ATTRIBUTES),
    often((), tuples(st.builds(FailedAction, st.just("o"), NAMES, st.just("r"), st.just("")))),
)
DRBD = st.builds(
    Drbd,
    st.sampled_from(DrbdRole),
    often(DrbdDisk.UP_TO_DATE, st.sampled_from(DrbdDisk)),
    often(DrbdConnection.CONNECTED, st.sampled_from(DrbdConnection)),
    often(DrbdReplication.ESTABLISHED, st.sampled_from(DrbdReplication)),
    st.sampled_from(DrbdRole),
    often(DrbdDisk.UP_TO_DATE, st.sampled_from(DrbdDisk)),
    often(False, st.sampled_from([True, None])),
    often("C", st.sampled_from(["A", None])),
    often(0, st.sampled_from([4, None])),
)
POSITION = st.none() | st.integers(0, 1 << 31)
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "configuration": UNKNOWN,
    "pacemaker": PACEMAKER | OFF | UNKNOWN,
    "quorum": st.builds(Quorum, FLAG, st.just(3), st.just(3), tuples(NAMES), st.sampled_from([0, 1, None]))
    | OFF
    | UNKNOWN,
    "links": tuples(st.builds(RingLink, st.integers(0, 1), st.just("a"), st.just(2), FLAG)) | OFF | UNKNOWN,
    "interfaces": tuples(st.builds(Interface, st.just("eth0"), FLAG, st.just(("192.0.2.1",)))) | UNKNOWN,
    "drbd": DRBD | OFF | UNKNOWN,
    "postgres": st.builds(Postgres, FLAG, POSITION, POSITION) | OFF | UNKNOWN,
    "standbys": tuples(
        st.builds(Standby, NAMES, st.sampled_from(["streaming", "catchup"]), st.just("async"), POSITION, POSITION)
    )
    | OFF
    | UNKNOWN,
    "receiver": st.builds(
        Receiver,
        st.sampled_from(["streaming", "waiting"]),
        st.none() | st.integers(1, 9),
        POSITION,
        st.none() | st.floats(-9, 9),
    )
    | OFF
    | UNKNOWN,
    "control": st.builds(ControlData, st.sampled_from(["1", "2"]), st.just("in production"), st.integers(1, 9))
    | UNKNOWN,
    "clock": st.builds(Clock, FLAG) | UNKNOWN,
    "services": st.builds(
        Services,
        tuples(st.builds(Check, st.sampled_from(["capture", "web", "database", "other"]), FLAG, st.just("why"))),
        tuples(st.builds(Disk, st.just(("data",)), st.integers(1, 99), st.integers(0, 99))),
        tuples(st.tuples(st.integers(0, 3), st.integers(0, 99))),
    )
    | st.none()
    | UNKNOWN,
}


LINK = st.builds(NodeLink, st.sampled_from("12"), st.just("1"), st.floats(0, 9), st.floats(-9, 9))


def node_views(near: NodeView) -> st.SearchStrategy[NodeView]:
    """A good view of a node with up to three parts replaced by anything."""
    part = st.sampled_from(sorted(PARTS)).flatmap(lambda name: PARTS[name].map(lambda value: (name, value)))
    return st.lists(part, max_size=3).map(lambda changes: replace(near, **dict(changes)))


VIEWS = st.one_of(
    [
        st.builds(
            ClusterView,
            node_views(near),
            st.none() | UNKNOWN | node_views(far),
            st.none() | UNKNOWN | LINK,
            st.floats(0, 60),
        )
        for near, far in (
            (views.NORTH, views.SOUTH),
            (views.SOUTH, views.NORTH),
            (views.NORTH, views.TAKEN_OVER),  # a switchover between the two reports
        )
    ]
)


def reports(view: ClusterView) -> list[NodeView]:
    return [view.own, *([view.peer] if isinstance(view.peer, NodeView) else [])]


def is_good(view: NodeView, *, active: str) -> bool:
    """What must be positively known before a takeover may be promised: written anew, apart from the rules."""
    pacemaker, drbd, quorum = view.pacemaker, view.drbd, view.quorum
    if not (isinstance(pacemaker, Pacemaker) and isinstance(drbd, Drbd) and isinstance(quorum, Quorum)):
        return False
    here = view.name == active
    good_nodes = {
        node.name
        for node in pacemaker.nodes
        if node.online and not (node.standby or node.maintenance or node.pending or node.unclean or node.shutdown)
    }
    follows = (
        isinstance(view.standbys, tuple) and any(row.streaming and row.name != active for row in view.standbys)
        if here
        else isinstance(view.receiver, Receiver) and view.receiver.streaming
    )
    return (
        good_nodes >= {"north", "south"}
        and pacemaker.quorate
        and not pacemaker.maintenance
        and quorum.quorate
        and quorum.witness_votes == 1
        and pacemaker.promoted(ResourceKind.DATABASE) == {active} == pacemaker.promoted(ResourceKind.DRBD)
        and isinstance(view.postgres, Postgres)
        and view.postgres.in_recovery is not here
        and follows
        and (drbd.connection, drbd.replication) == (DrbdConnection.CONNECTED, DrbdReplication.ESTABLISHED)
        and (drbd.disk, drbd.peer_disk) == (DrbdDisk.UP_TO_DATE, DrbdDisk.UP_TO_DATE)
        and (drbd.role if here else drbd.peer_role) is DrbdRole.PRIMARY
        and (drbd.peer_role if here else drbd.role) is DrbdRole.SECONDARY
    )


def is_false_promise(view: ClusterView, rules: Sequence[Rule] = RULES) -> bool:
    """Whether a takeover is promised that is not known to work."""
    judgement = decide(view, rules)
    return judgement.ready and not all(is_good(one, active=judgement.active or "") for one in reports(view))


@settings(max_examples=150, deadline=None)
@given(VIEWS)
def test_ready_is_promised_only_where_all_is_known_and_good(view: ClusterView) -> None:
    assert not is_false_promise(view)


@pytest.mark.parametrize("rule", [nodes.votes, database.servers, recordings.volume, whole.unknown_parts])
def test_a_rule_that_looks_away_is_caught(rule: Rule) -> None:
    rules = [other for other in RULES if other is not rule]
    assert find(VIEWS, lambda view: is_false_promise(view, rules), settings=EXHAUSTIVE)


@settings(max_examples=150, deadline=None)
@given(VIEWS)
def test_unknown_anywhere_is_never_ready(view: ClusterView) -> None:
    parts = [getattr(report, field.name) for report in reports(view) for field in fields(report)]
    if any(isinstance(part, Unknown) for part in [*parts, view.peer]):
        judgement = decide(view)
        assert (judgement.ready, "takes-over" in {one.code for one in judgement.phrases}) == (False, False)


@settings(max_examples=150, deadline=None)
@given(VIEWS)
def test_two_that_act_as_primary_are_never_called_healthy(view: ClusterView) -> None:
    writing = {one.name for one in reports(view) if isinstance(one.postgres, Postgres) and not one.postgres.in_recovery}
    promoted = {
        name
        for one in reports(view)
        if isinstance(one.pacemaker, Pacemaker)
        for name in one.pacemaker.promoted(ResourceKind.DATABASE)
    }
    if len(writing) > 1 or len(promoted) > 1:
        judgement = decide(view)
        assert not judgement.ready
        assert judgement.findings != ()


@settings(max_examples=150, deadline=None)
@given(VIEWS)
def test_a_judgement_is_whole_and_can_be_said(view: ClusterView) -> None:
    judgement = decide(view)
    levels = [kind(one).level for one in judgement.findings]
    assert levels == sorted(levels, reverse=True)
    assert judgement.level == max(levels, default=0)
    assert judgement.ready == ("takes-over" in {one.code for one in judgement.phrases})
    assert as_data(judgement)["sentence"].endswith(".")
    for one in judgement.findings:
        about = kind(one)
        assert all(fill(text, one.parameters) for text in (about.sentence, about.fact, about.step))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([view for _, _, view in BAD]), st.sampled_from([view for _, _, view in BAD]))
def test_a_second_fault_never_hides_the_first(one: ClusterView, other: ClusterView) -> None:
    changes = {
        field.name: getattr(other.own, field.name)
        for field in fields(other.own)
        if getattr(other.own, field.name) != getattr(views.NORTH, field.name)
        and getattr(one.own, field.name) == getattr(views.NORTH, field.name)
    }
    if one.own.name == "north":
        assert decide(replace(one, own=replace(one.own, **changes))).ready is False

"""Two reports → one view; the judgement as data."""

import math
from dataclasses import replace

import pytest

from cluster.decide import decide
from cluster.findings import Level
from cluster.status import EXIT_CODES, as_data, view_of
from cluster.types import Alone, ClusterView, NodeView, Result, Unknown, Why
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.bad_states import BAD

HERE = healthy()
GONE = Result((), 1, "", "cat: /etc/corosync/corosync.conf: No such file or directory")


def test_the_peer_is_not_asked_unless_its_report_is_there() -> None:
    view = view_of(HERE, None, in_cluster=True)
    assert isinstance(view, ClusterView)
    assert (view.own.name, view.peer) == ("north", None)


def test_the_peers_report_is_read_like_the_own_one() -> None:
    view = view_of(HERE, replace(HERE, node="south"), in_cluster=True)
    assert isinstance(view, ClusterView)
    assert isinstance(view.peer, NodeView)
    assert view.peer.name == "south"


def test_the_view_knows_how_far_the_two_reports_are_apart() -> None:
    view = view_of(HERE, replace(HERE, node="south", taken_at=HERE.taken_at - 7), in_cluster=True)
    assert isinstance(view, ClusterView)
    assert view.apart == 7.0


@pytest.mark.parametrize("taken_at", [0.0, HERE.taken_at - 61, HERE.taken_at + 61, math.inf, math.nan])
def test_a_report_from_another_time_counts_as_unknown(taken_at: float) -> None:
    view = view_of(HERE, replace(HERE, node="south", taken_at=taken_at), in_cluster=True)
    assert isinstance(view, ClusterView)
    assert isinstance(view.peer, Unknown)
    assert view.peer.why == Why.LATE


def test_a_peer_without_a_cluster_is_unknown() -> None:
    view = view_of(HERE, healthy(configuration=GONE), in_cluster=True)
    assert isinstance(view, ClusterView)
    assert view.peer == Unknown(Why.MISSING, "No cluster is set up on north.")


@pytest.mark.parametrize("in_cluster", [False, True])
def test_a_machine_without_configuration_remembers_whether_it_had_one(in_cluster: bool) -> None:
    assert view_of(healthy(configuration=GONE), None, in_cluster=in_cluster) == Alone("north", in_cluster)


def test_the_data_have_codes_and_sentences() -> None:
    data = as_data(decide(view_of(healthy(clock=Unknown(Why.LATE, "No answer.")), None, in_cluster=True)))
    assert (data["level"], data["exit_code"], data["ready"]) == ("unknown", 3, False)
    assert [one["code"] for one in data["phrases"]] == ["records", "uncertain", "takeover-uncertain"]
    assert data["findings"] == [
        {
            "code": "not-known",
            "level": "unknown",
            "takeover": "uncertain",
            "parameters": {"node": "north", "part": "the clock", "why": "late", "detail": "No answer."},
            "sentence": "north cannot tell the state of: the clock.",
            "fact": "late: No answer.",
            "step": "Look at that part on north; run this as root, as some of the tools answer nobody else.",
        }
    ]


def test_a_bad_state_never_ends_with_the_good_exit_code() -> None:
    assert [code for code, _, view in BAD if EXIT_CODES[decide(view).level] == 0] == []
    assert EXIT_CODES == {Level.NOTE: 0, Level.WARNING: 1, Level.CRITICAL: 2, Level.UNKNOWN: 3}

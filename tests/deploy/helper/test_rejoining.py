"""The agent's mark goes only from the very files that it was proven of."""

import subprocess
from pathlib import Path

import pytest
from apresa_helper import rejoining
from apresa_helper.machine import Failed
from apresa_helper.values import Refused
from hypothesis import given
from hypothesis import strategies as st

from cluster.recovery import rejoin as pure

GOOD = ("77", "5", "0/9000028", "0/90000A0")
CONTROL = """Database system identifier:           77
Database cluster state:               shut down
Latest checkpoint location:           0/9000028
Latest checkpoint's TimeLineID:       5
Minimum recovery ending location:     0/0
"""


class Node:
    """The files of one node, and what pg_controldata says of them."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.control, self.runs, self.folder = CONTROL, False, root
        self.lock = root / "PGSQL.lock"
        self.lock.touch()
        monkeypatch.setattr(rejoining, "AGENT_FILES", str(root))
        monkeypatch.setattr(rejoining, "server_runs", lambda _data: self.runs)
        monkeypatch.setattr(
            rejoining, "as_postgres", lambda *argv: subprocess.CompletedProcess(argv, 0, self.control, "")
        )


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    return Node(tmp_path, monkeypatch)


def test_the_mark_goes_from_files_that_end_where_the_other_node_went_on(node: Node) -> None:
    for _again in range(2):
        assert rejoining.rejoin(*GOOD) == "the database may follow the other node's"
    assert not node.lock.exists()


def test_a_standby_that_bears_the_mark_is_measured_by_its_recovery(node: Node) -> None:
    node.control = CONTROL.replace("shut down", "shut down in recovery").replace("0/0\n", "0/9000500\n")
    with pytest.raises(Refused, match="no more those"):
        rejoining.rejoin(*GOOD)
    rejoining.rejoin("77", "5", "0/9000500", "0/9000500")
    assert not node.lock.exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (("78", *GOOD[1:]), "no more those"),
        (("77", "6", *GOOD[2:]), "no more those"),
        (("77", "5", "0/9000030", "0/90000A8"), "no more those"),
        ((*GOOD[:3], "0/900009F"), "has a last part"),
        ((*GOOD[:3], "0/9000028"), "has a last part"),
        (("x", *GOOD[1:]), "system identifier"),
        (("77", "0", *GOOD[2:]), "system identifier"),
        ((*GOOD[:2], "9000028", GOOD[3]), "two hexadecimal numbers"),
    ],
)
def test_other_files_keep_their_mark(node: Node, values: tuple[str, str, str, str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rejoining.rejoin(*values)
    assert node.lock.exists()


def test_a_server_that_runs_keeps_its_mark(node: Node) -> None:
    node.runs = True
    with pytest.raises(Refused, match="runs"):
        rejoining.rejoin(*GOOD)
    assert node.lock.exists()


def test_an_open_recovery_is_not_ended_by_the_way(node: Node) -> None:
    (node.folder / "apresa.recovering").touch()
    with pytest.raises(Refused, match="has not ended"):
        rejoining.rejoin(*GOOD)
    assert node.lock.exists()


@pytest.mark.parametrize("state", ["in production", "shutting down", "in crash recovery", "in archive recovery"])
def test_a_database_that_was_not_shut_down_in_order_keeps_its_mark(node: Node, state: str) -> None:
    node.control = CONTROL.replace("shut down", state)
    with pytest.raises(Refused, match="not shut down in order"):
        rejoining.rejoin(*GOOD)
    assert node.lock.exists()


def test_files_that_tell_too_little_keep_their_mark(node: Node) -> None:
    node.control = CONTROL.replace("Minimum recovery ending location:     0/0\n", "")
    with pytest.raises(Failed, match="does not tell"):
        rejoining.rejoin(*GOOD)
    assert node.lock.exists()


@given(position=st.integers(0, 2**40), state=st.sampled_from(rejoining.CLEAN))
def test_helper_and_service_measure_alike(position: int, state: str) -> None:
    assert rejoining.end_of(position, state) == pure.end_of(position, state)

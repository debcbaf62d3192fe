"""What is typed after script/lab, and the table at the end of the drills."""

import json

import pytest

from tests.lab.cluster.drills import NAMES
from tests.lab.cluster.options import options
from tests.lab.cluster.table import as_json, table

ROWS = [("restart", "outage", 3.0), ("restart", "repair", 20.0), ("restart", "outage", 9.0), ("restart", "outage", 4.0)]
COUNTS = [("calls", "calls stored, of 20", 20), ("calls", "calls stored, of 20", 19)]


def test_a_drill_is_done_once_with_the_environments_seed_unless_more_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APRESA_TEST_SEED", "42")
    plain, more = options(["drill", "restart"]), options(["drill", "calls", "--repeat", "3", "--seed", "7", "--json"])
    assert (plain.names, plain.repeat, plain.seed, plain.json) == (["restart"], 1, 42, False)
    assert (more.names, more.repeat, more.seed, more.json) == (["calls"], 3, 7, True)


@pytest.mark.parametrize("link", ["nodes", "switch", "replication", "1", "2"])
@pytest.mark.parametrize("command", ["cut", "join"])
def test_a_link_is_one_or_all_between_the_nodes_or_the_cable_of_one(command: str, link: str) -> None:
    chosen = options([command, link])
    assert (chosen.command, chosen.link) == (command, link)


def test_a_lab_has_a_witness_in_its_set_up_only_where_it_is_asked_for() -> None:
    assert [options(words).witness for words in (["up"], ["up", "--witness"])] == [False, True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cut", "3"], "invalid choice: '3'"),
        (["bare", "--witness"], "unrecognized arguments: --witness"),
        (["cut"], "LINK"),
        (["drill", "nothing"], "invalid choice: 'nothing'"),
        (["drill", "restart", "--repeat", "0"], "give a number from 1 to 1000"),
        (["drill", "restart", "--repeat", "-1"], "give a number from 1 to 1000"),
        (["drill", "restart", "--seed", "x"], "invalid int value: 'x'"),
        ([], "command"),
    ],
)
def test_what_is_no_command_is_refused_with_a_sentence(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        options(words)
    assert (ended.value.code, said in capsys.readouterr().err) == (2, True)


def test_the_help_lists_every_drill(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(["--help"])
    said = [line.split()[0] for line in capsys.readouterr().out.split("drills:\n")[1].splitlines()]
    assert said == [*NAMES, "all"]


def test_the_table_has_median_and_worst_of_what_was_measured_more_than_once() -> None:
    assert [line.split() for line in table(ROWS, COUNTS, ["restart: it broke"]).splitlines()] == [
        [],
        ["restart", "outage", "4.0", "s,", "worst", "9.0", "s", "of", "3"],
        ["restart", "repair", "20.0", "s"],
        ["calls", "calls", "stored,", "of", "20", "20,", "19"],
        ["FAILED", "restart:", "it", "broke"],
    ]


def test_the_table_as_json_keeps_each_value() -> None:
    assert json.loads(as_json(ROWS, COUNTS, [])) == {
        "seconds": [
            {"drill": "restart", "what": "outage", "values": [3.0, 9.0, 4.0], "median": 4.0, "worst": 9.0},
            {"drill": "restart", "what": "repair", "values": [20.0], "median": 20.0, "worst": 20.0},
        ],
        "counts": [{"drill": "calls", "what": "calls stored, of 20", "values": [20, 19]}],
        "failed": [],
    }

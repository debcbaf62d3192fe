"""The command `why`."""

import io
import json
import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from apresa.audit.models import Entry
from apresa.node.models import NodeIdentity, Role
from apresa.shared import clock
from recordings.models import Decision
from tests.samples.decisions import NODE, make_decision

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("why", *arguments, stdout=out)
    return out.getvalue()


def today(number: int, **changes: Any) -> Decision:
    return make_decision(number, started=clock.now(), **changes)


def test_a_line_says_number_parties_decision_and_reason() -> None:
    today(1, kept="not-recorded", reason="no-media", detail="no RTP packets")
    said = run()
    assert f"{NODE} 1  " in said
    assert "101 → 200  not-recorded: The call was answered, but none of its sound came past. (no RTP packets)" in said


def test_lines_are_found_by_part_of_a_number_by_id_and_by_reason() -> None:
    wanted = today(1)
    today(2, reason="one-side")
    for arguments in (["101"], [str(wanted.pk)], ["--reason", "whole"]):
        assert [row["number"] for row in json.loads(run(*arguments, "--json"))] == [1]


def test_old_calls_need_more_days() -> None:
    make_decision(1)
    assert "No such call was seen" in run()
    assert "101 → 200" in run("--days", "36500")


def test_totals_count_the_reasons_of_a_day() -> None:
    today(1)
    today(2)
    assert [row["count"] for row in json.loads(run("--totals", "--json"))] == [2]
    assert "2  recorded      Whole" in run("--totals")


def test_check_ends_well_when_no_number_is_missing() -> None:
    today(1)
    assert "1 lines, last number 1: none is missing." in run("--check")


def test_check_names_what_is_missing_and_ends_with_1() -> None:
    for number in range(1, 5):
        today(number)
    Decision.objects.filter(number__in=[2, 3]).delete()
    with pytest.raises(SystemExit, match="1"):
        run("--check")
    with pytest.raises(SystemExit, match="1"):
        run("--check", "--json")


def test_an_erased_number_is_gone_and_the_audit_does_not_name_it() -> None:
    today(1)
    today(2, caller="200", callee="300")
    assert "2 lines no longer have the number" in run("--erase", "200")
    assert sorted(Decision.objects.values_list("caller", "callee")) == [("", "300"), ("101", "")]
    entry = Entry.objects.using("node").get(action="number-erased")
    assert (entry.detail, "200" in entry.object) == ({"lines": 2}, False)


def test_a_standby_erases_nothing() -> None:
    today(1)
    NodeIdentity.objects.update(role=Role.SECONDARY)
    with pytest.raises(CommandError, match="not the cluster's active node"):
        run("--erase", "200")
    assert Decision.objects.get().callee == "200"


def test_control_characters_of_the_wire_reach_no_terminal() -> None:
    today(1, caller="\x1b[2J", detail="\x07")
    assert "\x1b" not in run()
    assert "\x07" not in run()


def test_nothing_seen_is_said() -> None:
    assert "No such call was seen" in run(str(uuid.uuid4()))
    assert "No call was seen in these days." in run("--totals")
    assert "No call has a line yet." in run("--check")


@pytest.mark.parametrize("command", ["why", "mirror_report"])
def test_a_database_that_is_away_is_one_sentence(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(Decision.objects, "filter", gone)
    with pytest.raises(CommandError, match=r"The database cannot be used now: connection refused$"):
        call_command(command, stdout=io.StringIO())

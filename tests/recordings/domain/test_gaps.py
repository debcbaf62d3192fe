"""Lines that are gone from the ledger are an alarm."""

import pytest

from apresa.events.queries import open_alarms
from apresa.node.models import NodeIdentity, Role
from recordings.domain import gaps
from recordings.models import Decision
from recordings.queries import decisions
from tests.samples.decisions import NODE, make_decision
from worker.tasks import upkeep

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def alarms() -> list[tuple[str, str]]:
    return [(alarm.code, alarm.subject) for alarm in open_alarms()]


def test_whole_numbers_are_no_alarm() -> None:
    gaps.watch()
    make_decision(1)
    make_decision(2)
    gaps.watch()
    assert alarms() == []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_line_that_is_gone_is_an_alarm_until_it_is_back(number: int) -> None:
    for each in (1, 2, 3):
        make_decision(each)
    row = Decision.objects.get(number=number)
    Decision.objects.filter(pk=row.pk).delete()
    upkeep.watch_ledger()
    assert alarms() == [("ledger-gap", NODE)]
    assert "of 3 numbers that" in open_alarms()[0].sentence
    row.save(force_insert=True)
    upkeep.watch_ledger()
    assert alarms() == []


def test_what_is_settled_meanwhile_is_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    make_decision(1)

    def and_settles() -> dict[str, str]:
        make_decision(2)
        return {}

    monkeypatch.setattr(decisions, "node_names", and_settles)
    gaps.watch()
    assert alarms() == []


def test_a_standby_does_not_look() -> None:
    make_decision(1)
    Decision.objects.all().delete()
    NodeIdentity.objects.update(role=Role.SECONDARY)
    upkeep.watch_ledger()
    assert alarms() == []

"""The chain in the database: batches, days, and what a package takes from it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from apresa.audit import domain as audit
from apresa.shared import clock
from recordings.domain import chaining
from recordings.domain.chaining import close_day, link_all
from recordings.evidence import chain, merkle
from recordings.evidence.keys import is_signed
from recordings.models import Call, DayRoot, Head, Link, Version
from recordings.queries import proof

pytestmark = [pytest.mark.django_db(databases=["default", "node"])]
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def acts(count: int) -> None:
    for number in range(count):
        audit.record("anna", "call-listened", "call x", number=number)
    audit.ship()


def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_batches_go_on_in_one_chain_and_each_ends_in_a_head(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chaining, "BATCH", 3)
    acts(7)
    assert (link_all(), link_all()) == (8, 0)
    links = [chaining.as_read(row) for row in Link.objects.all()]
    assert [link.number for link in links] == list(range(1, 9))
    assert chain.check(links) == links[-1].digest
    assert list(Head.objects.order_by("number").values_list("number", flat=True)) == [4, 7, 8]


def test_a_call_is_linked_with_a_salt_of_its_own_and_its_facts_are_in_no_link(call: Call) -> None:
    link_all()
    link = Link.objects.get()
    assert (link.kind, link.call, link.version, len(link.salt)) == ("stored", call.pk, 1, 32)
    assert chain.salted(link.salt, chaining.facts(call, Version.objects.get())) in link.said
    assert call.call_ids[0] not in link.said


def test_a_batch_costs_as_many_queries_whatever_its_size(call: Call) -> None:
    link_all()
    used = []
    for count in (1, 30):
        acts(count)
        with CaptureQueriesContext(connections["default"]) as counted:
            link_all()
        used.append(len(counted))
    assert used[0] == used[1]


def test_a_day_is_closed_once_after_its_end_and_takes_what_came_late(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(NOON, monkeypatch)
    link_all()
    assert close_day() is None  # yesterday had nothing
    at(NOON + timedelta(hours=12, minutes=30), monkeypatch)
    assert close_day() is None  # within the hour after midnight
    at(NOON + timedelta(hours=14), monkeypatch)
    first = close_day()
    assert (first is not None, close_day()) == (True, None)
    Link.objects.update(day=None)
    at(NOON + timedelta(hours=38), monkeypatch)
    close_day()
    days = list(DayRoot.objects.order_by("day"))
    assert [root.day.isoformat() for root in days] == ["2026-03-04", "2026-03-05"]
    assert [root.text.split("\n")[4] for root in days] == ["", days[0].root]


def test_the_path_of_a_link_leads_to_the_signed_root_of_its_day(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    at(NOON, monkeypatch)
    acts(5)
    link_all()
    link = Link.objects.get(kind="stored")
    assert proof.days(link) == []
    at(NOON + timedelta(days=1), monkeypatch)
    close_day()
    link.refresh_from_db()
    (day,) = proof.days(link)
    assert merkle.climb(link.digest, day["path"]) == DayRoot.objects.get().root == day["text"].split("\n")[3]
    (signature,) = day["signatures"]
    assert is_signed(signature["key"], signature["signature"], day["text"])

"""The audit trail."""

import pytest

from apresa.audit import domain as audit
from apresa.audit.models import Entry

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def numbers(database: str) -> list[int]:
    return list(Entry.objects.using(database).order_by("number").values_list("number", flat=True))


def test_acts_are_numbered_in_order_on_this_machine() -> None:
    for action in ("listen", "download", "delete"):
        audit.record("anna", action, "call 1", address="192.0.2.1", reason="complaint")
    entries = Entry.objects.using("node").order_by("number").values_list("number", "actor", "action", "object")
    assert list(entries) == [
        (1, "anna", "listen", "call 1"),
        (2, "anna", "download", "call 1"),
        (3, "anna", "delete", "call 1"),
    ]
    assert numbers("default") == []


def test_shipping_copies_each_act_once() -> None:
    for _ in range(3):
        audit.record("anna", "listen")
    shipped = [audit.ship(), audit.ship()]
    assert (shipped, numbers("default")) == ([3, 0], [1, 2, 3])


def test_shipping_again_after_a_crash_between_the_two_writes_doubles_nothing() -> None:
    audit.record("anna", "listen")
    audit.ship()
    Entry.objects.using("node").update(shipped=False)
    audit.record("anna", "download")
    audit.ship()
    assert numbers("default") == [1, 2]


def test_shipped_act_is_the_same_act() -> None:
    audit.record("anna", "listen", "call 1", address="192.0.2.1", reason="complaint")
    audit.ship()
    names = ("node", "boot", "number", "at", "actor", "address", "action", "object", "detail")
    rows = [Entry.objects.using(database).values(*names).get() for database in ("node", "default")]
    assert rows[0] == rows[1]


def test_more_acts_than_one_batch_are_all_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    for _ in range(5):
        audit.record("anna", "listen")
    assert (audit.ship(), numbers("default")) == (5, [1, 2, 3, 4, 5])


def test_long_object_is_cut() -> None:
    assert len(audit.record("anna", "listen", "x" * 1000).object) == 250

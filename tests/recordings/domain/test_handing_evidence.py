"""What the losing side signed comes to the surviving one as a branch of its own, and verifies there."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apresa.events.models import Event
from apresa.handover import HandoverError, Origin, Record
from recordings.domain import auditing
from recordings.domain.chaining import link_all
from recordings.domain.handing_evidence import lacking, take_in
from recordings.models import Call, Head, Link, NodeKey

pytestmark = [pytest.mark.django_db(databases=["default", "node"])]
ORIGIN = Origin("n", "b", "1")


def nothing() -> None: ...


def moved(old: str) -> list[Record]:
    """As if the chain of this database had been the other's alone; JSON has been in between."""
    models: tuple[Any, ...] = (NodeKey, Link, Head)
    for model in models:
        rows = list(model._default_manager.all())
        model._default_manager.using(old).bulk_create(rows)
        model._default_manager.all().delete()
    return list(lacking(old, "default", nothing))


def test_a_branch_comes_whole_and_once(call: Call, old: str) -> None:
    link_all()
    before = list(Link.objects.values_list("digest", "said", "salt", "call"))
    records = moved(old)
    assert take_in(records, ORIGIN) == len(records) == 3
    assert list(Link.objects.values_list("digest", "said", "salt", "call")) == before
    assert (auditing.faults(), take_in(records, ORIGIN)) == ([], 0)
    assert list(lacking(old, "default", nothing)) == []


def test_other_content_under_a_known_number_is_told_and_changes_nothing(call: Call, old: str) -> None:
    link_all()
    records = moved(old)
    take_in(records, ORIGIN)
    mine = Link.objects.get()
    Link.objects.all().delete()
    other = Link(**{name: getattr(mine, name) for name in ("node", "boot", "number", "at", "kind", "previous")})
    other.body, other.digest = "0" * 64, "1" * 64
    other.save()
    assert take_in(records, ORIGIN) == 0
    assert list(Link.objects.values_list("digest", flat=True)) == ["1" * 64]
    assert list(Event.objects.values_list("code", flat=True)) == ["chain-forked"]


def test_a_link_that_is_not_what_its_digest_says_is_refused(call: Call, old: str) -> None:
    link_all()
    link = next(record for record in moved(old) if record.key.startswith("link "))
    with pytest.raises(HandoverError):
        take_in([replace(link, values={**link.values, "number": 7})], ORIGIN)
    assert Link.objects.count() == 0


@given(st.text(max_size=20), st.dictionaries(st.sampled_from(["public", "node", "name", "at"]), st.text() | st.none()))
def test_whatever_comes_there_is_one_error(key: str, values: dict[str, str]) -> None:
    for name in ("nodekey", "link", "head", key):
        with pytest.raises(HandoverError):
            take_in([Record("evidence", f"{name} {key}", {**values, "node": "x"})], ORIGIN)

"""What the platform hands over: audit entries are united; people, rights and settings are only told."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from hypothesis import given, settings
from hypothesis import strategies as st

from apresa import handover
from apresa.accounts.handing import USERS
from apresa.accounts.models import Token, User
from apresa.audit.handing import AUDIT, lacking, take_in
from apresa.audit.models import Entry
from apresa.config.handing import SETTINGS
from apresa.config.models import Setting
from apresa.config.registry import entries
from apresa.handover import HandoverError, Origin, Record
from apresa.shared import clock
from tests.fakes.old_database import old_database

pytestmark = pytest.mark.django_db(databases=["default", "node"])
NODE = uuid.UUID(int=7)
ORIGIN = Origin(NODE.hex, "north", "0123abcd")


def alive() -> None:
    """Nobody stops a test's search."""


@pytest.fixture
def old(tmp_path: Path) -> Iterator[str]:
    with old_database(tmp_path) as alias:
        yield alias


def entry(number: int, actor: str = "anna") -> Entry:
    return Entry(node=NODE, boot="b", number=number, at=clock.now(), actor=actor, action="listen", object="call 1")


def numbers() -> list[tuple[int, str]]:
    return list(Entry.objects.using("default").order_by("number").values_list("number", "actor"))


def test_every_kind_is_registered_once() -> None:
    assert [kind.name for kind in handover.kinds()] == [
        *("audit", "setting", "user"),
        *("hold", "held", "note", "tag", "note-text", "tombstone", "number", "evidence"),
    ]
    assert [kind.name for kind in handover.kinds() if kind.take_in] == [
        *("audit", "hold", "held", "note", "tag", "tombstone", "evidence"),
    ]


def test_an_unknown_kind_is_a_sentence() -> None:
    with pytest.raises(HandoverError, match="unknown kind 'song'"):
        handover.kind("song")


def test_only_the_entries_that_the_good_side_lacks_are_handed_over(old: str) -> None:
    Entry.objects.using(old).bulk_create([entry(number) for number in range(1, 4)])
    Entry.objects.using("default").bulk_create([entry(2), entry(9)])
    found = list(lacking(old, "default", alive))
    assert [one.key for one in found] == [f"{NODE}/b/1", f"{NODE}/b/3"]
    assert take_in(found, ORIGIN) == 2
    assert [number for number, _ in numbers()] == [1, 2, 3, 9]
    assert take_in(found, ORIGIN) == 0
    assert list(lacking(old, "default", alive)) == []


def test_an_entry_that_is_here_already_is_never_changed(old: str) -> None:
    Entry.objects.using("default").bulk_create([entry(1, "anna")])
    Entry.objects.using(old).bulk_create([entry(1, "mallory")])
    assert list(lacking(old, "default", alive)) == []
    record = Record("audit", f"{NODE}/b/1", {**_values(), "actor": "mallory"})
    assert take_in([record], ORIGIN) == 0
    assert numbers() == [(1, "anna")]


def _values() -> dict[str, object]:
    return {"at": clock.now().isoformat(), "actor": "a", "address": "", "action": "x", "object": "", "detail": {}}


def test_an_entry_is_the_same_after_its_way(old: str) -> None:
    there = entry(1)
    there.detail = {"reason": "complaint", "count": 2}
    there.save(using=old)
    take_in(list(lacking(old, "default", alive)), ORIGIN)
    names = ("node", "boot", "number", "at", "actor", "address", "action", "object", "detail")
    here = Entry.objects.using("default").get()
    assert [getattr(here, name) for name in names] == [getattr(there, name) for name in names]
    assert here.shipped is True


@settings(deadline=None, max_examples=60)
@given(
    key=st.text(max_size=60) | st.just(f"{NODE}/b/1"),
    changes=st.dictionaries(st.sampled_from(sorted(_values())), st.none() | st.integers() | st.text(max_size=9)),
)
def test_other_values_have_one_kind_of_error(key: str, changes: dict[str, object]) -> None:
    try:
        take_in([Record("audit", key, {**_values(), **changes})], ORIGIN)
    except HandoverError as error:
        assert str(error).startswith("An audit entry cannot be read")  # noqa: PT017 -- most of them, not all


def test_a_setting_that_differs_is_told_and_not_merged(old: str) -> None:
    names = [one.name for one in entries() if one.scope == "cluster"][:2]
    for alias, value in ((old, 7), ("default", 9)):
        Setting(name=names[0], value=value, changed_at=clock.now(), changed_by="anna").save(using=alias)
        Setting(name=names[1], value=1, changed_at=clock.now(), changed_by="anna").save(using=alias)
    found = list(SETTINGS.lacking(old, "default", alive))
    assert found == [Record("setting", names[0], {"there": "7", "here": "9"})]
    assert (SETTINGS.take_in, Setting.objects.using("default").get(pk=names[0]).value) == (None, 9)


def test_people_who_differ_are_told_without_secrets(old: str) -> None:
    for alias in (old, "default"):
        User(username="anna", password="one").save(using=alias)
        User(username="bert", password="one").save(using=alias)
    new = User(username="carla", password="secret")
    new.save(using=old)
    User.objects.using(old).filter(username="bert").update(is_active=False, password="secret")
    role = Group(name="listener")
    role.save(using=old)
    bert = User.objects.using(old).get(username="bert")
    User.groups.through.objects.using(old).create(user_id=bert.pk, group_id=role.pk)
    Token(user_id=bert.pk, name="t", prefix="abc", digest="d", created_at=clock.now()).save(using=old)
    found = list(USERS.lacking(old, "default", alive))
    assert found == [
        Record("user", "bert", {"what": "other there", "fields": ["is_active", "password", "roles", "tokens"]}),
        Record("user", "carla", {"what": "only there"}),
    ]
    assert User.objects.using("default").filter(username="carla").exists() is False


def test_audit_is_united_and_not_told() -> None:
    assert AUDIT.take_in is take_in

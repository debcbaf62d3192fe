"""Who may see which calls, and what the database itself refuses."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from apresa.accounts.models import User
from recordings.models import Call, CallKey, UserNumber, Version
from tests.apresa.accounts.people import anna, bob, person

pytestmark = pytest.mark.django_db(databases=["default", "node"])
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def make(caller: str, callee: str) -> Call:
    return Call.objects.create(id=uuid.uuid4(), protocol="sip", caller=caller, callee=callee, started=NOW, ended=NOW)


def seen(user: User) -> list[str]:
    return sorted(Call.objects.visible_to(user).values_list("caller", flat=True))


def test_roles_decide_which_calls_are_seen() -> None:
    for caller, callee in (("1", "2"), ("2", "3"), ("4", "5")):
        make(caller, callee)
    listener = bob()
    assert seen(listener) == []
    UserNumber.objects.create(user=listener, number="2")
    assert seen(listener) == ["1", "2"]
    assert seen(person("carl", "supervisor")) == ["1", "2", "4"]
    assert seen(anna()) == ["1", "2", "4"]


def test_neither_a_disabled_user_nor_one_without_rights_sees_a_call() -> None:
    make("1", "2")
    disabled = anna()
    disabled.is_active = False
    assert seen(disabled) == []
    assert seen(User.objects.create(username="dora")) == []


def test_a_number_is_compared_whole() -> None:
    make("12", "3")
    listener = bob()
    UserNumber.objects.create(user=listener, number="1")
    assert seen(listener) == []


def test_two_calls_cannot_hold_the_same_key_at_the_same_turn() -> None:
    one, other = make("1", "2"), make("1", "2")
    CallKey.objects.create(call=one, kind="dialog", digest="d")
    with pytest.raises(IntegrityError):
        CallKey.objects.create(call=other, kind="dialog", digest="d")


def test_a_call_cannot_have_a_version_twice() -> None:
    call = make("1", "2")
    Version.objects.create(call=call, number=1)
    with pytest.raises(IntegrityError):
        Version.objects.create(call=call, number=1)

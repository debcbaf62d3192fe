"""Holds: nothing deletes a call while one lies on it."""

import uuid

import pytest
from django.db import transaction
from django.db.models import ProtectedError

from apresa.accounts.models import User
from apresa.shared import clock
from recordings.domain import commit, holds
from recordings.domain.acting import ActRefused
from recordings.domain.deletion import delete_call
from recordings.domain.holds import OnHold
from recordings.models import Call, Contest, HeldCall, Hold, Note, Tag, Tombstone, Why
from recordings.queries.acts import active_holds, holds_on, open_contests
from tests.apresa.accounts.people import anna, person
from tests.recordings.api.test_calls import make_call
from tests.recordings.domain.test_notes import trail

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


@pytest.fixture
def call() -> Call:
    return make_call(1)


@pytest.fixture
def dora() -> User:
    return person("dora", "compliance")


def test_call_on_hold_is_deleted_neither_by_a_person_nor_by_retention(call: Call, dora: User) -> None:
    holds.place("Case 12", "The regulator asks.", [call], by=dora)
    for why in (Why.PERSON, Why.RETENTION):
        with pytest.raises(OnHold) as error:
            delete_call(call, who="anna", why=why)
        assert error.value.names == ("Case 12",)
    assert (Call.objects.count(), Tombstone.objects.count()) == (1, 0)


def test_sentence_names_the_holds_to_those_alone_who_may_see_them(dora: User) -> None:
    error = OnHold(["Case 12", "Inquiry"])
    assert error.told_to(dora) == (
        "This call is on hold (Case 12, Inquiry), so it is not deleted. Release the holds first."
    )
    assert error.told_to(person("carl", "supervisor")) == "This call is on hold, so it is not deleted."


def test_row_of_a_held_call_is_protected_whatever_deletes_it(call: Call, dora: User) -> None:
    holds.place("Case 12", "The regulator asks.", [call], by=dora)
    with pytest.raises(ProtectedError), transaction.atomic():
        Call.objects.all().delete()
    assert Call.objects.count() == 1


def test_each_of_two_holds_must_be_released_before_the_call_can_go(call: Call, dora: User) -> None:
    first = holds.place("Case 12", "One.", [call], by=dora)
    second = holds.place("Case 13", "Two.", [call], by=dora)
    holds.release(first.pk, by=dora)
    with pytest.raises(OnHold, match="Case 13"):
        delete_call(call, who="anna", why=Why.PERSON)
    assert holds.let_go(second.pk, call, by=dora) is True
    delete_call(call, who="anna", why=Why.PERSON)
    assert (Call.objects.count(), Hold.objects.count()) == (0, 2)
    assert HeldCall.objects.filter(call=None, ended=True).count() == 2


def test_each_act_is_in_the_audit_trail(call: Call, dora: User) -> None:
    hold = holds.place("Case 12", "The regulator asks.", [call], by=dora)
    holds.change(hold.pk, "Case 12 b", by=dora)
    holds.change(hold.pk, "Case 12 b", by=dora)  # no change
    other = make_call(2)
    assert (holds.extend(hold.pk, [call, other], by=dora), holds.let_go(hold.pk, other, by=dora)) == (1, True)
    holds.release(hold.pk, by=dora)
    name = {"hold": str(hold.pk)}
    assert trail("hold-placed") == [{"name": "Case 12", "reason": "The regulator asks."}]
    assert trail("call-held") == [{**name, "name": "Case 12"}, {**name, "name": "Case 12 b"}]
    former = {"former_name": "Case 12", "former_reason": "The regulator asks."}
    assert trail("hold-changed") == [{"name": "Case 12 b", "reason": "The regulator asks.", **former}]
    assert trail("hold-call-released") == [{**name, "name": "Case 12 b"}]
    assert trail("hold-released") == [{"name": "Case 12 b", "calls": 1}]


def test_two_holds_of_one_name_are_refused_until_the_first_is_released(call: Call, dora: User) -> None:
    hold = holds.place("Case 12", "One.", [], by=dora)
    with pytest.raises(ActRefused, match="of this name"):
        holds.place("case 12", "Two.", [], by=dora)
    holds.release(hold.pk, by=dora)
    again = holds.place("case 12", "Two.", [call], by=dora)
    assert [(one.pk, one.calls) for one in active_holds()] == [(again.pk, 1)]


def test_hold_on_a_call_that_was_just_deleted_is_refused_as_a_whole(call: Call, dora: User) -> None:
    other = make_call(2)
    delete_call(call, who="anna", why=Why.PERSON)
    with pytest.raises(ActRefused, match="deleted a moment ago"):
        holds.place("Case 12", "One.", [call, other], by=dora)
    assert (Hold.objects.count(), HeldCall.objects.count()) == (0, 0)


def test_released_hold_cannot_be_changed_extended_or_released_again(call: Call, dora: User) -> None:
    hold = holds.place("Case 12", "One.", [], by=dora)
    holds.release(hold.pk, by=dora)
    for act in (
        lambda: holds.change(hold.pk, "Case 13", by=dora),
        lambda: holds.extend(hold.pk, [call], by=dora),
        lambda: holds.release(hold.pk, by=dora),
    ):
        with pytest.raises(Hold.DoesNotExist):
            act()


def test_when_two_rows_become_one_call_it_keeps_the_acts_of_both(call: Call, dora: User) -> None:
    loser = make_call(2)
    hold = holds.place("Case 12", "One.", [loser], by=dora)
    now = clock.now()
    Note.objects.create(call=loser, text="five", by="dora", at=now, stamp=now)
    Tag.objects.create(call=loser, word="late", by="dora", at=now, stamp=now)
    grave = uuid.uuid4()
    for one in (call, loser):
        Contest.objects.create(call=one, grave=grave, why=Why.PERSON, who="anna", at=now, origin="north")
    Contest.objects.create(call=loser, grave=uuid.uuid4(), why=Why.PERSON, who="anna", at=now, origin="north")
    with transaction.atomic():
        commit._absorb(call, loser)
    assert (Call.objects.get().pk, holds_on(call)) == (call.pk, [hold])
    assert (Note.objects.get().call_id, Tag.objects.get().call_id) == (call.pk, call.pk)
    assert Contest.objects.filter(call=call).count() == 2


def test_contested_call_is_seen_by_those_alone_who_decide_and_by_all_when_it_is_kept(call: Call, dora: User) -> None:
    Contest.objects.create(call=call, grave=call.pk, why=Why.PERSON, who="anna", at=clock.now(), origin="north")
    carl = person("carl", "supervisor")
    assert [Call.objects.visible_to(user).count() for user in (carl, dora, anna())] == [0, 1, 1]
    assert [len(open_contests(user)) for user in (carl, dora)] == [0, 1]
    assert (holds.keep(call, by=dora), holds.keep(call, by=dora)) == (True, False)
    assert Call.objects.visible_to(carl).count() == 1
    assert trail("deletion-withdrawn") == [{"tombstones": [str(call.pk)]}]

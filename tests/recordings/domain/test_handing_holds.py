"""A hold on one side and a deletion on the other, in every pair: the hold wins, and somebody decides (U2)."""

import pytest

from apresa.events.models import Event
from apresa.handover import Record
from apresa.shared import clock
from recordings.domain import adopting, holds
from recordings.domain.deletion import delete_call
from recordings.domain.place import Place
from recordings.domain.settle import settle
from recordings.models import Call, Contest, HeldCall, Hold, State, Tombstone, TombstoneKey, Version, Why
from recordings.store import open_library
from tests.apresa.accounts.people import anna
from tests.samples.other_side import held_there, known_there, records, take, trail
from tests.samples.spool import InProcess, live, sip_call, spool

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def deleted_there(call: Call, old: str) -> list[Record]:
    grave = Tombstone(
        pk=call.pk, why=Why.PERSON, who="bob", at=clock.now(), call_started=call.started, call_ended=call.ended
    )
    grave.save(using=old)
    TombstoneKey.objects.using(old).bulk_create(
        TombstoneKey(tombstone_id=grave.pk, kind=kind, digest=digest)
        for kind, digest in call.keys.values_list("kind", "digest")
    )
    return records(old)


@pytest.mark.parametrize(
    ("here", "stays", "contested"),
    [
        ("no hold", False, False),
        ("a hold", True, True),
        ("two holds, one released", True, True),
        ("a released hold", False, False),
        ("taken out of its hold", False, False),
        ("decided: it stays", True, False),
    ],
)
def test_a_deletion_there_and_what_lies_on_the_call_here(
    here: str, stays: bool, contested: bool, call: Call, old: str
) -> None:
    administrator = anna()
    found = deleted_there(call, old)
    if here != "no hold":
        hold = holds.place("Case 12", "The regulator asks.", [call], by=administrator)
    if here == "two holds, one released":
        holds.release(holds.place("Case 13", "Another.", [call], by=administrator).pk, by=administrator)
    if here == "a released hold":
        holds.release(hold.pk, by=administrator)
    if here == "taken out of its hold":
        holds.let_go(hold.pk, call, by=administrator)
    if here == "decided: it stays":
        take(found)
        holds.keep(call, by=administrator)
        holds.release(hold.pk, by=administrator)  # a file that is merged again asks nobody twice
    first = take(found)
    assert (first, take(found)) == (0 if here == "decided: it stays" else 1, 0)
    assert (Call.objects.exists(), Contest.objects.filter(decided_at=None).exists()) == (stays, contested)
    assert Tombstone.objects.exists() is not stays


def test_a_contested_deletion_is_told_and_asks_once(call: Call, old: str) -> None:
    holds.place("Case 12", "The regulator asks.", [call], by=anna())
    found = deleted_there(call, old)
    assert (take(found), take(found)) == (1, 0)
    contest = Contest.objects.get()
    assert (contest.call, contest.who, contest.why, contest.origin) == (call, "bob", Why.PERSON, "north")
    assert [(entry.actor, entry.object) for entry in trail("deletion-contested")] == [("bob", f"call {call.pk}")]
    assert Event.objects.filter(code="call-deletion-contested").count() == 1


@pytest.mark.parametrize(
    ("there", "back"),
    [
        ("a hold", True),
        ("a released hold", False),
        ("taken out of its hold", False),
        ("released here, too", False),
        ("no hold", False),
    ],
)
def test_what_lies_on_the_call_there_and_a_deletion_here(there: str, back: bool, call: Call, old: str) -> None:
    other = known_there(call, old)
    if there != "no hold":
        held = held_there(other, old, ended=there == "taken out of its hold")
        if there == "released here, too":
            now = clock.now()
            Hold.objects.create(pk=held.hold_id, name="Case 12", reason="x", by="bob", at=now, stamp=now, ended=True)
        Hold.objects.using(old).update(ended=there == "a released hold")
    delete_call(call, who="anna", why=Why.RETENTION)
    found = records(old)
    take(found)
    assert take(found) == 0
    assert (Call.objects.exists(), Contest.objects.filter(decided_at=None).exists()) == (back, back)
    assert Tombstone.objects.exists() is not back
    assert Tombstone.objects.count() + Contest.objects.count() == 1


def test_a_call_taken_out_of_its_hold_and_deleted_here_is_not_held_again_by_the_other_copy(
    call: Call, old: str
) -> None:
    administrator = anna()
    hold = holds.place("Case 12", "The regulator asks.", [call], by=administrator)
    known_there(call, old)
    Hold.objects.get().save(using=old, force_insert=True)
    HeldCall.objects.get().save(using=old, force_insert=True)
    before = records(old)
    holds.let_go(hold.pk, call, by=administrator)
    delete_call(call, who="anna", why=Why.PERSON)
    assert (before, records(old), Call.objects.exists()) == ([], [], False)
    HeldCall.objects.using(old).update(changed_by="bob", stamp=clock.now())
    take(records(old))
    assert (Call.objects.exists(), HeldCall.objects.get().ended) == (False, True)


def test_a_held_call_that_was_deleted_here_is_whole_again_from_the_files_that_were_not_erased(
    place: Place, call: Call, old: str
) -> None:
    held_there(known_there(call, old), old)
    grave = delete_call(call, who="anna", why=Why.PERSON)
    before = sorted(grave.files)
    take(records(old))
    back = Call.objects.get()
    assert (back.pk, back.state, back.version, back.caller) == (grave.pk, State.AWAITING, 1, call.caller)
    assert sorted(Version.objects.get().files()) == before
    with open_library(place.library, place.marker) as library:
        assert adopting.take_back(place, library) == 1
    assert settle(place, InProcess()).stored == [back.pk]
    whole = Call.objects.get()
    assert (whole.state, whole.version, whole.has_audio) == (State.STORED, 2, True)
    assert (place.library / Version.objects.get(number=2).file).exists()
    with open_library(place.library, place.marker) as library:
        assert adopting.take_back(place, library) == 0
    assert Call.objects.visible_to(anna()).count() == 1


def test_a_held_call_whose_files_are_erased_waits_for_what_the_other_node_has(
    place: Place, call: Call, old: str
) -> None:
    held_there(known_there(call, old), old)
    grave = delete_call(call, who="anna", why=Why.PERSON)
    for name in grave.files:
        (place.library / name).unlink()
    take(records(old))
    with open_library(place.library, place.marker) as library:
        assert (adopting.take_back(place, library), adopting.take_back(place, library)) == (0, 0)
    assert Call.objects.get().state == State.AWAITING
    spool(live(place), sip_call())  # as the other node offers it
    assert settle(place, InProcess()).stored == [grave.pk]
    assert Call.objects.get().state == State.STORED

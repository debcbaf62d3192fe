"""A deletion that only the losing side knew: it holds on the good side, whatever the order, and nothing comes back."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apresa.accounts.models import User
from apresa.audit.models import Entry
from apresa.handover import HandoverError, Origin, Record
from apresa.shared import clock
from recordings.domain.deletion import delete_call
from recordings.domain.handing import NUMBERS, TOMBSTONES, Verdict, decide, lacking, take_in
from recordings.domain.place import Place
from recordings.domain.settle import settle
from recordings.models import Call, Tombstone, TombstoneKey, UserNumber, Why
from tests.samples.spool import InProcess, live, sip_call, spool

pytestmark = pytest.mark.django_db(databases=["default", "node"])
ORIGIN = Origin("0" * 32, "north", "0123abcd")


def alive() -> None:
    """Nobody stops a test's search."""


@dataclass
class World:
    """The good side as the decision sees it: calls and tombstones are sets of keys; ids of each."""

    calls: dict[str, frozenset[int]] = field(default_factory=dict)
    graves: dict[str, frozenset[int]] = field(default_factory=dict)

    def take(self, name: str, keys: frozenset[int]) -> None:
        here = {one for one, known in self.calls.items() if known & keys}
        buried = any(known & keys for known in self.graves.values())
        verdict = decide(
            keys=bool(keys),
            buried=buried,
            rows_here=bool(here) and not buried,
            name_taken=name in self.calls,
            name_buried=name in self.graves,
        )
        if verdict is Verdict.DELETE:
            for one in here:
                self.graves[one] = self.graves.get(one, frozenset()) | self.calls.pop(one)
        if verdict in {Verdict.DELETE, Verdict.BURY}:
            while name in self.calls or name in self.graves:  # a free id
                name += "'"
            self.graves[name] = keys

    def settled(self, keys: frozenset[int]) -> bool:
        return any(known & keys for known in self.graves.values())


GRAVES = st.lists(st.tuples(st.sampled_from("abcd"), st.frozensets(st.integers(0, 8), max_size=3)), max_size=5)
CALLS = st.dictionaries(st.sampled_from("abcd"), st.frozensets(st.integers(0, 8), min_size=1, max_size=3), max_size=3)


def merged(calls: dict[str, frozenset[int]], graves: list[tuple[str, frozenset[int]]]) -> World:
    world = World(dict(calls))
    for name, keys in graves:
        world.take(name, keys)
    return world


@given(calls=CALLS, graves=GRAVES, more=st.integers(1, 3))
def test_handed_over_again_nothing_changes(
    calls: dict[str, frozenset[int]], graves: list[tuple[str, frozenset[int]]], more: int
) -> None:
    once = merged(calls, graves)
    again = merged(calls, graves)
    for _ in range(more):
        for name, keys in graves:
            again.take(name, keys)
    assert again.calls == once.calls
    assert set().union(*again.graves.values(), set()) == set().union(*once.graves.values(), set())


@given(calls=CALLS, graves=GRAVES)
def test_what_was_deleted_stays_so_and_nothing_else_goes(
    calls: dict[str, frozenset[int]], graves: list[tuple[str, frozenset[int]]]
) -> None:
    world = merged(calls, graves)
    deleted = frozenset().union(*(keys for _, keys in graves))
    for _, keys in graves:
        assert world.settled(keys) is bool(keys)
    assert {name for name, keys in calls.items() if not keys & deleted} <= set(world.calls)


def stored(place: Place) -> Call:
    spool(live(place), sip_call())
    settle(place, InProcess())
    found: Call = Call.objects.get()
    return found


def deleted_there(call: Call, old: str) -> list[Record]:
    """The call as it was deleted in another database: found there, and brought here as records."""
    keys = list(call.keys.values_list("kind", "digest"))
    grave = Tombstone(
        pk=call.pk, why=Why.PERSON, who="anna", at=clock.now(), call_started=call.started, call_ended=call.ended
    )
    grave.save(using=old)
    TombstoneKey.objects.using(old).bulk_create(
        TombstoneKey(tombstone_id=grave.pk, kind=kind, digest=digest) for kind, digest in keys
    )
    return list(lacking(old, "default", alive))


def test_a_call_that_was_deleted_there_is_deleted_here(place: Place, old: str) -> None:
    call = stored(place)
    records = deleted_there(call, old)
    assert take_in(records, ORIGIN) == 1
    grave = Tombstone.objects.get()
    assert (Call.objects.count(), grave.pk, grave.who, grave.why) == (0, call.pk, "anna", Why.PERSON)
    assert len(grave.files) == 4  # they go when the other node has heard of it
    told = Entry.objects.using("node").get(action="call-deletion-handed-over")
    assert (told.actor, told.object, told.detail["origin"]) == ("anna", f"call {call.pk}", "north")
    assert take_in(records, ORIGIN) == 0
    assert (Tombstone.objects.count(), Entry.objects.using("node").count()) == (1, 1)


def test_a_call_that_only_comes_later_does_not_come_back(place: Place, old: str) -> None:
    call = stored(place)
    records = deleted_there(call, old)
    Call.objects.all().delete()  # as if this side had never had it
    assert take_in(records, ORIGIN) == 1
    assert Tombstone.objects.get().at == Tombstone.objects.using(old).get().at
    spool(live(place), sip_call())
    assert settle(place, InProcess()).stored == []
    assert Call.objects.count() == 0


def test_what_was_deleted_here_is_no_news(place: Place, old: str) -> None:
    call = stored(place)
    records = deleted_there(call, old)
    delete_call(call, who="bert", why=Why.RETENTION)
    assert list(lacking(old, "default", alive)) == []
    other = replace(records[0], key=str(uuid.UUID(int=5)))  # the same call, by another name there
    assert take_in([*records, other], ORIGIN) == 0
    assert [one.who for one in Tombstone.objects.all()] == ["bert"]


def test_another_call_with_the_same_keys_stays(place: Place, old: str) -> None:
    call = stored(place)
    records = deleted_there(call, old)
    later = timedelta(hours=1)
    Call.objects.update(started=call.started + later, ended=call.ended + later)
    assert take_in(records, ORIGIN) == 1
    assert (Call.objects.count(), Tombstone.objects.count()) == (1, 1)
    assert take_in(records, ORIGIN) == 0


def test_another_name_of_a_call_waits_for_the_calls_own_tombstone(place: Place, old: str) -> None:
    call = stored(place)
    values = {"why": "person", "who": "anna", "at": clock.now().isoformat(), "started": 0, "ended": 1, "keys": []}
    alias = Record("tombstone", str(call.pk), values)
    assert (take_in([alias], ORIGIN), Call.objects.count()) == (0, 1)
    assert take_in([Record("tombstone", str(uuid.UUID(int=9)), values)], ORIGIN) == 1
    assert take_in([alias, *deleted_there(call, old), alias], ORIGIN) == 1
    assert Call.objects.count() == 0


ODD = st.none() | st.integers() | st.text(max_size=9) | st.lists(st.lists(st.text(max_size=3), max_size=3), max_size=2)
NAMES = st.sampled_from(["why", "who", "at", "started", "ended", "keys"])


@given(key=st.text(max_size=40) | st.just(str(uuid.UUID(int=1))), values=st.dictionaries(NAMES, ODD))
def test_other_values_have_one_kind_of_error(key: str, values: dict[str, object]) -> None:
    with pytest.raises(HandoverError, match="A deletion cannot be read"):
        take_in([Record("tombstone", key, values)], ORIGIN)


def test_a_number_that_somebody_has_only_there_is_told(old: str) -> None:
    anna = User(username="anna")
    anna.save(using=old)
    UserNumber(user_id=anna.pk, number="100").save(using=old)
    assert list(NUMBERS.lacking(old, "default", alive)) == [Record("number", "anna 100", {"what": "only there"})]
    assert (NUMBERS.take_in, TOMBSTONES.take_in) == (None, take_in)

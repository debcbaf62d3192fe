"""Notes, tags and holds that only the losing side knew: united by uuid, and a hold beats every deletion (U1, U2)."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apresa.handover import HandoverError, Record
from apresa.shared import clock
from recordings.domain.deletion import delete_call
from recordings.domain.handing_acts import HELD, HOLDS, NOTE_TEXTS, NOTES, TAGS
from recordings.domain.place import Place
from recordings.domain.settle import settle
from recordings.models import (
    Call,
    Note,
    State,
    Tag,
    Why,
)
from recordings.queries.acts import holds_on, words_on
from tests.samples.other_side import ORIGIN, act, alive, held_there, known_there, records, take, trail
from tests.samples.spool import InProcess, live, sip_call, spool

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def test_notes_and_tags_of_the_other_side_come_once(call: Call, old: str) -> None:
    there = known_there(call, old)
    note = act(Note, old, call_id=there.pk, text="five\nmillion")
    act(Tag, old, call_id=there.pk, word="late")
    found = records(old)
    assert [record.kind for record in found] == ["note", "tag"]
    assert (take(found), take(found), records(old)) == (2, 0, [])
    here = Note.objects.get()
    assert (here.pk, here.call, here.text, here.by, here.at) == (note.pk, call, "five\nmillion", "bob", note.at)
    assert words_on(call) == ["late"]


def test_an_act_finds_its_call_by_the_keys_whatever_it_is_named_there(call: Call, old: str) -> None:
    there = known_there(call, old, name=uuid.uuid4())
    act(Note, old, call_id=there.pk, text="five")
    assert take(records(old)) == 1
    assert (Note.objects.get().call, Call.objects.count()) == (call, 1)


def test_a_call_that_is_not_here_yet_waits_for_its_audio_and_is_settled_into_its_row(
    place: Place, call: Call, old: str
) -> None:
    there = known_there(call, old, name=uuid.uuid4())
    act(Note, old, call_id=there.pk, text="five")
    held_there(there, old)
    found = records(old)
    Call.objects.all().delete()  # as if this side had never had it
    assert (take(found), take(found)) == (3, 0)
    waiting = Call.objects.get()
    assert (waiting.state, waiting.version, waiting.caller, waiting.has_audio) == (
        State.AWAITING, 0, call.caller, False,
    )  # fmt: skip
    spool(live(place), sip_call())
    assert settle(place, InProcess()).stored == [waiting.pk]
    stored = Call.objects.get()
    assert (stored.state, stored.version, Note.objects.get().call, len(holds_on(stored))) == (
        State.STORED, 1, stored, 1,
    )  # fmt: skip


def test_what_was_removed_on_one_side_does_not_come_back(call: Call, old: str) -> None:
    there = known_there(call, old)
    note = act(Note, old, call_id=there.pk, text="five")
    tag = act(Tag, old, call_id=there.pk, word="late")
    before = records(old)
    assert take(before) == 2
    Note.objects.update(ended=True, text="")
    Tag.objects.using(old).update(ended=True)
    assert [record.key for record in records(old)] == [str(tag.pk)]
    assert (take(records(old)), take(before)) == (1, 0)
    assert (Note.objects.get(pk=note.pk).ended, Tag.objects.get(pk=tag.pk).ended) == (True, True)


@pytest.mark.parametrize("later_there", [True, False])
def test_of_two_texts_the_later_holds_and_the_other_is_in_the_audit_trail_and_told(
    later_there: bool, call: Call, old: str
) -> None:
    there = known_there(call, old)
    act(Note, old, call_id=there.pk, text="five")
    take(records(old))
    now = clock.now()
    stamps = now + timedelta(seconds=1), now + timedelta(seconds=2)
    Note.objects.using(old).update(text="six", stamp=stamps[later_there], changed_by="bob")
    Note.objects.update(text="seven", stamp=stamps[not later_there], changed_by="anna")
    told = list(NOTE_TEXTS.lacking(old, "default", alive))
    assert [record.values for record in told] == [{"there": "six", "here": "seven"}]
    found = records(old)
    assert (take(found), take(found)) == (int(later_there), 0)
    winner, loser = ("six", "seven") if later_there else ("seven", "six")
    assert Note.objects.get().text == winner
    assert [entry.detail["former"] for entry in trail("act-united")] == [{"text": loser}]


def test_notes_on_a_call_that_was_deleted_here_are_left_and_told(call: Call, old: str) -> None:
    there = known_there(call, old)
    note = act(Note, old, call_id=there.pk, text="five")
    found = records(old)
    delete_call(call, who="anna", why=Why.PERSON)
    assert (take(found), Note.objects.count(), Call.objects.count()) == (0, 0, 0)
    assert [entry.object for entry in trail("handover-left")] == [f"note {note.pk}"]


GIVEN = {
    "by": "bob",
    "changed_by": "",
    "ended": False,
    "at": "2026-03-04T12:00:00+00:00",
    "stamp": "2026-03-04T12:00:00+00:00",
    "text": "five",
    "word": "late",
    "name": "Case",
    "reason": "x",
    "hold": str(uuid.UUID(int=1)),
    "call": {"id": str(uuid.UUID(int=2)), "keys": [], "started": 0, "ended": 1, "answered": None, "facts": {}},
}
ODD = st.none() | st.integers() | st.text(max_size=9) | st.lists(st.text(max_size=3), max_size=2)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from([HOLDS, HELD, NOTES, TAGS]),
    key=st.text(max_size=40) | st.just(str(uuid.UUID(int=1))),
    changes=st.dictionaries(st.sampled_from(sorted(GIVEN)), ODD, min_size=1),
)
def test_other_values_have_one_kind_of_error(kind: Any, key: str, changes: dict[str, object]) -> None:
    try:
        kind.take_in([Record(kind.name, key, {**GIVEN, **changes})], ORIGIN)
    except HandoverError as error:
        assert str(error).endswith((".", "?"))  # noqa: PT017 -- most of them, not all


def test_the_order_of_two_files_does_not_matter_for_what_holds(call: Call, old: str) -> None:
    there = known_there(call, old)
    note = act(Note, old, call_id=there.pk, text="five")
    first = records(old)
    later = [replace(record, values={**record.values, "ended": True, "text": ""}) for record in first]
    take(later)
    take(first)
    assert (Note.objects.get(pk=note.pk).ended, Note.objects.get(pk=note.pk).text) == (True, "")

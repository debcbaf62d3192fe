"""Notes and tags: whose they are, what the audit trail keeps, and that they go with their call."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apresa.accounts.models import User
from apresa.audit.models import Entry
from recordings.domain import notes
from recordings.domain.acting import ActRefused
from recordings.domain.deletion import delete_call
from recordings.models import Call, Note, Tag, Why
from recordings.queries.acts import tags_offered, words_on
from recordings.queries.calls import visible_calls
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import make_call

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def trail(action: str) -> list[dict[str, Any]]:
    return [entry.detail for entry in Entry.objects.using("node").filter(action=action).order_by("pk")]


@pytest.fixture
def call() -> Call:
    return make_call(1)


@pytest.fixture
def carl() -> User:
    return person("carl", "supervisor")


def test_note_has_its_author_time_and_call(call: Call, carl: User) -> None:
    note = notes.add_note(call, " He agreed\r\nto 5 million. ", by=carl)
    assert (note.text, note.by, note.call_id, note.ended) == ("He agreed\nto 5 million.", "carl", call.pk, False)
    assert note.stamp == note.at
    assert trail("note-added") == [{"note": str(note.pk)}]


def test_changed_note_keeps_its_former_text_in_the_audit_trail(call: Call, carl: User) -> None:
    note = notes.add_note(call, "five", by=carl)
    notes.change_note(call, note.pk, "six", by=carl)
    notes.change_note(call, note.pk, "six", by=carl)  # the same text is no change
    note.refresh_from_db()
    assert (note.text, note.changed_by, note.stamp > note.at) == ("six", "carl", True)
    assert trail("note-changed") == [{"note": str(note.pk), "former": "five"}]


def test_removed_note_leaves_a_row_without_text(call: Call, carl: User) -> None:
    note = notes.add_note(call, "five", by=carl)
    notes.remove_note(call, note.pk, by=carl)
    note.refresh_from_db()
    assert (note.text, note.ended, note.changed_by) == ("", True, "carl")
    assert trail("note-removed") == [{"note": str(note.pk), "author": "carl", "former": "five"}]
    with pytest.raises(Note.DoesNotExist):
        notes.change_note(call, note.pk, "again", by=carl)


def test_note_of_another_is_changed_by_nobody_and_removed_by_who_may_delete_the_call(call: Call, carl: User) -> None:
    note = notes.add_note(call, "five", by=carl)
    other = person("dora", "supervisor")
    for act in (
        lambda by: notes.change_note(call, note.pk, "six", by=by),
        lambda by: notes.remove_note(call, note.pk, by=by),
    ):
        with pytest.raises(ActRefused):
            act(other)
    administrator = anna()
    with pytest.raises(ActRefused):
        notes.change_note(call, note.pk, "six", by=administrator)
    notes.remove_note(call, note.pk, by=administrator)
    assert Note.objects.get().ended is True


def test_note_of_another_call_is_not_found(call: Call, carl: User) -> None:
    note = notes.add_note(call, "five", by=carl)
    with pytest.raises(Note.DoesNotExist):
        notes.remove_note(make_call(2), note.pk, by=carl)


def test_call_holds_so_many_notes_and_tags(call: Call, carl: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MOST_NOTES", 1)
    monkeypatch.setattr(notes, "MOST_TAGS", 1)
    notes.add_note(call, "one", by=carl)
    notes.add_tag(call, "one", by=carl)
    notes.add_tag(call, "One", by=carl)  # it is there already
    with pytest.raises(ActRefused, match="as many notes"):
        notes.add_note(call, "two", by=carl)
    with pytest.raises(ActRefused, match="as many tags"):
        notes.add_tag(call, "two", by=carl)


def test_tag_is_put_on_once_and_taken_off(call: Call, carl: User) -> None:
    assert notes.add_tag(call, "Late Trade", by=carl) == "late trade"
    notes.add_tag(call, "late trade", by=carl)
    assert words_on(call) == ["late trade"]
    assert (notes.remove_tag(call, "LATE trade", by=carl), notes.remove_tag(call, "late trade", by=carl)) == (
        True,
        False,
    )
    assert (words_on(call), Tag.objects.get().ended) == ([], True)
    assert (trail("tag-added"), trail("tag-removed")) == ([{"tag": "late trade"}], [{"tag": "late trade"}])


def test_two_rows_of_one_word_are_one_tag_and_go_together(call: Call, carl: User) -> None:
    for _ in range(2):  # as two nodes gave it
        Tag.objects.create(call=call, word="late", by="carl", at=NOW, stamp=NOW)
    assert words_on(call) == ["late"]
    assert notes.remove_tag(call, "late", by=carl) is True
    assert words_on(call) == []


def test_notes_and_tags_go_with_their_call(call: Call, carl: User) -> None:
    notes.add_note(call, "five", by=carl)
    notes.add_tag(call, "late", by=carl)
    delete_call(call, who="anna", why=Why.PERSON)
    assert (Note.objects.count(), Tag.objects.count()) == (0, 0)
    with pytest.raises(Call.DoesNotExist):
        notes.add_note(call, "six", by=carl)


def test_words_are_offered_from_calls_that_one_may_see_the_most_frequent_first(call: Call, carl: User) -> None:
    for other in (call, make_call(2)):
        notes.add_tag(other, "late trade", by=carl)
    notes.add_tag(call, "late", by=carl)
    notes.add_tag(call, "fx", by=carl)
    notes.remove_tag(call, "fx", by=carl)
    assert tags_offered(visible_calls(carl), "") == ["late trade", "late"]
    assert tags_offered(visible_calls(carl), " Trade") == ["late trade"]
    assert tags_offered(visible_calls(bob()), "") == []

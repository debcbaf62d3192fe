"""Notes and tags on a call's page: who may what, what a refused form keeps, and the part that is answered."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client

from apresa import database, replicated, saved
from apresa.database import DatabaseState
from recordings.models import Call, Note, Tag, UserNumber
from tests.apresa.accounts.people import anna, bob, person
from tests.browser.seed import make_call
from tests.recordings.pages.test_call import page_of
from tests.recordings.pages.test_calls import rows, signed_in
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
PART = {"HX-Request": "true"}


@pytest.fixture
def call() -> Call:
    return make_call(1, now=NOW, sound=False)


@pytest.fixture
def client() -> Client:
    return signed_in(person("carl", "supervisor"))


def test_note_is_added_and_the_part_of_the_page_answered(call: Call, client: Client) -> None:
    answer = client.post(f"/calls/{call.pk}/notes/", {"text": "<b>five</b>"}, headers=PART)
    text = answer.content.decode()
    assert (answer.status_code, text.lstrip().startswith('<section class="card" id="notes"')) == (200, True)
    assert "&lt;b&gt;five&lt;/b&gt;" in text
    assert "carl" in text


def test_without_script_the_page_comes_again(call: Call, client: Client) -> None:
    answer = client.post(f"/calls/{call.pk}/notes/", {"text": "five"})
    assert (answer.status_code, answer["Location"]) == (302, f"/calls/{call.pk}/#notes")
    assert "five" in page_of(client, call)


@pytest.mark.parametrize("headers", [PART, {}])
def test_refused_note_comes_back_with_its_text_and_a_sentence(
    headers: dict[str, str], call: Call, client: Client
) -> None:
    typed = "x" * 4001
    answer = client.post(f"/calls/{call.pk}/notes/", {"text": typed}, headers=headers)
    text = answer.content.decode()
    assert answer.status_code == 400
    assert f'autofocus aria-describedby="note-problem" data-submit>{typed}</textarea>' in text
    assert "This is too long: at most 4000 characters." in text
    assert Note.objects.count() == 0


def test_own_note_is_changed_and_removed_and_that_of_another_offers_neither(call: Call, client: Client) -> None:
    client.post(f"/calls/{call.pk}/notes/", {"text": "five"})
    note = Note.objects.get()
    path = f"/calls/{call.pk}/notes/{note.pk}/"
    other = signed_in(person("dora", "supervisor"))
    assert (path in page_of(client, call), path in page_of(other, call)) == (True, False)
    assert other.post(path, {"text": "six"}).status_code == 400
    assert client.post(path, {"text": "six"}, headers=PART).status_code == 200
    assert Note.objects.get().text == "six"
    refused = client.post(path, {"text": ""}, headers=PART).content.decode()
    assert '<details class="note-edit" open>' in refused
    assert client.post(f"{path}remove/", headers=PART).status_code == 200
    assert "Nobody has noted anything on this call." in page_of(client, call)
    assert client.post(f"{path}remove/", headers=PART).status_code == 404


def test_tag_is_added_found_in_the_list_offered_and_removed(call: Call, client: Client) -> None:
    make_call(2, now=NOW, sound=False)
    client.post(f"/calls/{call.pk}/tags/", {"word": "Late Trade"})
    text = page_of(client, call)
    assert 'href="/calls/?tag=late%20trade"' in text
    assert rows(client, "?tag=late+trade") == [call.caller]
    assert client.get("/tags/?word=tra").content.decode().strip() == '<option value="late trade"></option>'
    assert client.get("/tags/?tag=zzz").content.decode().strip() == ""
    refused = client.post(f"/calls/{call.pk}/tags/", {"word": "x" * 41}, headers=PART)
    assert (refused.status_code, 'id="tag-problem"' in refused.content.decode()) == (400, True)
    assert client.post(f"/calls/{call.pk}/tags/remove/", {"word": "late trade"}, headers=PART).status_code == 200
    assert (rows(client, "?tag=late+trade"), Tag.objects.get().ended) == ([], True)


def test_list_is_searched_by_note(call: Call, client: Client) -> None:
    make_call(2, now=NOW, sound=False)
    client.post(f"/calls/{call.pk}/notes/", {"text": "He bought five."})
    assert rows(client, "?note=BOUGHT") == [call.caller]
    assert "Note: BOUGHT" in client.get("/calls/?note=BOUGHT").content.decode()


def test_listener_reads_notes_and_writes_none(call: Call, client: Client) -> None:
    client.post(f"/calls/{call.pk}/notes/", {"text": "five"})
    user = bob()
    UserNumber.objects.create(user=user, number=call.caller)
    reads = signed_in(user)
    text = page_of(reads, call)
    assert ("five" in text, 'id="note-text"' in text, 'id="tag-word"' in text) == (True, False, False)
    tried = [("notes/", {"text": "six"}), ("tags/", {"word": "late"}), ("tags/remove/", {"word": "late"})]
    assert {reads.post(f"/calls/{call.pk}/{path}", body).status_code for path, body in tried} == {403}
    note = f"/calls/{call.pk}/notes/{Note.objects.get().pk}/"
    assert {reads.post(path, {"text": "six"}).status_code for path in (note, f"{note}remove/")} == {400}
    assert (Note.objects.get().text, Tag.objects.count()) == ("five", 0)


def test_call_of_others_is_not_found_and_a_stranger_signs_in_first(call: Call) -> None:
    paths = [f"/calls/{call.pk}/notes/", f"/calls/{call.pk}/notes/{uuid.uuid4()}/", f"/calls/{call.pk}/tags/"]
    listener = signed_in(bob())
    assert {listener.post(path, {"text": "x", "word": "x"}).status_code for path in paths} == {404}
    assert {Client().post(path)["Location"].partition("?")[0] for path in paths} == {"/sign-in/"}
    assert Client().get("/tags/")["Location"] == "/sign-in/?next=/tags/"


def test_copy_of_the_database_shows_notes_and_offers_no_change(
    call: Call, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(f"/calls/{call.pk}/notes/", {"text": "five"})
    with read_only_database():
        assert client.post(f"/calls/{call.pk}/notes/", {"text": "six"}, headers=PART).status_code == 409
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.READ_ONLY)
    database.forget()
    text = page_of(client, call)
    assert "five" in text
    for part in ('id="note-text"', 'id="tag-word"', "/remove/", 'id="hold"'):
        assert part not in text, part


@pytest.mark.parametrize("headers", [PART, {}])
def test_person_is_told_that_a_note_waits_for_the_other_node(
    headers: dict[str, str], call: Call, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicated, "is_expected", lambda: True)
    monkeypatch.setattr(replicated, "is_saved", lambda: False)
    answer = client.post(f"/calls/{call.pk}/notes/", {"text": "five"}, headers=headers)
    sentence = "Saved here, not yet on the other node. It follows by itself."
    assert answer[saved.HEADER] == "this-node"
    if headers:
        assert json.loads(answer["HX-Trigger"]) == {"apresa:saved-here": sentence}
    assert (sentence in page_of(client, call)) is not bool(headers)


def test_administrator_may_remove_the_note_of_another(call: Call, client: Client) -> None:
    client.post(f"/calls/{call.pk}/notes/", {"text": "five"})
    other = signed_in(anna())
    note = f"/calls/{call.pk}/notes/{Note.objects.get().pk}/"
    text = page_of(other, call)
    assert (f'action="{note}"' in text, f'action="{note}remove/"' in text) == (False, True)
    assert other.post(f"{note}remove/").status_code == 302
    assert Note.objects.get().ended is True

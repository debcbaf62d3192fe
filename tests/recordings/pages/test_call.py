"""The page of one call: who may what, and what it says."""

import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client

from apresa import database
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from recordings.models import Call, Tombstone, UserNumber
from tests.apresa.accounts.people import anna, bob, person
from tests.browser.seed import failed_call, make_call
from tests.recordings.pages.test_calls import signed_in

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def page_of(client: Client, call: Call) -> str:
    response = client.get(f"/calls/{call.pk}/")
    assert response.status_code == 200
    return response.content.decode()


def test_administrator_gets_player_downloads_signalling_and_delete() -> None:
    call = make_call(1, now=NOW, seconds=1)
    text = page_of(signed_in(anna()), call)
    for part in ('id="player"', "?format=mp3", 'id="ladder-title"', 'id="delete"', "One side hung up."):
        assert part in text, part


def test_listener_gets_the_player_of_an_own_call_but_no_download_signalling_or_delete() -> None:
    call = make_call(1, now=NOW, seconds=1)
    user = bob()
    UserNumber.objects.create(user=user, number=call.caller)
    text = page_of(signed_in(user), call)
    assert 'id="player"' in text
    for part in ("?format=mp3", 'id="ladder-title"', 'id="delete"'):
        assert part not in text, part


def test_call_of_others_is_not_found_by_a_listener() -> None:
    call = make_call(1, now=NOW, sound=False)
    assert signed_in(bob()).get(f"/calls/{call.pk}/").status_code == 404


def test_unknown_call_is_not_found() -> None:
    assert signed_in(anna()).get(f"/calls/{uuid.uuid4()}/").status_code == 404


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (2, "The caller gave up before anyone answered."),
        (4, "The called side was busy."),
        (7, "The called number does not exist."),
        (8, "The call was seen, but none of its sound came past"),
        (3, "Capture was interrupted once during this call: 1.8 seconds were not heard."),
        (6, "The call was still going on when the capture ended."),
    ],
)
def test_page_says_in_a_sentence_what_happened(number: int, sentence: str) -> None:
    call = make_call(number, now=NOW, sound=False)
    assert sentence in page_of(signed_in(anna()), call)


def test_call_that_could_not_be_stored_shows_the_reason() -> None:
    call = failed_call(NOW)
    text = page_of(signed_in(anna()), call)
    assert "This call could not be turned into a recording yet." in text
    assert call.problem in text


def test_deleting_leaves_a_tombstone_and_an_audit_entry_and_returns_to_the_list() -> None:
    call = make_call(1, now=NOW, sound=False)
    client = signed_in(anna())
    response = client.post(f"/calls/{call.pk}/delete/")
    assert (response.status_code, response["Location"]) == (302, "/calls/")
    assert not Call.objects.exists()
    assert Tombstone.objects.get().who == "anna"
    assert Entry.objects.using("node").filter(action="call-deleted").count() == 1
    gone = client.get(f"/calls/{call.pk}/")
    assert gone.status_code == 410
    assert "This call was deleted" in gone.content.decode()


def test_deleting_is_refused_to_those_without_the_right() -> None:
    call = make_call(1, now=NOW, sound=False)
    assert signed_in(person("carl", "supervisor")).post(f"/calls/{call.pk}/delete/").status_code == 403
    assert signed_in(bob()).post(f"/calls/{call.pk}/delete/").status_code == 404
    assert Call.objects.count() == 1


def test_deleting_by_a_link_is_not_possible() -> None:
    call = make_call(1, now=NOW, sound=False)
    assert signed_in(anna()).get(f"/calls/{call.pk}/delete/").status_code == 405


def test_copy_of_the_database_offers_no_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    call = make_call(1, now=NOW, sound=False)
    client = signed_in(anna())
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.READ_ONLY)
    database.forget()
    text = page_of(client, call)
    assert 'id="delete"' not in text
    assert "This machine keeps a copy." in text

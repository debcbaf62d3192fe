"""Holds in the pages: on a call, in the list, on their own page, and what somebody must decide."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apresa import database
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from recordings.models import Call, Contest, Hold, State, UserNumber, Why
from tests.apresa.accounts.people import anna, bob, person
from tests.browser.seed import make_call
from tests.recordings.pages.test_call import page_of
from tests.recordings.pages.test_calls import rows, signed_in

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
NEW = {"name": "Case 12", "reason": "The regulator asks."}


@pytest.fixture
def call() -> Call:
    return make_call(1, now=NOW, sound=False)


@pytest.fixture
def client() -> Client:
    return signed_in(person("dora", "compliance"))


def hold(client: Client, call: Call) -> Hold:
    assert client.post(f"/calls/{call.pk}/hold/", NEW).status_code == 302
    found: Hold = Hold.objects.get(ended=False)
    return found


def contested(call: Call, **values: object) -> Contest:
    facts = {"grave": call.pk, "why": Why.PERSON, "who": "bob", "at": NOW, "origin": "north", **values}
    return Contest.objects.create(call=call, **facts)


def test_call_is_put_on_hold_and_its_page_and_the_list_say_so(call: Call, client: Client) -> None:
    other = make_call(2, now=NOW, sound=False)
    placed = hold(client, call)
    text = page_of(client, call)
    assert "On hold: nobody can delete this call." in text
    assert "The regulator asks." in text
    assert client.get("/calls/").content.decode().count("On hold</span>") == 1
    assert rows(client, "?on_hold=true") == rows(client, f"?hold={placed.pk}") == [call.caller]
    assert rows(client, "?on_hold=false") == [other.caller]
    assert "Hold: Case 12" in client.get(f"/calls/?hold={placed.pk}").content.decode()


def test_call_is_put_under_a_hold_that_is_there(call: Call, client: Client) -> None:
    placed = hold(client, make_call(2, now=NOW, sound=False))
    assert f'<option value="{placed.pk}">Case 12</option>' in page_of(client, call)
    client.post(f"/calls/{call.pk}/hold/", {"hold": str(placed.pk)})
    assert placed.held.count() == 2
    assert client.post(f"/calls/{call.pk}/hold/", {"hold": "nonsense"}).status_code == 404


def test_refused_hold_comes_back_with_all_that_was_typed(call: Call, client: Client) -> None:
    hold(client, make_call(2, now=NOW, sound=False))
    answer = client.post(f"/calls/{call.pk}/hold/", {"name": "case 12", "reason": "Another reason"})
    text = answer.content.decode()
    assert answer.status_code == 400
    for part in ("data-open", 'value="case 12"', "Another reason</textarea>", "There is a hold of this name already."):
        assert part in text, part


def test_deleting_a_held_call_is_refused_with_the_holds_name(call: Call, client: Client) -> None:
    hold(client, call)
    administrator = signed_in(anna())
    assert "A hold lies on this call, so it cannot be deleted." in page_of(administrator, call)
    answer = administrator.post(f"/calls/{call.pk}/delete/")
    assert answer.status_code == 409
    assert "This call is on hold (Case 12), so it is not deleted. Release the hold first." in answer.content.decode()
    assert Call.objects.count() == 1
    assert Entry.objects.using("node").get(action="deletion-refused").detail == {"holds": "Case 12"}


def test_call_is_taken_out_of_its_hold(call: Call, client: Client) -> None:
    placed = hold(client, call)
    assert client.post(f"/calls/{call.pk}/hold/{placed.pk}/release/").status_code == 302
    assert "On hold: nobody can delete this call." not in page_of(client, call)


def test_page_of_holds_has_name_reason_count_and_release(call: Call, client: Client) -> None:
    assert "No call is on hold." in client.get("/holds/").content.decode()
    placed = hold(client, call)
    text = client.get("/holds/").content.decode()
    for part in ("Case 12", "The regulator asks.", "1 call</a>", f"/holds/{placed.pk}/release/", 'data-page="holds"'):
        assert part in text, part
    assert client.post(f"/holds/{placed.pk}/", {"name": "Case 13", "reason": "x"}).status_code == 302
    assert client.post(f"/holds/{placed.pk}/release/").status_code == 302
    text = client.get("/holds/").content.decode()
    assert "released by dora" in text
    assert client.post(f"/holds/{placed.pk}/release/").status_code == 404


def test_new_hold_without_a_call_and_its_refusals(client: Client) -> None:
    assert client.post("/holds/", NEW).status_code == 302
    again = client.post("/holds/", {**NEW, "reason": "Typed with care"})
    text = again.content.decode()
    assert again.status_code == 400
    assert ("There is a hold of this name already." in text, "Typed with care" in text) == (True, True)
    placed = Hold.objects.get()
    changed = client.post(f"/holds/{placed.pk}/", {"name": "", "reason": "Kept text"})
    assert (changed.status_code, "Kept text" in changed.content.decode()) == (400, True)
    assert Hold.objects.get().name == "Case 12"


@pytest.mark.parametrize("role", ["listener", "supervisor"])
def test_who_may_not_see_holds_sees_and_changes_none(role: str, call: Call, client: Client) -> None:
    placed = hold(client, call)
    user = person("carl", role)
    UserNumber.objects.create(user=user, number=call.caller)
    other = signed_in(user)
    assert "Case 12" not in page_of(other, call)
    assert 'data-page="holds"' not in page_of(other, call)
    assert "On hold" not in other.get("/calls/").content.decode()
    assert rows(other, "?on_hold=true") == []
    posts = [
        "/holds/",
        f"/holds/{placed.pk}/",
        f"/holds/{placed.pk}/release/",
        f"/calls/{call.pk}/hold/",
        f"/calls/{call.pk}/hold/{placed.pk}/release/",
        f"/calls/{call.pk}/keep/",
    ]
    assert {other.post(path, NEW).status_code for path in posts} == {403}
    assert other.get("/holds/").status_code == 403
    assert {Client().post(path, NEW)["Location"].partition("?")[0] for path in posts} == {"/sign-in/"}
    assert (Hold.objects.get().ended, Hold.objects.get().name) == (False, "Case 12")


def test_who_may_hold_but_not_release_is_offered_no_release(call: Call, client: Client) -> None:
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    placed = hold(client, call)
    user = person("carl", "supervisor")
    user.user_permissions.add(Permission.objects.get(codename="hold_call"))
    other = signed_in(user)
    pages = page_of(other, call) + other.get("/holds/").content.decode()
    assert ("Case 12" in pages, "/release/" in pages) == (True, False)
    assert other.post(f"/holds/{placed.pk}/release/").status_code == 403


def test_contested_call_is_hidden_until_somebody_keeps_it(call: Call, client: Client) -> None:
    hold(client, call)
    contested(call)
    carl = signed_in(person("carl", "supervisor"))
    assert (carl.get(f"/calls/{call.pk}/").status_code, rows(carl)) == (404, [])
    listed = client.get("/holds/").content.decode()
    assert ("To decide" in listed, "deleted by bob on north" in listed) == (True, True)
    assert "It was deleted on north while it was on hold here." in page_of(client, call)
    assert client.post(f"/calls/{call.pk}/keep/").status_code == 302
    assert "To decide" not in client.get("/holds/").content.decode()
    assert rows(carl) == [call.caller]


def test_contested_call_goes_when_its_hold_is_released_and_it_is_deleted(call: Call, client: Client) -> None:
    placed = hold(client, call)
    contested(call, origin="")
    administrator = signed_in(anna())
    assert "It was deleted here while it was on hold on the other node." in page_of(administrator, call)
    assert administrator.post(f"/calls/{call.pk}/delete/").status_code == 409
    client.post(f"/holds/{placed.pk}/release/")
    assert administrator.post(f"/calls/{call.pk}/delete/").status_code == 302
    assert (Call.objects.count(), Contest.objects.count()) == (0, 0)


def test_call_that_waits_for_its_audio_says_so(call: Call, client: Client) -> None:
    Call.objects.update(state=State.AWAITING)
    assert "its audio has not come yet" in page_of(client, call)


def test_copy_of_the_database_shows_holds_and_offers_no_change(
    call: Call, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(client, call)
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.READ_ONLY)
    database.forget()
    pages = page_of(client, call) + client.get("/holds/").content.decode()
    assert "Case 12" in pages
    assert re.findall(r'<form[^>]*action="/(?:holds|calls/[^"]+)/[^"]*"[^>]*method="post"|/release/', pages) == []


def test_listener_may_not_open_the_page_of_holds() -> None:
    assert signed_in(bob()).get("/holds/").status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_page_of_holds_and_the_list_ask_equally_often_for_one_and_for_three(
    count: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        call = make_call(number, now=NOW, sound=False)
        client.post(f"/calls/{call.pk}/hold/", {**NEW, "name": f"Case {number}"})
        client.post(f"/calls/{call.pk}/tags/", {"word": "late"})
    client.get("/holds/")
    with django_assert_num_queries(6):  # the user, the rights of both kinds, holds, released ones, contested calls
        client.get("/holds/")
    with django_assert_num_queries(5):  # the user, the rights of both kinds, the calls, their tags
        client.get("/calls/")

"""The list of calls: who sees what, filters in the address, pages."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apresa import database
from apresa.accounts.models import User
from apresa.database import DatabaseState
from recordings.models import UserNumber
from tests.apresa.accounts.people import anna, bob, person
from tests.browser.seed import make_call

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def rows(client: Client, query: str = "") -> list[str]:
    """The callers of the rows, from top to bottom."""
    text = client.get(f"/calls/{query}").content.decode()
    return re.findall(r'class="row-link"[^>]*><span class="visually-hidden">From </span>([^<]+)', text)


def some_calls(count: int) -> None:
    for number in range(count):
        make_call(number, now=NOW, sound=False)


def test_list_sends_a_stranger_to_the_sign_in_page() -> None:
    response = Client().get("/calls/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/calls/")


def test_list_is_refused_to_a_person_without_rights() -> None:
    user = User.objects.create_user("nobody")
    assert signed_in(user).get("/calls/").status_code == 403


def test_list_shows_a_supervisor_all_calls_newest_first() -> None:
    some_calls(4)
    assert rows(signed_in(person("carl", "supervisor"))) == ["2101", "2102", "2117", "+31205550142"]


def test_list_shows_a_listener_the_calls_of_the_own_numbers_only() -> None:
    some_calls(4)
    user = bob()
    client = signed_in(user)
    assert rows(client) == []
    UserNumber.objects.create(user=user, number="2117")
    assert rows(client) == ["2117"]


def test_number_finds_any_part_of_either_side() -> None:
    some_calls(4)
    client = signed_in(anna())
    assert rows(client, "?number=0555") == ["+31205550142"]
    assert rows(client, "?number=kontor") == ["2102", "+31205550142"]


def test_filters_become_chips_that_can_be_taken_out() -> None:
    some_calls(2)
    text = signed_in(anna()).get("/calls/?number=21&end_reason=bye").content.decode()
    assert re.findall(r'class="chip" href="([^"]+)"', text) == ["?end_reason=bye", "?number=21"]


def test_wrong_filter_says_which_and_shows_no_calls() -> None:
    some_calls(1)
    response = signed_in(anna()).get("/calls/?since=yesterdayish")
    assert response.status_code == 200
    assert "The filter “Started at or after” cannot be used as it is" in response.content.decode()
    assert rows(signed_in(User.objects.get(username="anna")), "?since=yesterdayish") == []


def test_pages_follow_each_other_without_gap() -> None:
    some_calls(53)
    client = signed_in(anna())
    first = client.get("/calls/").content.decode()
    following = re.search(r'href="(\?[^"]+)" rel="next"', first)
    assert following
    assert len(rows(client)) == 50
    assert len(rows(client, following[1].replace("&amp;", "&"))) == 3


def test_damaged_cursor_begins_again_and_says_so() -> None:
    some_calls(1)
    response = signed_in(anna()).get("/calls/?cursor=garbage")
    assert "This page link is damaged, so the list begins again." in response.content.decode()
    assert len(response.context["page"].items) == 1


def test_empty_list_says_why_and_what_to_press() -> None:
    text = signed_in(anna()).get("/calls/").content.decode()
    assert "No call has been recorded yet" in text
    assert "Look at the active calls" in text


def test_filters_without_hit_say_something_else_than_an_empty_library() -> None:
    some_calls(1)
    text = signed_in(anna()).get("/calls/?number=nobody").content.decode()
    assert "No call fits these filters" in text
    assert "No call has been recorded yet" not in text


def test_htmx_gets_the_list_alone_but_the_browser_history_the_whole_page() -> None:
    some_calls(1)
    client = signed_in(anna())
    part = client.get("/calls/", headers={"HX-Request": "true"}).content.decode().lstrip()
    assert part.startswith('<section id="calls"')
    whole = client.get("/calls/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert whole.content.decode().lstrip().startswith("<!doctype html>")


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_database_equally_often_for_one_call_and_for_three(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    some_calls(count)
    client = signed_in(anna())
    client.get("/calls/")
    with django_assert_num_queries(3):  # the user, the calls, their tags
        client.get("/calls/")


def test_list_says_that_the_database_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    some_calls(1)
    client = signed_in(anna())
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.READ_ONLY)
    database.forget()
    response = client.get("/calls/")
    assert response.status_code == 200
    assert "This machine keeps a copy." in response.content.decode()

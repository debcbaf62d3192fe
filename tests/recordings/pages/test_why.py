"""The page that says why calls were recorded or not: who sees what, filters, the days."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apresa.accounts.models import User
from apresa.shared import clock
from recordings.domain.deletion import delete_call
from recordings.models import UserNumber, Why
from tests.apresa.accounts.people import anna, bob, person
from tests.browser.seed import make_call
from tests.recordings.pages.test_calls import signed_in
from tests.samples.decisions import NOW, make_decision
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def numbers(client: Client, query: str = "") -> list[int]:
    """The numbers of the rows, from top to bottom."""
    return [row.number for row in client.get(f"/why/{query}").context["page"].items]


def test_page_sends_a_stranger_to_the_sign_in_page() -> None:
    response = Client().get("/why/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/why/")


def test_page_is_refused_to_a_person_without_rights() -> None:
    assert signed_in(User.objects.create_user("nobody")).get("/why/").status_code == 403


def test_administrator_and_supervisor_see_all_and_a_listener_the_own_numbers() -> None:
    for number in (1, 2, 3):
        make_decision(number)
    listener = bob()
    assert numbers(signed_in(anna())) == [1, 2, 3]
    assert numbers(signed_in(person("carl", "supervisor"))) == [1, 2, 3]
    assert numbers(signed_in(listener)) == []
    UserNumber.objects.create(user=listener, number="102")
    assert numbers(signed_in(listener)) == [2]


def test_the_days_count_only_what_the_reader_may_see() -> None:
    for number in (1, 2, 3):
        make_decision(number, started=clock.now())
    listener = bob()
    UserNumber.objects.create(user=listener, number="102")
    assert [count for _day, count, _parts in signed_in(listener).get("/why/").context["days"]] == [1]
    assert [count for _day, count, _parts in signed_in(anna()).get("/why/").context["days"]] == [3]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?number=02", [2]),
        ("?number=200", [1, 2, 3]),
        ("?kept=not-recorded", [3]),
        ("?reason=no-media", [3]),
        ("?reason=one-side", [2]),
        ("?no=2", [2]),
        ("?since=2026-03-04T11:58:30Z", [1]),
        ("?until=2026-03-04T11:57:30Z", [3]),
        ("?protocol=rtp", []),
    ],
)
def test_filters_find(query: str, expected: list[int]) -> None:
    make_decision(1)
    make_decision(2, reason="one-side", remarks="one-side in-part")
    make_decision(3, kept="not-recorded", reason="no-media")
    assert numbers(signed_in(anna()), query) == expected


@pytest.mark.parametrize("query", ["?since=yesterdayish", "?kept=perhaps", "?no=-1", "?no=x", "?reason=moon"])
def test_wrong_filter_says_which_and_shows_nothing(query: str) -> None:
    make_decision(1)
    response = signed_in(anna()).get(f"/why/{query}")
    assert (response.status_code, response.context["page"].items) == (200, [])
    assert "cannot be used as it is" in response.content.decode()


def test_a_row_says_the_reason_and_what_to_do() -> None:
    make_decision(1, kept="not-recorded", reason="no-media", detail="no RTP packets")
    text = signed_in(anna()).get("/why/").content.decode()
    assert "The call was answered, but none of its sound came past." in text
    assert "Mirror the ports or the VLAN that carry the sound, too" in text
    assert "no RTP packets" in text


def test_a_deleted_call_has_no_parties_and_no_link() -> None:
    make_decision(1, caller="", callee="", erased_at=NOW, erased_why="person")
    text = signed_in(anna()).get("/why/").content.decode()
    assert "Deleted by a person" in text
    assert 'href="/calls/' not in text.split('id="decisions"')[1].replace('href="/calls/"', "")


def test_a_reason_of_a_newer_release_is_no_fault() -> None:
    make_decision(1, reason="from-the-future")
    assert "This release does not know the reason" in signed_in(anna()).get("/why/").content.decode()


def test_text_from_the_wire_is_no_markup() -> None:
    make_decision(1, caller="<script>", detail="<b>")
    text = signed_in(anna()).get("/why/").content.decode()
    assert "&lt;script&gt;" in text
    assert '<small class="text-secondary">&lt;b&gt;' in text


def test_empty_page_and_filters_without_hit_say_different_things() -> None:
    client = signed_in(anna())
    assert "No call has been seen yet" in client.get("/why/").content.decode()
    make_decision(1)
    assert "No call fits these filters" in client.get("/why/?number=nobody").content.decode()


def test_damaged_cursor_begins_again_and_says_so() -> None:
    make_decision(1)
    response = signed_in(anna()).get("/why/?cursor=garbage")
    assert "This page link is damaged" in response.content.decode()
    assert [row.number for row in response.context["page"].items] == [1]


def test_pages_follow_each_other_without_gap() -> None:
    for number in range(1, 54):
        make_decision(number)
    client = signed_in(anna())
    following = re.search(r'href="(\?[^"]+)" rel="next"', client.get("/why/").content.decode())
    assert following
    assert numbers(client, following[1].replace("&amp;", "&")) == [51, 52, 53]


def test_htmx_gets_the_list_alone() -> None:
    make_decision(1)
    part = signed_in(anna()).get("/why/", headers={"HX-Request": "true"}).content.decode().lstrip()
    assert part.startswith('<section id="decisions"')


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_the_database_as_often_for_many_rows(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, count + 1):
        make_decision(number)
    client = signed_in(anna())
    client.get("/why/")
    with django_assert_num_queries(4):  # the user, the rows, the names of the machines, the days
        client.get("/why/")


def test_a_standby_shows_what_its_replica_has() -> None:
    make_decision(1)
    client = signed_in(anna())
    with read_only_database():
        assert numbers(client) == [1]


def test_the_page_of_a_call_leads_here() -> None:
    call = make_call(1, now=NOW, sound=False)
    client = signed_in(anna())
    assert "/why/?no=" not in client.get(f"/calls/{call.pk}/").content.decode()
    make_decision(7, pk=call.pk, started=NOW + timedelta(hours=1))
    assert 'href="/why/?no=7"' in client.get(f"/calls/{call.pk}/").content.decode()


def test_the_page_of_a_deleted_call_names_its_line() -> None:
    call = make_call(1, now=NOW, sound=False)
    name = make_decision(7, pk=call.pk).pk
    delete_call(call, who="anna", why=Why.PERSON)
    response = signed_in(anna()).get(f"/calls/{name}/")
    assert response.status_code == 410
    assert "Its line in the ledger: No. 7. Deleted by a person" in response.content.decode()

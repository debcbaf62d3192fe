"""The API of the ledger: who may what, filters, one call, totals, missing numbers."""

import uuid

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apresa.accounts.models import User
from apresa.shared import clock
from recordings.models import CallAlias, Decision, UserNumber
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of, make_call
from tests.samples.decisions import NODE, make_decision
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
ADDRESSES = ["/api/v1/why/", "/api/v1/why/totals/", f"/api/v1/why/{uuid.UUID(int=1)}/"]


def numbers(client: Client, query: str = "") -> list[int]:
    response = client.get(f"/api/v1/why/{query}")
    assert response.status_code == 200, response.content
    return [row["number"] for row in response.json()["results"]]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_stranger_is_told_to_sign_in(address: str) -> None:
    response = Client().get(address)
    assert (response.status_code, response.json()["code"]) == (401, "not-authenticated")


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_user_without_rights_may_see_nothing(address: str) -> None:
    response = client_of(User.objects.create(username="dora")).get(address)
    assert (response.status_code, response.json()["code"]) == (403, "permission-denied")


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_can_be_changed(address: str) -> None:
    client = client_of(anna(), may_write=True)
    assert [client.post(address).status_code, client.delete(address).status_code] == [405, 405]


def test_administrator_and_supervisor_see_all_and_a_listener_the_own_numbers() -> None:
    for number in (1, 2, 3):
        make_decision(number)
    listener = bob()
    UserNumber.objects.create(user=listener, number="102")
    assert numbers(client_of(anna())) == [1, 2, 3]
    assert numbers(client_of(person("carl", "supervisor"))) == [1, 2, 3]
    assert numbers(client_of(listener)) == [2]


def test_a_row_has_code_and_english_sentence_whatever_the_language() -> None:
    make_decision(1, kept="not-recorded", reason="no-media", remarks="mid-call in-part", detail="no RTP packets")
    user = anna()
    user.language = "nl"
    user.save()
    row = client_of(user).get("/api/v1/why/").json()["results"][0]
    assert (row["kept"], row["reason"], row["remarks"]) == ("not-recorded", "no-media", ["mid-call", "in-part"])
    assert row["sentence"] == "The call was answered, but none of its sound came past."
    assert (row["detail"], row["heard_by"], row["caller"], row["callee"]) == ("no RTP packets", [NODE], "101", "200")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?number=02", [2]),
        ("?kept=recorded", [1, 2]),
        ("?reason=no-media", [3]),
        ("?no=3", [3]),
        ("?sort=started", [3, 2, 1]),
        ("?sort=caller", [1, 2, 3]),
        ("?limit=1", [1]),
    ],
)
def test_the_list_is_filtered_and_sorted(query: str, expected: list[int]) -> None:
    make_decision(1)
    make_decision(2)
    make_decision(3, kept="not-recorded", reason="no-media")
    assert numbers(client_of(anna()), query) == expected


@pytest.mark.parametrize("query", ["?kept=perhaps", "?no=x", "?limit=0", "?cursor=x", "?sort=duration_ms", "?since=x"])
def test_a_wrong_parameter_is_refused_with_a_sentence(query: str) -> None:
    response = client_of(anna()).get(f"/api/v1/why/{query}")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


def test_one_call_is_found_by_its_id_and_by_an_alias() -> None:
    call = make_call(1)
    row = make_decision(1, pk=call.pk)
    alias = CallAlias.objects.create(pk=uuid.uuid4(), call=call)
    client = client_of(anna())
    found = [client.get(f"/api/v1/why/{name}/").json()["id"] for name in (call.pk, alias.pk)]
    assert found == [str(row.pk), str(row.pk)]


def test_one_call_of_others_is_not_there_for_a_listener() -> None:
    row = make_decision(1)
    listener = bob()
    assert client_of(listener).get(f"/api/v1/why/{row.pk}/").status_code == 404
    UserNumber.objects.create(user=listener, number="101")
    assert client_of(listener).get(f"/api/v1/why/{row.pk}/").status_code == 200


def test_totals_add_up_to_all_rows_of_the_days() -> None:
    now = clock.now()
    for number in (1, 2):
        make_decision(number, started=now)
    make_decision(3, started=now, kept="not-recorded", reason="no-media")
    make_decision(4)  # long ago
    told = client_of(anna()).get("/api/v1/why/totals/?days=1").json()
    assert [(row["kept"], row["reason"], row["count"]) for row in told["totals"]] == [
        ("recorded", "whole", 2),
        ("not-recorded", "no-media", 1),
    ]


def test_a_missing_number_is_told() -> None:
    for number in range(1, 10):
        make_decision(number)
    make_decision(1, node="other")
    Decision.objects.filter(node=NODE, number__in=[1, 4, 5, 9]).delete()
    told = client_of(anna()).get("/api/v1/why/totals/").json()["numbers"]
    assert [(row["last"], row["rows"], row["missing"]) for row in told] == [
        (9, 5, [[1, 1], [4, 5], [9, 9]]),
        (1, 1, []),
    ]


def test_all_numbers_of_a_node_may_be_missing() -> None:
    make_decision(3)
    Decision.objects.all().delete()
    told = client_of(anna()).get("/api/v1/why/totals/").json()["numbers"]
    assert [(row["last"], row["rows"], row["missing"]) for row in told] == [(3, 0, [[1, 3]])]


def test_a_listener_is_told_nothing_of_numbers_and_only_the_own_totals() -> None:
    now = clock.now()
    for number in (1, 2):
        make_decision(number, started=now)
    listener = bob()
    UserNumber.objects.create(user=listener, number="102")
    told = client_of(listener).get("/api/v1/why/totals/").json()
    assert ([row["count"] for row in told["totals"]], told["numbers"]) == ([1], None)


@pytest.mark.parametrize("days", ["0", "93", "x", "-1", ""])
def test_a_wrong_number_of_days_is_refused(days: str) -> None:
    assert client_of(anna()).get(f"/api/v1/why/totals/?days={days}").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_database_as_often_for_many_rows(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1, count + 1):
        make_decision(number)
    client = client_of(anna())
    client.get("/api/v1/why/")
    with django_assert_num_queries(2):  # the token with its user; the rows
        client.get("/api/v1/why/")


def test_a_standby_answers_from_its_replica() -> None:
    make_decision(1)
    client = client_of(anna())
    client.get("/api/v1/why/")
    with read_only_database():
        assert numbers(client) == [1]
        assert client.get("/api/v1/why/totals/").status_code == 200

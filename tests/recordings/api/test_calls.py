"""The API's list of calls and one call: who may what, filters, pages, errors of one shape."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apresa.accounts import tokens
from apresa.accounts.models import User
from apresa.audit.models import Entry
from apresa.node import domain as node
from recordings.models import Call, CallAlias, CallKey, Tombstone, UserNumber
from tests.apresa.accounts.people import anna, bob, person
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def make_call(number: int, **changes: object) -> Call:
    facts: dict[str, object] = {
        "protocol": "sip",
        "caller": f"10{number}",
        "callee": "200",
        "started": NOW - timedelta(minutes=number),
        "answered": NOW - timedelta(minutes=number),
        "ended": NOW - timedelta(minutes=number) + timedelta(seconds=10 * number),
        "duration_ms": 10_000 * number,
        "end_reason": "bye",
    }
    return Call.objects.create(pk=uuid.uuid4(), **{**facts, **changes})


def client_of(user: User, *, may_write: bool = False) -> Client:
    _, secret = tokens.create(user=user, name="test", may_write=may_write)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def callers(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/api/v1/calls/{query}")
    assert response.status_code == 200, response.content
    return [call["caller"] for call in response.json()["results"]]


def test_a_stranger_is_told_to_sign_in() -> None:
    response = Client().get("/api/v1/calls/")
    assert (response.status_code, response.json()["code"]) == (401, "not-authenticated")
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_wrong_token_is_refused() -> None:
    response = Client(headers={"Authorization": "Bearer apr_nonsense"}).get("/api/v1/calls/")
    assert (response.status_code, response.json()["code"]) == (401, "authentication-failed")


def test_administrator_and_supervisor_see_all_calls_and_a_listener_the_own_ones() -> None:
    make_call(1)
    make_call(2)
    make_call(3, caller="999", callee="102")
    listener = bob()
    UserNumber.objects.create(user=listener, number="102")
    assert callers(client_of(anna())) == ["101", "102", "999"]
    assert callers(client_of(person("carl", "supervisor"))) == ["101", "102", "999"]
    assert callers(client_of(listener)) == ["102", "999"]


def test_a_user_without_rights_may_not_list_calls() -> None:
    user = User.objects.create(username="dora")
    response = client_of(user).get("/api/v1/calls/")
    assert (response.status_code, response.json()) == (
        403,
        {"code": "permission-denied", "message": "You may not see calls."},
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?number=02", ["102"]),
        ("?number=200", ["101", "102", "103"]),
        ("?caller=103", ["103"]),
        ("?min_duration=20", ["102", "103"]),
        ("?max_duration=10", ["101"]),
        ("?end_reason=cancel", []),
        ("?end_reason=cancel&end_reason=bye", ["101", "102", "103"]),
        ("?since=2026-03-04T11:58:00Z", ["101", "102"]),
        ("?until=2026-03-04T11:58:00Z", ["103"]),
        ("?answered=false", []),
        ("?has_audio=false", ["101", "102", "103"]),
        ("?sort=started", ["103", "102", "101"]),
        ("?sort=-duration_ms", ["103", "102", "101"]),
    ],
)
def test_filters_and_order(query: str, expected: list[str]) -> None:
    for number in (1, 2, 3):
        make_call(number)
    assert callers(client_of(anna()), query) == expected


@pytest.mark.parametrize(
    "query",
    ["?min_duration=abc", "?cursor=zzz", "?sort=problem", "?limit=0", "?limit=x", "?since=soon", "?state=odd"],
)
def test_a_wrong_parameter_gets_one_sentence(query: str) -> None:
    response = client_of(anna()).get(f"/api/v1/calls/{query}")
    body = response.json()
    assert (response.status_code, body["code"]) == (400, "invalid")
    assert body["message"].endswith(".")


def test_pages_follow_each_other_without_gap_or_repetition_in_both_directions() -> None:
    for number in range(1, 8):
        make_call(number, started=NOW)  # equal times: the id decides
    client = client_of(anna())
    seen: list[str] = []
    address: str | None = "/api/v1/calls/?limit=3"
    while address:
        page = client.get(address).json()
        seen += [call["id"] for call in page["results"]]
        last, address = page, page["next"]
    assert sorted(seen) == sorted(str(key) for key in Call.objects.values_list("pk", flat=True))
    back = client.get(last["previous"]).json()
    assert [call["id"] for call in back["results"]] == seen[3:6]
    first = client.get(back["previous"]).json()
    assert ([call["id"] for call in first["results"]], first["previous"]) == (seen[:3], None)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_one_call_and_three(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        make_call(number)
    client = client_of(anna())
    client.get("/api/v1/calls/")
    with django_assert_num_queries(3):  # the token with its user; the calls; their tags
        client.get("/api/v1/calls/")


def test_one_call_is_found_by_id_and_by_alias() -> None:
    call = make_call(1)
    alias = CallAlias.objects.create(pk=uuid.uuid4(), call=call)
    client = client_of(anna())
    found = client.get(f"/api/v1/calls/{alias.pk}/").json()
    assert found == client.get(f"/api/v1/calls/{call.pk}/").json()
    assert (found["id"], found["aliases"], found["recording"]) == (str(call.pk), [str(alias.pk)], None)


def test_a_call_of_others_is_not_found_by_a_listener() -> None:
    call = make_call(1)
    response = client_of(bob()).get(f"/api/v1/calls/{call.pk}/")
    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_delete_leaves_a_tombstone_an_audit_entry_and_410() -> None:
    call = make_call(1)
    CallKey.objects.create(call=call, kind="dialog", digest="d" * 40)
    client = client_of(anna(), may_write=True)
    assert client.delete(f"/api/v1/calls/{call.pk}/").status_code == 204
    assert Tombstone.objects.get(pk=call.pk).keys.get().digest == "d" * 40
    assert Entry.objects.using("node").filter(action="call-deleted", actor="anna").count() == 1
    assert (client.get(f"/api/v1/calls/{call.pk}/").status_code, Call.objects.count()) == (410, 0)
    assert client_of(bob()).get(f"/api/v1/calls/{call.pk}/").status_code == 404


@pytest.mark.parametrize(("role", "may_write"), [("listener", True), ("supervisor", True), ("administrator", False)])
def test_delete_is_refused_without_the_right_or_by_a_token_that_only_reads(role: str, may_write: bool) -> None:
    user = person("someone", role)
    call = make_call(1)
    UserNumber.objects.create(user=user, number=call.caller)
    response = client_of(user, may_write=may_write).delete(f"/api/v1/calls/{call.pk}/")
    assert (response.status_code, response.json()["code"]) == (403, "permission-denied")
    assert Call.objects.count() == 1


def test_active_calls_say_when_nothing_captures() -> None:
    assert client_of(anna()).get("/api/v1/active-calls/").json() == {"capturing": False, "calls": []}
    assert Client().get("/api/v1/active-calls/").status_code == 401


def test_the_schema_and_its_page_are_served() -> None:
    client = client_of(anna())
    schema = client.get("/api/schema/")
    assert schema.status_code == 200
    assert b"/api/v1/calls/{call_id}/audio/" in schema.content
    assert client.get("/api/docs/").status_code == 200


def test_on_a_read_only_copy_calls_are_found_and_a_change_is_refused_with_the_primary_s_address() -> None:
    node.join_as_secondary("recorder-1")
    call = make_call(1)
    client = client_of(anna(), may_write=True)
    with read_only_database():
        found = client.get(f"/api/v1/calls/{call.pk}/")
        refused = client.delete(f"/api/v1/calls/{call.pk}/")
    assert found.status_code == 200
    assert (refused.status_code, refused.json()) == (
        409,
        {
            "code": "read-only",
            "message": "This machine only keeps a copy, so nothing can be changed here. Make the change on recorder-1.",
            "primary": "recorder-1",
        },
    )
    assert Call.objects.count() == 1

"""Holds by API: who may see, place and release them, and what they refuse."""

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apresa.accounts.models import User
from apresa.audit.models import Entry
from apresa.node import domain as node
from apresa.shared import clock
from recordings.models import Call, CallAlias, Contest, HeldCall, Hold, Why
from tests.apresa.accounts.people import anna, person
from tests.recordings.api.test_calls import client_of, make_call
from tests.recordings.api.test_notes import send
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
HOLDS = "/api/v1/holds/"


@pytest.fixture
def call() -> Call:
    return make_call(1)


@pytest.fixture
def dora() -> User:
    return person("dora", "compliance")


@pytest.fixture
def client(dora: User) -> Client:
    return client_of(dora, may_write=True)


def place(client: Client, *calls: Call, name: str = "Case 12") -> Any:
    body = {"name": name, "reason": "The regulator asks.", "calls": [str(call.pk) for call in calls]}
    status, made = send(client, "post", HOLDS, body)
    assert status == 201, made
    return made


def test_a_hold_is_placed_seen_changed_extended_and_released(call: Call, client: Client) -> None:
    made = place(client, call)
    assert (made["name"], made["reason"], made["by"], made["calls"]) == ("Case 12", "The regulator asks.", "dora", 1)
    path, other = f"{HOLDS}{made['id']}/", make_call(2)
    assert send(client, "get", HOLDS) == (200, [made])
    assert send(client, "patch", path, {"name": "Case 13"}) == (200, {**made, "name": "Case 13"})
    assert send(client, "post", f"{path}calls/", {"calls": [str(call.pk), str(other.pk)]})[1]["calls"] == 2
    found = client.get("/api/v1/calls/", {"hold": made["id"]}).json()["results"]
    assert {one["id"] for one in found} == {str(call.pk), str(other.pk)}
    assert send(client, "delete", f"{path}calls/{other.pk}/") == (204, None)
    marks = {one["id"]: one["on_hold"] for one in client.get("/api/v1/calls/").json()["results"]}
    assert marks == {str(call.pk): True, str(other.pk): False}
    assert [one["id"] for one in client.get("/api/v1/calls/?on_hold=false").json()["results"]] == [str(other.pk)]
    assert client.get(f"/api/v1/calls/{call.pk}/").json()["on_hold"] is True
    assert send(client, "delete", path) == (204, None)
    assert (send(client, "get", HOLDS), send(client, "delete", path)[0]) == ((200, []), 404)
    (over,) = send(client, "get", f"{HOLDS}?released=true")[1]
    assert (over["id"], over["released_by"], over["released"] > over["at"]) == (made["id"], "dora", True)


def test_a_held_call_is_not_deleted_and_the_answer_names_the_hold(call: Call, client: Client) -> None:
    place(client, call)
    administrator = client_of(anna(), may_write=True)
    assert send(administrator, "delete", f"/api/v1/calls/{call.pk}/") == (
        409,
        {
            "code": "on-hold",
            "message": "This call is on hold (Case 12), so it is not deleted. Release the hold first.",
        },
    )
    told = Entry.objects.using("node").get(action="deletion-refused")
    assert (told.actor, told.object, told.detail["holds"], Call.objects.count()) == (
        "anna", f"call {call.pk}", "Case 12", 1,
    )  # fmt: skip


def test_who_may_delete_and_not_see_holds_is_not_told_their_names(call: Call, client: Client) -> None:
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    place(client, call)
    user = person("carl", "supervisor")
    user.user_permissions.add(Permission.objects.get(codename="delete_call"))
    status, said = send(client_of(user, may_write=True), "delete", f"/api/v1/calls/{call.pk}/")
    assert (status, said["message"]) == (409, "This call is on hold, so it is not deleted.")


def test_calls_are_put_on_hold_by_their_other_names_too_and_all_or_none(call: Call, client: Client) -> None:
    alias = CallAlias.objects.create(pk=uuid.uuid4(), call=call)
    body = {"name": "Case 12", "reason": "x", "calls": [str(alias.pk), str(uuid.uuid4())]}
    assert (send(client, "post", HOLDS, body)[0], Hold.objects.count()) == (404, 0)
    made = send(client, "post", HOLDS, {**body, "calls": [str(alias.pk), str(call.pk)]})[1]
    assert (made["calls"], HeldCall.objects.get().call) == (1, call)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "x"}, "name"),
        ({"name": "x"}, "reason"),
        ({"name": " ", "reason": "x"}, "name"),
        ({"name": "x" * 121, "reason": "x"}, "name"),
        ({"name": "x", "reason": "x" * 1001}, "reason"),
        ({"name": "x", "reason": "x", "calls": "all"}, "calls"),
        ({"name": "x", "reason": "x", "calls": ["all"]}, "calls"),
        ({"name": "x", "reason": "x", "calls": [str(uuid.UUID(int=1))] * 501}, "calls"),
        ([], ""),
    ],
)
def test_a_wrong_value_is_named_with_one_sentence(body: Any, field: str, client: Client) -> None:
    status, said = send(client, "post", HOLDS, body)
    assert (status, said["code"], list(said["fields"])) == (400, "invalid", [field])
    assert Hold.objects.count() == 0


def requests(call: Call, hold: str) -> list[tuple[str, str, Any]]:
    path = f"{HOLDS}{hold}/"
    return [
        ("get", HOLDS, None),
        ("get", path, None),
        ("get", f"{HOLDS}contests/", None),
        ("post", HOLDS, {"name": "Case 13", "reason": "x"}),
        ("patch", path, {"name": "Case 14"}),
        ("post", f"{path}calls/", {"calls": [str(make_call(2).pk)]}),
        ("delete", f"{path}calls/{call.pk}/", None),
        ("post", f"/api/v1/calls/{call.pk}/keep/", {}),
        ("delete", path, None),
    ]


@pytest.mark.parametrize("role", ["listener", "supervisor"])
def test_without_the_rights_nothing_is_seen_or_changed(role: str, call: Call, client: Client) -> None:
    made = place(client, call)
    other = client_of(person("carl", role), may_write=True)
    assert {send(other, *one)[0] for one in requests(call, made["id"])} == {403}
    assert {send(Client(), *one)[0] for one in requests(call, made["id"])} == {401}
    for query in ({"on_hold": "true"}, {"on_hold": "false"}):
        assert other.get("/api/v1/calls/", query).json()["results"] == []
    assert other.get("/api/v1/calls/", {"hold": made["id"]}).status_code == 400
    assert Hold.objects.get().ended is False


def test_placing_and_releasing_are_two_rights(call: Call, client: Client, dora: User) -> None:
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    made = place(client, call)
    user = person("carl", "supervisor")
    user.user_permissions.add(Permission.objects.get(codename="hold_call"))
    carl = client_of(user, may_write=True)
    answers = [send(carl, *one)[0] for one in requests(call, made["id"])]
    assert answers == [200, 200, 403, 201, 200, 200, 403, 403, 403]


def test_a_token_that_only_reads_sees_holds_and_changes_none(call: Call, client: Client, dora: User) -> None:
    made = place(client, call)
    answers = [send(client_of(dora), *one)[0] for one in requests(call, made["id"])]
    assert answers == [200, 200, 200, 403, 403, 403, 403, 403, 403]


def test_on_a_read_only_copy_holds_are_read_and_changes_sent_to_the_primary(call: Call, client: Client) -> None:
    made = place(client, call)
    Contest.objects.create(call=call, grave=call.pk, why=Why.PERSON, who="anna", at=clock.now(), origin="north")
    tried = requests(call, made["id"])
    node.join_as_secondary("recorder-1")
    with read_only_database():
        answers = [send(client, *one) for one in tried]
    assert [status for status, _ in answers] == [200] * 3 + [409] * 6
    assert {said["primary"] for status, said in answers if status == 409} == {"recorder-1"}
    assert (Hold.objects.get().ended, HeldCall.objects.get().ended) == (False, False)


def test_a_contested_call_is_listed_and_kept(call: Call, client: Client) -> None:
    Contest.objects.create(call=call, grave=call.pk, why=Why.PERSON, who="anna", at=clock.now(), origin="north")
    carl = client_of(person("carl", "supervisor"))
    assert carl.get(f"/api/v1/calls/{call.pk}/").status_code == 404
    (one,) = send(client, "get", f"{HOLDS}contests/")[1]
    assert (one["call"], one["who"], one["why"], one["origin"]) == (str(call.pk), "anna", "person", "north")
    assert send(client, "post", f"/api/v1/calls/{call.pk}/keep/", {}) == (204, None)
    assert send(client, "get", f"{HOLDS}contests/") == (200, [])
    assert carl.get(f"/api/v1/calls/{call.pk}/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_holds_takes_the_same_queries_for_one_and_for_three(
    count: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        place(client, make_call(number), name=f"Case {number}")
    client.get(HOLDS)
    with django_assert_num_queries(4):  # the token with its user, the rights of both kinds, the holds
        client.get(HOLDS)

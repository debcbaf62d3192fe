"""Notes and tags by API: who may what, errors of one shape, and a read-only copy."""

import uuid
from typing import Any

import pytest
from django.test import Client

from apresa import replicated, saved
from apresa.node import domain as node
from recordings.models import Call, Note, Tag, UserNumber
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of, make_call
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def send(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    answer = getattr(client, method)(path, body, content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def call() -> Call:
    return make_call(1)


@pytest.fixture
def client() -> Client:
    return client_of(person("carl", "supervisor"), may_write=True)


def test_a_note_is_written_read_changed_and_removed(call: Call, client: Client) -> None:
    notes = f"/api/v1/calls/{call.pk}/notes/"
    status, made = send(client, "post", notes, {"text": "five"})
    assert (status, made["text"], made["author"], made["changed_by"]) == (201, "five", "carl", "")
    assert send(client, "get", notes) == (200, [made])
    status, changed = send(client, "patch", f"{notes}{made['id']}/", {"text": "six"})
    assert (status, changed["text"], changed["changed_by"]) == (200, "six", "carl")
    assert send(client, "delete", f"{notes}{made['id']}/") == (204, None)
    assert (send(client, "get", notes), send(client, "delete", f"{notes}{made['id']}/")[0]) == ((200, []), 404)


def test_a_tag_is_put_on_found_and_taken_off(call: Call, client: Client) -> None:
    tags = f"/api/v1/calls/{call.pk}/tags/"
    make_call(2)
    assert send(client, "post", tags, {"word": "Buy/Sell 50%"}) == (201, {"tags": ["buy/sell 50%"]})
    assert send(client, "get", tags) == (200, {"tags": ["buy/sell 50%"]})
    assert send(client, "get", "/api/v1/tags/?q=SELL") == (200, {"tags": ["buy/sell 50%"]})
    found = client.get("/api/v1/calls/", {"tag": "BUY/sell 50%"}).json()["results"]
    assert [(one["id"], one["tags"], one["on_hold"]) for one in found] == [(str(call.pk), ["buy/sell 50%"], None)]
    assert send(client, "delete", f"{tags}buy/sell%2050%25/") == (204, None)
    assert client.get(f"/api/v1/calls/{call.pk}/").json()["tags"] == []


def test_calls_are_found_by_what_is_noted_on_them(call: Call, client: Client) -> None:
    make_call(2)
    send(client, "post", f"/api/v1/calls/{call.pk}/notes/", {"text": "He bought 50% of Kontor."})
    ids = [one["id"] for one in client.get("/api/v1/calls/", {"note": "50% of kontor"}).json()["results"]]
    assert ids == [str(call.pk)]
    Note.objects.update(ended=True)
    assert client.get("/api/v1/calls/", {"note": "kontor"}).json()["results"] == []


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("notes/", {"text": " "}, "text"),
        ("notes/", {"text": "x" * 4001}, "text"),
        ("notes/", {"text": 5}, "text"),
        ("notes/", {}, "text"),
        ("notes/", [], ""),
        ("tags/", {"word": "x" * 41}, "word"),
        ("tags/", {"word": "a\x00\x07"}, "word"),
    ],
)
def test_a_wrong_value_is_named_with_one_sentence(path: str, body: Any, field: str, call: Call, client: Client) -> None:
    status, said = send(client, "post", f"/api/v1/calls/{call.pk}/{path}", body)
    assert (status, said["code"], list(said["fields"]), said["message"][-1]) == (400, "invalid", [field], ".")
    assert (Note.objects.count(), Tag.objects.count()) == (0, 0)


def writes(call: Call) -> list[tuple[str, str, Any]]:
    notes = f"/api/v1/calls/{call.pk}/notes/"
    return [
        ("post", notes, {"text": "six"}),
        ("post", f"/api/v1/calls/{call.pk}/tags/", {"word": "late"}),
        ("delete", f"/api/v1/calls/{call.pk}/tags/late/", None),
        ("patch", f"{notes}{Note.objects.get().pk}/", {"text": "six"}),
        ("delete", f"{notes}{Note.objects.get().pk}/", None),
    ]


@pytest.mark.parametrize(
    ("role", "may_write", "status"), [("listener", True, 403), ("compliance", False, 403), ("compliance", True, 403)]
)
def test_who_has_no_right_or_a_token_that_only_reads_changes_nothing(
    role: str, may_write: bool, status: int, call: Call, client: Client
) -> None:
    send(client, "post", f"/api/v1/calls/{call.pk}/notes/", {"text": "five"})
    user = person("someone", role)
    UserNumber.objects.create(user=user, number=call.caller)
    other = client_of(user, may_write=may_write)
    tried = writes(call)[3:] if may_write and role == "compliance" else writes(call)  # the notes are carl's
    assert {send(other, *one)[0] for one in tried} == {status}
    assert (Note.objects.get().text, Tag.objects.count()) == ("five", 0)
    assert send(other, "get", f"/api/v1/calls/{call.pk}/notes/")[0] == 200


def test_a_stranger_and_who_may_not_see_the_call_learn_nothing(call: Call, client: Client) -> None:
    send(client, "post", f"/api/v1/calls/{call.pk}/notes/", {"text": "five"})
    reads = [f"/api/v1/calls/{call.pk}/{part}/" for part in ("notes", "tags")]
    tried = [*writes(call), *(("get", path, None) for path in reads)]
    assert {send(Client(), *one)[0] for one in [*tried, ("get", "/api/v1/tags/", None)]} == {401}
    listener = client_of(bob(), may_write=True)
    assert [send(listener, *one)[0] for one in tried] == [403, 403, 403, 404, 404, 404, 404]
    assert send(client, "get", f"/api/v1/calls/{uuid.uuid4()}/notes/")[0] == 404
    assert Note.objects.get().text == "five"


def test_on_a_read_only_copy_notes_are_read_and_changes_sent_to_the_primary(call: Call, client: Client) -> None:
    send(client, "post", f"/api/v1/calls/{call.pk}/notes/", {"text": "five"})
    node.join_as_secondary("recorder-1")
    tried = writes(call)
    del tried[2]  # a tag that is not on it needs no change
    with read_only_database():
        read = send(client, "get", f"/api/v1/calls/{call.pk}/notes/")
        refused = [send(client, *one) for one in tried]
    assert (read[0], read[1][0]["text"]) == (200, "five")
    assert {(status, said["code"], said["primary"]) for status, said in refused} == {(409, "read-only", "recorder-1")}
    assert Note.objects.get().text == "five"


@pytest.mark.parametrize("other_has_it", [True, False])
def test_an_answer_says_whether_the_other_node_has_the_note(
    other_has_it: bool, call: Call, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicated, "is_expected", lambda: True)
    monkeypatch.setattr(replicated, "is_saved", lambda: other_has_it)
    notes = f"/api/v1/calls/{call.pk}/notes/"
    made = client.post(notes, {"text": "five"}, content_type="application/json")
    gone = client.delete(f"{notes}{made.json()['id']}/")
    where = "both-nodes" if other_has_it else "this-node"
    assert [(answer.status_code, answer[saved.HEADER]) for answer in (made, gone)] == [
        (201, where),
        (204 if other_has_it else 202, where),
    ]


def test_an_administrator_may_remove_and_not_rewrite_the_note_of_another(call: Call, client: Client) -> None:
    send(client, "post", f"/api/v1/calls/{call.pk}/notes/", {"text": "five"})
    other = client_of(anna(), may_write=True)
    path = f"/api/v1/calls/{call.pk}/notes/{Note.objects.get().pk}/"
    assert send(other, "patch", path, {"text": "six"})[0] == 403
    assert send(other, "delete", path)[0] == 204

"""The settings by API: the rules of the page."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apresa import database
from apresa.accounts import copies, tokens
from apresa.accounts.models import User
from apresa.audit.models import Entry as AuditEntry
from apresa.config import domain as config
from apresa.config import registry
from apresa.database import DatabaseState
from apresa.node import domain as node
from tests.apresa.accounts.people import anna, bob, person
from tests.apresa.config.test_domain import JSON

pytestmark = pytest.mark.django_db(databases=["default", "node"])
FORMAT = "/api/v1/settings/recording.format/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def patch(client: Client, address: str, body: object, **headers: str) -> Any:
    return client.patch(address, json.dumps(body), content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), (bob, 403), (lambda: person("carl", "supervisor"), 403), (anna, 200)]
)
def test_settings_are_for_administrators(who: Callable[[], User] | None, status: int) -> None:
    client = signed_in(who()) if who else Client()
    answers = [
        client.get("/api/v1/settings/"),
        client.get(FORMAT),
        patch(client, FORMAT, {"value": "flac"}),
        client.delete(FORMAT),
    ]
    assert [answer.status_code for answer in answers] == [status] * 4


@pytest.mark.parametrize(("may_write", "status"), [(False, 403), (True, 200)])
def test_token_that_may_only_read_changes_nothing(may_write: bool, status: int) -> None:
    _token, secret = tokens.create(user=anna(), name="report", may_write=may_write)
    response = patch(Client(), FORMAT, {"value": "opus"}, authorization=f"Bearer {secret}")
    assert (response.status_code, config.get("recording.format")) == (status, "opus" if may_write else "flac")


def test_list_has_every_setting_with_what_is_known_of_it() -> None:
    config.set("recording.format", "opus", by="eva")
    found = {one["name"]: one for one in signed_in(anna()).get("/api/v1/settings/").json()}
    shown = found["recording.format"]
    assert list(found) == [entry.name for entry in registry.entries()]
    assert shown.pop("changed_at")
    assert shown == {
        "name": "recording.format",
        "label": "Format of recordings",
        "help": "The format in which recordings are kept. FLAC loses nothing and halves the size of WAV.",
        "scope": "cluster",
        "value": "opus",
        "default": "flac",
        "choices": ["flac", "wav", "ulaw", "opus", "mp3"],
        "restart": False,
        "changed_by": "eva",
        "why_fixed": "",
    }
    assert (found["capture.interfaces"]["changed_at"], found["capture.interfaces"]["restart"]) == (None, True)


def test_change_is_answered_with_the_setting_and_audited() -> None:
    response = patch(signed_in(anna()), "/api/v1/settings/capture.interfaces/", {"value": ["eth1"]})
    body = response.json()
    assert (response.status_code, body["value"], body["changed_by"]) == (200, ["eth1"], "anna")
    [entry] = AuditEntry.objects.using("node").filter(action="setting-changed")
    assert (entry.actor, entry.address, entry.detail) == ("anna", "127.0.0.1", {"before": [], "after": ["eth1"]})


def test_delete_gives_the_default_again() -> None:
    config.set("recording.format", "opus", by="eva")
    body = signed_in(anna()).delete(FORMAT).json()
    assert (body["value"], body["changed_at"], config.get("recording.format")) == ("flac", None, "flac")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"value": "aac"}, "Choose one of: flac, wav, ulaw, opus, mp3."),
        ({"value": None}, "Choose one of: flac, wav, ulaw, opus, mp3."),
        ({}, "Give the new value."),
        (["value"], "Give the new value."),
    ],
)
def test_wrong_value_is_answered_with_the_sentence(body: object, sentence: str) -> None:
    response = patch(signed_in(anna()), FORMAT, body)
    expected = {"code": "invalid", "message": sentence, "fields": {"value": [sentence]}}
    assert (response.status_code, json.loads(response.content)) == (400, expected)
    assert config.get("recording.format") == "flac"


def test_setting_that_does_not_exist_is_not_found() -> None:
    client = signed_in(anna())
    address = "/api/v1/settings/colour/"
    answers: list[Any] = [client.get(address), client.delete(address), patch(client, address, {"value": 1})]
    expected = {"code": "not-found", "message": "There is no setting called colour."}
    assert [(answer.status_code, answer.json()) for answer in answers] == [(404, expected)] * 3


def refusals(client: Client) -> list[tuple[int, dict[str, Any]]]:
    answers: list[Any] = [patch(client, FORMAT, {"value": "opus"}), client.delete(FORMAT)]
    return [(answer.status_code, answer.json()) for answer in answers]


def test_secondary_sends_to_the_primary_and_changes_its_own() -> None:
    node.join_as_secondary("192.0.2.1")
    client = signed_in(anna())
    sentence = "This setting belongs to the cluster, and this machine is its secondary. Change it on 192.0.2.1."
    assert refusals(client) == [(409, {"code": "read-only", "message": sentence, "primary": "192.0.2.1"})] * 2
    assert client.get(FORMAT).json()["why_fixed"] == sentence
    assert patch(client, "/api/v1/settings/capture.spool_limit/", {"value": 500}).status_code == 200


def test_without_the_clusters_database_this_machines_settings_are_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    user = anna()
    copies.refresh()
    client = signed_in(user)
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    sentence = "This setting belongs to the cluster, and the cluster's database cannot be written now."
    assert refusals(client) == [(503, {"code": "database-absent", "message": sentence})] * 2
    assert patch(client, "/api/v1/settings/capture.spool_limit/", {"value": 500}).status_code == 200
    assert config.get("capture.spool_limit") == 500


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON | st.just("\ud800") | st.just(["\ud800"]))
def test_arbitrary_values_are_stored_or_refused(value: object) -> None:
    user = User.objects.filter(username="anna").first() or anna()
    client = signed_in(user)
    for entry in registry.entries():
        response = patch(client, f"/api/v1/settings/{entry.name}/", {"value": value})
        assert response.status_code in {200, 400}

"""Verifying a day or everything by API: the job, its slices, and who may."""

import uuid

import pytest
from django.test import Client

from apresa.audit.models import Entry
from recordings.domain import verification
from recordings.models import Call, Version
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of
from tests.recordings.domain.test_verifying import call, flip

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]
ADDRESS = "/api/v1/verifications/"
__all__ = ["call"]


def asked(client: Client, body: dict[str, object]) -> str:
    answer = client.post(ADDRESS, body, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    return f"{ADDRESS}{answer.json()['id']}/"


def test_everything_is_verified_and_what_was_changed_is_named(call: Call) -> None:
    flip(Version.objects.get().file)
    Entry.objects.using("default").filter(action="call-listened").update(actor="otto")
    client = client_of(person("carl", "supervisor"), may_write=True)
    place = asked(client, {})
    verification.go_on()
    found = client.get(place).json()
    assert (found["state"], found["progress"], found["verified"]) == ("done", 100, 0)
    assert (found["changed"], len(found["faults"])) == ({str(call.pk): "recording"}, 2)
    assert Entry.objects.using("node").get(action="recordings-verified").actor == "carl"


def test_a_day_without_calls_is_done_at_once(call: Call) -> None:
    client = client_of(anna(), may_write=True)
    place = asked(client, {"day": "2001-01-01"})
    verification.go_on()
    assert (client.get(place).json()["verified"], client.get(place).json()["state"]) == (0, "done")


def test_a_slice_that_ends_leaves_the_rest_to_the_next(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "SLICE", -1.0)
    client = client_of(anna(), may_write=True)
    place = asked(client, {"day": call.started.date().isoformat()})
    verification.go_on()
    assert (client.get(place).json()["state"], client.get(place).json()["verified"]) == ("queued", 1)
    verification.go_on()
    assert (client.get(place).json()["state"], client.get(place).json()["verified"]) == ("done", 1)


def test_nothing_waits_and_nothing_is_done() -> None:
    assert verification.go_on() is None


def test_bad_input_is_a_sentence() -> None:
    client = client_of(anna(), may_write=True)
    answer = client.post(ADDRESS, {"day": "tomorrow"}, content_type="application/json")
    assert (answer.status_code, answer.json()["message"]) == (400, "Write the day as 2026-03-31.")
    assert client.get(f"{ADDRESS}{uuid.uuid4()}/").status_code == 404


def test_only_who_may_verify_asks_and_looks(call: Call) -> None:
    place = asked(client_of(anna(), may_write=True), {})
    listener = client_of(bob(), may_write=True)
    codes = [listener.post(ADDRESS).status_code, listener.get(place).status_code, Client().get(place).status_code]
    assert codes == [403, 403, 401]

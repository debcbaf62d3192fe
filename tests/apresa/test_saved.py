"""What people and programs are told after a change (PROTOCOL K10, D3)."""

import pytest
from django.test import Client

from apresa import replicated, saved
from apresa.audit.models import Entry
from recordings.models import Call
from tests.apresa.accounts.people import PASSWORD, anna
from tests.recordings.api.test_calls import client_of, make_call

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


@pytest.fixture(params=[True, False])
def other_has_it(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(replicated, "is_expected", lambda: True)
    monkeypatch.setattr(replicated, "is_saved", lambda: request.param)
    return bool(request.param)


def test_a_lone_machine_says_nothing_of_another_node() -> None:
    call = make_call(1)
    answer = client_of(anna(), may_write=True).delete(f"/api/v1/calls/{call.pk}/")
    assert (answer.status_code, saved.HEADER in answer) == (204, False)


def test_a_program_is_told_that_a_deletion_waits_for_the_other_node(other_has_it: bool) -> None:
    call = make_call(1)
    answer = client_of(anna(), may_write=True).delete(f"/api/v1/calls/{call.pk}/")
    assert answer[saved.HEADER] == ("both-nodes" if other_has_it else "this-node")
    if other_has_it:
        assert answer.status_code == 204
    else:
        assert (answer.status_code, answer.json()["code"], answer.json()["state"]) == (202, "saved-here", "pending")
    assert Call.objects.count() == 0


def test_a_person_is_told_that_a_change_waits_for_the_other_node(other_has_it: bool) -> None:
    call = make_call(1)
    client = Client()
    client.force_login(anna())
    page = client.post(f"/calls/{call.pk}/delete/", follow=True).content.decode()
    assert ("not yet on the other node" in page) is not other_has_it


def test_who_did_it_is_on_its_way_as_soon_as_what_was_done(other_has_it: bool) -> None:
    call = make_call(1)
    client_of(anna(), may_write=True).delete(f"/api/v1/calls/{call.pk}/")
    assert Entry.objects.using("default").filter(action="call-deleted").count() == 1


def test_looking_and_what_was_refused_wait_for_nobody(other_has_it: bool) -> None:
    client = client_of(anna(), may_write=True)
    assert saved.HEADER not in client.get("/api/v1/calls/")
    assert saved.HEADER not in client.delete("/api/v1/calls/7c9e6679-7425-40de-944b-e07fc1f90ae7/")


def test_who_signs_in_has_nothing_to_save(other_has_it: bool) -> None:
    anna()
    answer = Client().post("/sign-in/", {"username": "anna", "password": PASSWORD}, follow=True)
    assert "not yet on the other node" not in answer.content.decode()


def test_without_another_node_there_is_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicated, "_standby", [])
    assert (replicated.is_expected(), replicated.is_saved()) == (False, True)


def test_a_standby_that_is_away_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def away() -> None:
        asked.append(1)

    monkeypatch.setattr(replicated, "flushed", away)
    assert (replicated.reached(1, patience=60), len(asked)) == (False, 1)


def test_a_standby_that_is_behind_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = iter([1, 2, 3])
    monkeypatch.setattr(replicated, "PAUSE", 0)
    monkeypatch.setattr(replicated, "flushed", lambda: next(positions))
    assert replicated.reached(3, patience=60)

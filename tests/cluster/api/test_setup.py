"""The set-up and the pairing by API: who may, what is told, what is refused."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apresa.audit.models import Entry
from apresa.jobs import domain as jobs
from apresa.node import domain as node
from apresa.node.models import Role
from cluster.api import setup as api
from cluster.domain import setup as engine
from cluster.domain.setup import SetupRefused
from cluster.findings import finding
from cluster.pairing import domain, listening
from cluster.pairing.secondary import PairingError
from cluster.pairing.store import Peer, Store
from cluster.queries import setup_told
from cluster.queries.setup import SetupState, StepLine
from cluster.setup.validate import Fault
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of
from tests.samples.cluster.set_up import GOOD, answers_only, not_blank
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("folder", "platform")]
SETUP, AGAIN = "/api/v1/cluster/setup/", "/api/v1/cluster/setup/again/"
GIVE_UP = "/api/v1/cluster/setup/give-up/"
PAIRING, JOIN = "/api/v1/cluster/pairing/", "/api/v1/cluster/pairing/join/"
PRIMARY: dict[str, object] = {"part": "primary", "answers": asdict(GOOD)}
STEP = StepLine("volume", "DRBD", "running", (("drbdadm up r0", 1, "no such resource"),))


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))
    monkeypatch.setattr(listening, "ring", lambda *_args, **_more: None)
    monkeypatch.setattr(engine, "faults", answers_only)
    return Store(tmp_path / "cluster")


@pytest.fixture
def writer() -> Client:
    return client_of(anna(), may_write=True)


def post(client: Client, path: str, /, **body: object) -> tuple[int, dict[str, Any]]:
    response = client.post(path, body, content_type="application/json")
    return response.status_code, response.json()


def primary() -> None:
    known = node.identity()
    known.name, known.role, known.address = "myrec1", Role.PRIMARY, "127.0.0.1"
    known.save()


def state_is(monkeypatch: pytest.MonkeyPatch, found: SetupState) -> None:
    for module in (api, setup_told):
        monkeypatch.setattr(module, "setup_state", lambda: found)


@pytest.mark.parametrize("address", [SETUP, PAIRING])
def test_looking_is_for_administrators(address: str) -> None:
    assert Client().get(address).status_code == 401
    assert client_of(bob()).get(address).status_code == 403
    assert client_of(person("carl", "supervisor")).get(address).status_code == 403
    assert client_of(anna()).get(address).status_code == 200


@pytest.mark.parametrize("address", [SETUP, AGAIN, GIVE_UP, PAIRING, JOIN])
def test_doing_is_for_administrators_with_a_token_that_may_write(address: str) -> None:
    body = {**PRIMARY, "confirm": True, "address": "192.0.2.1", "code": "x"}
    assert post(Client(), address, **body)[0] == 401
    assert post(client_of(bob(), may_write=True), address, **body)[0] == 403
    assert post(client_of(person("carl", "supervisor"), may_write=True), address, **body)[0] == 403
    reader = client_of(anna())
    assert post(reader, address, **body)[0] == 403
    assert reader.delete(PAIRING).status_code == 403


def test_the_state_is_told_with_steps_and_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, SetupState("primary", "running", 40, (STEP,)))
    body = client_of(anna()).get(SETUP).json()
    assert (body["state"], body["percent"], body["role"], body["installed_for"]) == (
        "running",
        40,
        "standalone",
        "single",
    )
    assert body["steps"] == [
        {
            "code": "volume",
            "title": "DRBD",
            "state": "running",
            "commands": [{"argv": "drbdadm up r0", "code": 1, "said": "no such resource"}],
        }
    ]


def test_once_the_cluster_stands_the_answers_are_told_with_why_they_stay(folder: Store) -> None:
    primary()
    folder.keep_answers(GOOD)
    body = client_of(anna()).get(SETUP).json()
    assert body["agreed"] == asdict(GOOD)
    assert body["why_fixed"].startswith("Names and addresses of the nodes can't be changed")


def test_without_confirm_nothing_is_done(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "ask_primary", lambda *_args, **_more: pytest.fail("it was begun"))
    status, body = post(writer, SETUP, **PRIMARY)
    assert (status, body["allowed"], body["faults"]) == (200, True, [])
    assert "is overwritten: whatever lies on it is lost." in body["danger"][0]
    assert body["will"][0].startswith("myrec1 (192.168.2.11) becomes the primary")


def test_a_preview_tells_what_the_machine_has_against_it(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "faults", not_blank)
    status, body = post(writer, SETUP, **PRIMARY)
    assert (status, body["allowed"]) == (200, False)
    assert [(one["where"], one["code"]) for one in body["faults"]] == [("disk", "disk-not-blank")]


def test_faults_are_told_with_their_places(writer: Client) -> None:
    wrong = asdict(replace(GOOD, floating="10.9.9.9"))
    status, body = post(writer, SETUP, part="primary", answers=wrong)
    assert (status, body["allowed"], body["will"]) == (200, False, [])
    assert [(one["where"], one["code"]) for one in body["faults"]] == [("floating", "outside")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "This field is required."),
        ({"part": "third"}, '"third" is not a valid choice.'),
        ({"part": "primary", "answers": {"fence": "x"}}, "Nothing is asked by the name 'fence'"),
        ({"part": "primary", "answers": {"first": "x"}}, "first is a table of answers."),
        ({"part": "primary", "answers": {"witness": 7}}, "witness is a text: write it in quotes."),
    ],
)
def test_a_wrong_request_is_told(writer: Client, body: dict[str, object], said: str) -> None:
    status, answer = post(writer, SETUP, **body)
    assert (status, answer["code"]) == (400, "invalid")
    assert answer["message"].startswith(said)


def test_confirmed_it_begins(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def begin(answers: object, **more: object) -> object:
        asked.append((answers, more))
        return jobs.create("cluster-setup", scope="node")

    monkeypatch.setattr(engine, "ask_primary", begin)
    status, body = post(writer, SETUP, **PRIMARY, confirm=True)
    assert (status, body["state"]) == (202, "queued")
    assert asked == [(GOOD, {"by": "anna", "address": "127.0.0.1"})]


def test_what_the_world_has_against_it_is_told_at_its_place(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise SetupRefused((Fault("first.name", finding("name-local", value="debian")),))

    monkeypatch.setattr(engine, "ask_primary", refuse)
    status, body = post(writer, SETUP, **PRIMARY, confirm=True)
    assert (status, list(body["fields"])) == (400, ["first.name"])
    assert body["message"].startswith('Every machine calls itself "debian"')


def test_a_second_set_up_is_refused(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, SetupState("primary", "running", 40))
    status, body = post(writer, SETUP, **PRIMARY, confirm=True)
    assert (status, body["code"]) == (409, "refused")


def test_the_secondary_needs_a_pairing(writer: Client) -> None:
    status, body = post(writer, SETUP, part="secondary", confirm=True)
    assert (status, body["message"]) == (
        409,
        "This machine has no answers of a primary yet; pair it with the primary first.",
    )


def test_the_paired_secondary_begins_with_what_crossed(
    writer: Client, folder: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.keep_answers(GOOD)
    folder.keep_peer(Peer("1", "myrec1", "192.168.2.11"))
    monkeypatch.setattr(engine, "ask_secondary", lambda **_more: jobs.create("cluster-setup", scope="node"))
    assert "becomes the secondary of the cluster of myrec1" in post(writer, SETUP, part="secondary")[1]["will"][0]
    assert post(writer, SETUP, part="secondary", confirm=True)[0] == 202


def test_a_failed_set_up_goes_on(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "again", lambda **_more: jobs.create("cluster-setup", scope="node"))
    assert post(writer, AGAIN)[0] == 202


def test_going_on_can_be_refused(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_more: object) -> None:
        raise SetupRefused((Fault("", finding("roles")),))

    monkeypatch.setattr(engine, "again", refuse)
    assert post(writer, AGAIN)[0] == 400


def test_a_code_is_told_to_whoever_makes_it_and_to_nobody_else(writer: Client) -> None:
    primary()
    status, body = post(writer, PAIRING)
    assert (status, body["address"], len(body["code"])) == (201, "127.0.0.1", 39)
    seen = writer.get(PAIRING).json()
    assert (seen["state"], seen["listening"]) == ("open", False)
    assert "code" not in seen
    assert writer.delete(PAIRING).status_code == 204
    assert writer.get(PAIRING).json()["state"] == "none"
    assert [one.actor for one in Entry.objects.using("node").filter(action__startswith="pairing")] == ["anna"] * 2


def test_before_the_primary_is_set_up_there_is_no_code(writer: Client) -> None:
    assert post(writer, PAIRING) == (
        409,
        {"code": "refused", "message": "First this machine must be set up as the primary, to the end."},
    )


def test_joining_tells_the_primary(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    number = "00000000-0000-0000-0000-000000000001"
    monkeypatch.setattr(domain, "join", lambda *_args, **_more: Peer(number, "myrec1", "192.0.2.1"))
    status, body = post(writer, JOIN, address="192.0.2.1", code="x")
    assert (status, body) == (200, {"node": number, "name": "myrec1", "address": "192.0.2.1"})


def test_a_refused_code_is_told_with_its_wait(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def join(*_args: object, **_more: object) -> None:
        raise PairingError("The code is wrong; compare it with the primary's screen.", 4.0)

    monkeypatch.setattr(domain, "join", join)
    status, body = post(writer, JOIN, address="192.0.2.1", code="x")
    said = "The code is wrong; compare it with the primary's screen. Try again in 4 seconds."
    assert (status, body) == (409, {"code": "refused", "message": said})


def test_a_node_of_a_cluster_joins_no_other(writer: Client) -> None:
    primary()
    assert post(writer, JOIN, address="192.0.2.1", code="x")[0] == 409


def test_the_read_only_secondary_answers() -> None:
    client = client_of(anna(), may_write=True)
    node.join_as_secondary("192.168.2.11")
    with read_only_database():
        assert client.get(SETUP).json()["role"] == "secondary"
        assert client.get(PAIRING).status_code == 200
        assert post(client, SETUP, **PRIMARY, confirm=True)[0] == 409


def test_the_schema_names_the_addresses() -> None:
    schema = Client()
    schema.force_login(anna())
    text = schema.get("/api/schema/?format=json").content.decode()
    for address in (SETUP, AGAIN, PAIRING, JOIN):
        assert address in text

"""The cluster by API: what it tells, and who may do what."""

import pytest
from django.test import Client

from apresa.jobs.models import Job, State
from apresa.node import domain as node
from cluster import orders
from cluster.domain import acting
from cluster.preflight import ACTS
from tests.apresa.accounts.people import anna, bob, person
from tests.fakes.cluster import FakeCluster
from tests.recordings.api.test_calls import client_of
from tests.samples.cluster import replies
from tests.samples.cluster.kept import MAINTENANCE, keep, keep_alone, said
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
STATE, ACT = "/api/v1/cluster/", "/api/v1/cluster/acts/"


def post(client: Client, **body: object) -> tuple[int, dict[str, object]]:
    response = client.post(ACT, body, content_type="application/json")
    return response.status_code, response.json()


def test_the_state_is_for_administrators() -> None:
    keep()
    assert Client().get(STATE).status_code == 401
    assert client_of(bob()).get(STATE).status_code == 403
    assert client_of(person("carl", "supervisor")).get(STATE).json() == {
        "code": "permission-denied",
        "message": "The cluster is for administrators.",
    }
    assert client_of(anna()).get(STATE).status_code == 200


@pytest.mark.parametrize("name", ACTS)
def test_nobody_else_may_act(name: str) -> None:
    keep()
    assert post(Client(), act=name, confirm=True)[0] == 401
    assert post(client_of(bob(), may_write=True), act=name, confirm=True)[0] == 403
    assert post(client_of(person("carl", "supervisor"), may_write=True), act=name, confirm=True)[0] == 403
    assert post(client_of(anna()), act=name, confirm=True)[0] == 403  # a token that may only read
    assert Job.objects.using("node").count() == 0


def test_programs_hear_what_the_page_says() -> None:
    keep(drbd_proc=said(replies.PROC_SYNC))
    body = client_of(anna()).get(STATE).json()
    assert body["sentence"].startswith("north records. south is not ready to fail over: 43")
    assert (body["level"], body["exit_code"], body["ready"], body["fresh"]) == ("warning", 1, False, True)
    assert [finding["code"] for finding in body["findings"]] == ["drbd-syncing"]
    assert [card["name"] for card in body["parts"]["nodes"]] == ["north", "south"]
    assert body["parts"]["volume"]["seconds_left"] == 7800


def test_an_act_of_the_other_node_names_its_address() -> None:
    proc = replies.PROC.replace("ro:Primary/Secondary", "ro:Secondary/Primary")
    keep(node="south", postgres=said("t|0/3000100|0/3000100"), drbd_proc=said(proc))
    client = client_of(anna(), may_write=True)
    status, body = post(client, act="switchover")
    assert (status, body["allowed"], body["elsewhere"]) == (200, False, "192.0.2.1")
    keep()
    assert post(client, act="switchover")[1]["elsewhere"] == ""


def test_a_lone_machine_and_an_old_look_are_told() -> None:
    client = client_of(anna())
    assert client.get(STATE).json()["observed_at"] is None
    keep_alone()
    assert client.get(STATE).json()["standalone"] is True
    keep(ago=3600)
    body = client.get(STATE).json()
    assert (body["fresh"], body["level"], body["ready"]) == (False, "unknown", False)


def test_without_confirm_nothing_is_done() -> None:
    keep()
    status, body = post(client_of(anna(), may_write=True), act="maintenance-on")
    assert (status, body["allowed"], body["reasons"]) == (200, True, [])
    assert body["commands"] == ["crm_attribute -t crm_config -n maintenance-mode -v true"]
    assert Job.objects.using("node").count() == 0


def test_an_act_is_begun_and_followed() -> None:
    keep()
    client = client_of(anna(), may_write=True)
    status, body = post(client, act="maintenance-on", confirm=True)
    assert (status, body["state"]) == (202, State.QUEUED)
    command = orders.maintenance(on=True)
    acting.act_next(FakeCluster({command.argv: lambda cluster: cluster.now(pacemaker=said(MAINTENANCE))}))
    followed = client.get(f"{ACT}{body['id']}/").json()
    assert (followed["state"], followed["progress"]) == ("done", 100)
    assert followed["steps"] == [{"argv": list(command.argv), "code": 0, "said": ""}]


def test_a_refusal_names_its_reason() -> None:
    keep()
    assert post(client_of(anna(), may_write=True), act="maintenance-off", confirm=True) == (
        409,
        {"code": "refused", "message": "Maintenance mode is off already."},
    )


@pytest.mark.parametrize("body", [{}, {"act": "explode"}, {"act": "cleanup", "resource": "x" * 101}])
def test_a_wrong_request_is_told(body: dict[str, object]) -> None:
    keep()
    status, answer = post(client_of(anna(), may_write=True), **body)
    assert (status, answer["code"]) == (400, "invalid")


def test_an_act_of_another_machine_is_not_known() -> None:
    keep()
    response = client_of(anna()).get(f"{ACT}00000000-0000-0000-0000-000000000000/")
    assert (response.status_code, response.json()["message"]) == (404, "This machine knows no such act.")


def test_the_read_only_secondary_answers_and_acts_too() -> None:
    client = client_of(anna(), may_write=True)
    node.join_as_secondary("192.0.2.1")
    keep()
    with read_only_database():
        assert client.get(STATE).status_code == 200
        assert post(client, act="maintenance-on", confirm=True)[0] == 202


def test_the_schema_names_the_addresses() -> None:
    schema = Client()
    schema.force_login(anna())
    assert STATE in schema.get("/api/schema/?format=json").content.decode()

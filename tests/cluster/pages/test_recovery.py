"""Repair…: who may, what is shown, and what the button begins."""

import pytest
from django.test import Client

from apresa.jobs.models import Job
from cluster.queries.history import RECOVERY
from tests.apresa.accounts.people import anna, bob, person
from tests.fakes.recovery import STANDBY, FailedNode
from tests.recordings.api.test_calls import client_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster.kept import OFF, keep, keep_alone, said
from tests.samples.read_only import read_only_database

pytestmark = [
    pytest.mark.django_db(databases=["default", "node"]),
    pytest.mark.usefixtures("platform", "on_north", "nothing_of_its_own"),
]
PAGE, API = "/cluster/recovery/", "/api/v1/cluster/recovery/"


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> FailedNode:
    found = FailedNode()
    monkeypatch.setattr("cluster.pages.recovery.runner_here", lambda: found)
    monkeypatch.setattr("cluster.api.recovery.runner_here", lambda: found)
    keep()
    return found


def asked() -> int:
    return Job.objects.using("node").filter(kind=RECOVERY).count()


def test_the_page_is_for_administrators(node: FailedNode) -> None:
    listener, supervisor = signed_in(bob()), signed_in(person("carl", "supervisor"))
    for method in ("get", "post"):
        assert getattr(Client(), method)(PAGE).status_code == 302
        assert getattr(listener, method)(PAGE).status_code == 403
        assert getattr(supervisor, method)(PAGE).status_code == 403
    assert (asked(), node.done) == (0, [])


def test_both_sides_stand_beside_each_other_with_the_proposal_and_its_reasons(node: FailedNode) -> None:
    text = signed_in(anna()).get(PAGE).content.decode()
    for words in ("One node has failed", "Timeline of the database", "≥ 0/02F00000", "0/05000000", "Repair this node"):
        assert words in text
    assert "south is active, and north is not: what serves is not discarded." in text
    assert node.done == []


def test_the_button_begins_the_job_and_leads_to_its_progress(node: FailedNode) -> None:
    client = signed_in(anna())
    assert client.post(PAGE).headers["Location"] == "/cluster/"
    assert asked() == 1
    assert "Repair this node" in client.get("/cluster/").content.decode()
    assert client.post(PAGE).status_code == 409  # one at a time
    assert node.done == []


def test_on_a_secondary_the_page_and_the_button_work(node: FailedNode) -> None:
    client = signed_in(anna())
    with read_only_database():
        assert client.get(PAGE).status_code == 200
        assert client.post(PAGE).status_code == 302
    assert (asked(), node.done) == (1, [])


def test_what_is_refused_is_told_and_not_begun(node: FailedNode) -> None:
    node.now(other_database=said(STANDBY))
    response = signed_in(anna()).post(PAGE)
    assert (response.status_code, asked()) == (409, 0)
    assert "repair it there first" in response.content.decode()


def test_without_the_other_side_only_somebody_who_knows_may_go_on(node: FailedNode) -> None:
    node.now(other_database=said("", 2, "connection to server failed: No route to host"))
    client = signed_in(anna())
    assert 'name="accept"' in client.get(PAGE).content.decode()
    assert (client.post(PAGE).status_code, asked()) == (409, 0)
    assert (client.post(PAGE, {"accept": "yes"}).status_code, asked()) == (302, 1)


def test_a_lone_machine_has_nothing_to_repair(node: FailedNode) -> None:
    node.now(configuration=keep_alone() and said("", 1, "cat: /etc/corosync/corosync.conf: No such file or directory"))
    assert "This machine stands alone" in signed_in(anna()).get(PAGE).content.decode()


def test_the_clusters_page_offers_it_where_something_is_wrong(node: FailedNode) -> None:
    client = signed_in(anna())
    assert 'id="repair"' not in client.get("/cluster/").content.decode()
    keep(**OFF)
    assert 'id="repair"' in client.get("/cluster/").content.decode()
    assert node.done == []


def test_programs_compare_preview_begin_and_follow(node: FailedNode) -> None:
    client = client_of(anna(), may_write=True)
    found = client.get(API).json()
    assert (found["case"], found["survivor"], found["loser"], found["reasons"]) == ("failed-node", "south", "north", [])
    assert client.post(API, {}, content_type="application/json").json()["case"] == "failed-node"
    assert asked() == 0
    begun = client.post(API, {"confirm": True}, content_type="application/json")
    assert (begun.status_code, begun.json()["act"]) == (202, "recover-node")
    assert client.get(f"{API}{begun.json()['id']}/").json()["state"] == "queued"
    assert client.get(f"{API}{'0' * 8}-0000-0000-0000-{'0' * 12}/").status_code == 404
    assert client.post(API, {"confirm": True}, content_type="application/json").status_code == 409
    assert node.done == []


def test_the_api_is_for_administrators(node: FailedNode) -> None:
    body = {"confirm": True}
    assert Client().post(API, body, content_type="application/json").status_code == 401
    for who in (bob(), person("carl", "supervisor")):
        assert client_of(who, may_write=True).post(API, body, content_type="application/json").status_code == 403
        assert client_of(who).get(API).status_code == 403
    assert client_of(anna()).post(API, body, content_type="application/json").status_code == 403  # may only read
    assert (asked(), node.done) == (0, [])

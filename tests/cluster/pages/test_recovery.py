"""Repair…: who may, what is shown, and what the button begins."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apresa.jobs.models import Job
from apresa.shared import clock
from cluster.domain import acting
from cluster.preflight import Act
from cluster.queries.history import RECOVERY
from tests.apresa.accounts.people import anna, bob, person
from tests.fakes.recovery import STANDBY, FailedNode
from tests.recordings.api.test_calls import client_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster.kept import OFF, keep, keep_alone, said
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
PAGE, API = "/cluster/recovery/", "/api/v1/cluster/recovery/"
PROGRESS = f"{PAGE}progress/"


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
    assert Client().get(PROGRESS).status_code == 302
    assert [one.get(PROGRESS).status_code for one in (listener, supervisor)] == [403, 403]
    assert signed_in(anna()).post(PROGRESS).status_code == 405
    assert (asked(), node.done) == (0, [])


def test_both_sides_stand_beside_each_other_with_the_proposal_and_its_reasons(node: FailedNode) -> None:
    text = signed_in(anna()).get(PAGE).content.decode()
    for words in ("One node has failed", "Timeline of the database", "≥ 0/02F00000", "0/05000000", "Repair this node"):
        assert words in text
    assert "south is active, and north is not: what serves is not discarded." in text
    assert node.done == []


def test_the_button_begins_the_job_and_leads_to_its_progress(node: FailedNode) -> None:
    client = signed_in(anna())
    assert client.post(PAGE).headers["Location"] == PAGE
    assert asked() == 1
    assert "Repair this node" in client.get("/cluster/").content.decode()
    assert "It begins in a moment." in client.get(PAGE).content.decode()
    assert client.post(PAGE).status_code == 409  # one at a time
    assert node.done == []


def job_is(state: str, **changes: Any) -> None:
    Job.objects.using("node").filter(kind=RECOVERY).update(state=state, **changes)


def test_while_it_runs_the_page_shows_how_far_it_is_and_compares_nothing(
    node: FailedNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(anna())
    client.post(PAGE)
    job_is("running", progress=34, progress_text="copy-database")
    monkeypatch.setattr("cluster.pages.recovery.runner_here", lambda: pytest.fail("it was asked"))
    for address in (PAGE, PROGRESS):
        text = client.get(address).content.decode()
        assert "34 %" in text
        assert "Copying the database from the active node" in text
        assert ('hx-trigger="every 2s"' in text) == (address == PAGE)
    with read_only_database():
        assert "34 %" in client.get(PROGRESS).content.decode()


def test_when_it_has_ended_the_page_turns_over_and_tells_how(node: FailedNode) -> None:
    client = signed_in(anna())
    client.post(PAGE)
    job_is("done", finished_at=clock.now(), result={"steps": [], "note": "copying-goes-on"})
    assert client.get(PROGRESS)["HX-Refresh"] == "true"
    text = client.get(PAGE).content.decode()
    assert "The last repair" in text
    assert "The recordings are still being copied" in text
    job_is("done", finished_at=clock.now() - timedelta(days=2))
    assert "The last repair" not in client.get(PAGE).content.decode()


def test_a_failure_stands_above_the_next_comparison(node: FailedNode) -> None:
    client = signed_in(anna())
    client.post(PAGE)
    job_is("failed", finished_at=clock.now(), error="The disk is full.")
    text = client.get(PAGE).content.decode()
    assert text.index("The disk is full.") < text.index("One node has failed")


def test_where_nothing_is_wrong_nothing_is_said_to_be_impossible(node: FailedNode) -> None:
    node.joined()
    text = signed_in(anna()).get(PAGE).content.decode()
    assert "Nothing needs to be recovered: south stands by for north, or the other way round." in text
    assert "This cannot be done now." not in text
    assert "The other way" not in text


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


def test_a_reason_is_wholly_in_the_readers_language(node: FailedNode) -> None:
    node.now(other_database=said("", 2, "No route to host"))
    client = signed_in(anna())
    text = client.get(PAGE, headers={"accept-language": "nl"}).content.decode()
    assert "Hij heeft misschien de nieuwere gegevens" in text.split('role="alert"')[1].split("</ul>")[0]
    assert "It may have" not in text
    job = acting.ask(Act("maintenance-on"), by="anna")
    assert "Onderhoudsstand aan" in client.get(PAGE, headers={"accept-language": "nl"}).content.decode()
    Job.objects.using("node").filter(pk=job.pk).update(kind=RECOVERY, parameters={"name": "recover-node"})
    page = client.get("/cluster/act/maintenance-on/", headers={"accept-language": "nl"}).content.decode()
    assert "Er wordt al iets anders met het cluster gedaan: Deze node herstellen" in page


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

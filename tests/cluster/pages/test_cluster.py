"""The cluster's page: what it says in which state, and who may do what."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from apresa import database
from apresa.accounts import copies
from apresa.accounts.models import User
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from apresa.jobs.models import Job
from apresa.node import domain as node
from cluster.domain import acting
from cluster.models import Observation
from cluster.preflight import ACTS, Act
from cluster.replies import Replies
from cluster.told import Told
from cluster.types import NodeLink, Unknown, Why
from tests.apresa.accounts.people import anna, bob, person
from tests.fakes.cluster import FakeCluster
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.kept import FAILED, MAINTENANCE, OFF, keep, keep_alone, said
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
READY = "north records. south is ready. If north fails now, south takes over."
ADDRESSES = ["/cluster/", "/cluster/state/", *(f"/cluster/act/{name}/" for name in ACTS)]


def text(address: str = "/cluster/") -> str:
    response = signed_in(anna()).get(address)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_cluster_is_for_administrators(address: str) -> None:
    keep()
    assert Client().get(address).status_code == 302
    assert signed_in(bob()).get(address).status_code == 403
    assert signed_in(person("carl", "supervisor")).get(address).status_code == 403
    assert signed_in(anna()).get(address).status_code == 200


@pytest.mark.parametrize("name", ACTS)
def test_nobody_else_may_act(name: str) -> None:
    keep()
    assert Client().post(f"/cluster/act/{name}/").status_code == 302
    assert signed_in(bob()).post(f"/cluster/act/{name}/").status_code == 403
    assert signed_in(person("carl", "supervisor")).post(f"/cluster/act/{name}/").status_code == 403
    assert Job.objects.using("node").count() == 0


def test_the_risk_without_witness_and_fencing_is_a_banner() -> None:
    keep()
    administrator = signed_in(anna())
    assert "alert alert-warning" not in administrator.get("/cluster/").content.decode()
    before, _, _ = replies.CONFIGURATION.partition("    device {")
    keep(configuration=said(f"{before}}}\n"))
    banner = administrator.get("/cluster/").content.decode().split("alert alert-warning")[1].split("</div></div>")[0]
    assert "Without witness or fencing a cut link makes both nodes primary (split brain)." in banner


def test_before_the_first_look_the_page_says_what_is_missing() -> None:
    assert "north has not looked at the cluster yet." in text()


def test_a_lone_machine_is_told_plainly() -> None:
    keep_alone()
    page = text()
    assert "north stands alone: it records, and no other node takes over." in page
    assert "No cluster is set up on this machine" in page
    assert "cluster-buttons" not in page


def test_a_healthy_pair_is_one_big_sentence_with_two_nodes() -> None:
    keep()
    page = text()
    assert f'<h2 id="sentence">{READY}</h2>' in page
    for words in ("Standing by, ready", "PostgreSQL: streaming", "Connected, Established, UpToDate/UpToDate"):
        assert words in page
    assert "/cluster/act/switchover/" in page


def test_while_the_recordings_are_copied_the_page_tells_how_far() -> None:
    keep(drbd_proc=said(replies.PROC_SYNC))
    page = text()
    assert "Being copied" in page
    assert "<progress" in page
    assert "Standing by, not ready" in page


def test_an_old_look_promises_nothing() -> None:
    keep(ago=600)
    page = text()
    assert "north does not know how the cluster is now; what follows is 10 minutes old." in page
    assert "is-good" not in page


def test_maintenance_mode_is_seen_at_once_and_can_be_ended() -> None:
    keep(pacemaker=said(MAINTENANCE))
    page = text()
    assert "Maintenance mode is on." in page
    assert "Unmanaged" in page
    assert "/cluster/act/maintenance-off/" in page
    assert "/cluster/act/switchover/" not in page


def test_a_failed_action_can_be_cleaned_up() -> None:
    keep(pacemaker=said(FAILED))
    assert "/cluster/act/cleanup/?resource=address&amp;node=north" in text()


def test_a_node_that_has_not_joined_can_be_joined() -> None:
    keep(**OFF)
    page = text()
    assert "north has not joined the cluster." in page
    assert "/cluster/act/join/" in page


def test_what_hangs_is_a_finding() -> None:
    keep(pacemaker=Unknown(Why.LATE, "No answer within 10 seconds."))
    assert "north cannot tell the state of: Pacemaker." in text()


def test_hostile_words_of_a_tool_stay_words() -> None:
    keep(pacemaker=said(FAILED.replace("gone", "&lt;script&gt;alert(1)&lt;/script&gt;")))
    assert "<script>alert(1)" not in text()


def test_the_page_works_without_the_clusters_database(monkeypatch: pytest.MonkeyPatch) -> None:
    user = anna()
    client = signed_in(user)
    copies.refresh()
    keep()
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    assert READY in client.get("/cluster/").content.decode()
    assert client.post("/cluster/act/maintenance-on/").status_code == 302
    assert Job.objects.using("node").get().owner == "anna"


def test_on_the_read_only_secondary_the_page_works_and_maintenance_may_be_switched() -> None:
    client = signed_in(anna())
    node.join_as_secondary("192.0.2.1")
    keep()
    with read_only_database():
        assert READY in client.get("/cluster/").content.decode()
        assert client.post("/cluster/act/maintenance-on/").status_code == 302


def test_the_preview_says_what_will_happen_and_by_which_command() -> None:
    keep()
    page = text("/cluster/act/maintenance-on/")
    assert "Until maintenance mode is off again, no node takes over, whatever fails." in page
    assert "crm_attribute -t crm_config -n maintenance-mode -v true" in page
    assert 'class="btn btn-danger"' in page


def test_a_refused_act_has_its_reason_and_no_button() -> None:
    keep()
    page = text("/cluster/act/maintenance-off/")
    assert "Maintenance mode is off already." in page
    assert 'type="submit">Maintenance mode off' not in page


def test_the_button_begins_a_job_and_leaves_a_trail() -> None:
    keep()
    client = signed_in(anna())
    assert client.post("/cluster/act/maintenance-on/")["Location"] == "/cluster/"
    job = Job.objects.using("node").get()
    assert (job.kind, job.parameters["name"], job.owner) == ("cluster-act", "maintenance-on", "anna")
    entry = Entry.objects.using("node").get(action="cluster-act")
    assert (entry.actor, entry.object) == ("anna", "maintenance-on")
    assert "Queued" in client.get("/cluster/").content.decode()


def test_a_second_act_waits_for_the_first() -> None:
    keep()
    client = signed_in(anna())
    client.post("/cluster/act/maintenance-on/")
    response = client.post("/cluster/act/switchover/")
    assert response.status_code == 409
    assert "Something else is being done to the cluster" in response.content.decode()
    assert Job.objects.using("node").count() == 1


def test_an_act_of_the_other_node_is_offered_there_and_not_passed_on() -> None:
    proc = replies.PROC.replace("ro:Primary/Secondary", "ro:Secondary/Primary")
    keep(node="south", postgres=said("t|0/3000100|0/3000100"), drbd_proc=said(proc))
    client = signed_in(anna())
    page = client.get("/cluster/act/switchover/").content.decode()
    assert "Do this on north, the active node" in page
    assert 'href="https://192.0.2.1/cluster/act/switchover/"' in page
    assert client.post("/cluster/act/switchover/").status_code == 409
    assert Job.objects.using("node").count() == 0
    assert 'href="https://192.0.2.1/cluster/"' in client.get("/cluster/").content.decode()


def test_an_act_that_nobody_knows_is_not_found() -> None:
    assert signed_in(anna()).get("/cluster/act/explode/").status_code == 404


def test_the_system_page_shows_the_same_sentence() -> None:
    keep()
    page = text("/system/")
    assert "H.A. Cluster" in page
    assert READY in page


def both(**changes: Any) -> None:
    """North's observation with south's report in it."""
    south = Replies("south", 0.0, {**healthy().results, "postgres": said("t|0/3000100|0/3000100"), **changes})
    told = Told(replace(south, taken_at=1_000_000.0), NodeLink("0.2.0", "0.1.0", 0.01, 0.0))
    Observation.objects.filter(pk=keep(services=said(replies.SERVICES)).pk).update(told=told.to_json())


def test_the_other_nodes_card_comes_from_its_own_report() -> None:
    off = replies.SERVICES.replace(
        '"ok": true, "sentence": "Port 8000 answers', '"ok": false, "sentence": "Port 8000 answers'
    )
    both(services=said(off.replace("200", "500")))
    page = text("/cluster/state/")
    assert page.count("Recording</span>") == 2
    assert "Port 8000 answers with 500." in page
    assert "The pages of south do not answer." in page
    assert "<dd>0.2.0</dd>" in page


def test_the_system_page_shows_both_nodes() -> None:
    both(services=said(replies.SERVICES))
    page = text("/system/")
    assert page.count('<th scope="row">') >= 2
    assert page.count("all run") == 2
    assert "0.2.0" in page


def test_a_node_that_tells_nothing_of_itself_is_said_to() -> None:
    keep()
    assert "As north sees it: there is no report of its own." in text("/cluster/state/")


def test_a_reason_is_wholly_in_the_readers_language() -> None:
    keep(pacemaker=said(MAINTENANCE))
    response = signed_in(anna()).get("/cluster/act/switchover/", headers={"accept-language": "nl"})
    page = response.content.decode()
    assert "zet die eerst uit" in page.lower()
    keep(drbd_proc=said(replies.PROC_SYNC))
    page = (
        signed_in(User.objects.get(username="anna"))
        .get("/cluster/act/switchover/", headers={"accept-language": "nl"})
        .content.decode()
    )
    assert "south zou het niet overnemen: De opnamen worden gekopieerd" in page


def test_a_failed_act_is_told_in_the_readers_language_and_in_english_where_only_that_is_known() -> None:
    keep()
    acting.ask(Act("maintenance-on"), by="anna")
    job = acting.act_next(FakeCluster(pacemaker=said(MAINTENANCE)))
    assert job is not None
    assert job.error == "It was not done. Maintenance mode is on already."
    administrator = signed_in(anna())
    page = administrator.get("/cluster/", headers={"accept-language": "nl"}).content.decode()
    assert "De onderhoudsstand is al aan." in page
    assert "Maintenance mode is on already." not in page
    Job.objects.using("node").filter(pk=job.pk).update(error="Another release said this.")
    page = administrator.get("/cluster/", headers={"accept-language": "nl"}).content.decode()
    assert "Another release said this." in page


def test_both_links_are_on_the_page_with_the_state_of_each() -> None:
    keep(links=said(replies.LINKS))
    page = signed_in(anna()).get("/cluster/").content.decode()
    assert "192.0.2.1 – 192.0.2.2" in page
    assert "198.51.100.1 – 198.51.100.2" in page
    assert (page.count("Corosync: link 0, connected"), page.count("Corosync: link 1, disconnected")) == (1, 1)
    assert "One of the 2 links between the nodes is cut." in page

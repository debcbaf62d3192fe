"""The witness's page."""

from dataclasses import asdict

import pytest
from django.test import Client

from apresa import database
from apresa.accounts import copies
from apresa.database import DatabaseState
from apresa.jobs.models import Job
from apresa.node import domain as node
from cluster.preflight import Act
from tests.apresa.accounts.people import anna, bob, person
from tests.cluster.api.test_witness import HOST, keep_pair
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster import replies
from tests.samples.cluster.kept import keep, keep_alone, said
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
PAGE, ADD = "/cluster/witness/", "/cluster/act/witness-add/"


def text(address: str = PAGE) -> str:
    response = signed_in(anna()).get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_it_is_for_administrators() -> None:
    keep_pair()
    assert Client().get(PAGE).status_code == 302
    assert signed_in(bob()).get(PAGE).status_code == 403
    assert signed_in(person("carl", "supervisor")).get(PAGE).status_code == 403
    assert signed_in(anna()).get(PAGE).status_code == 200


def test_a_pair_without_witness_is_asked_for_one() -> None:
    keep_pair()
    page = text()
    assert "Name or address of the third machine" in page
    assert "Remove the witness" not in page


def test_a_witness_is_shown_with_its_vote() -> None:
    keep()
    page = text()
    assert HOST in page
    assert "Remove the witness…" in page
    assert "Go on without witness…" not in page


def test_a_witness_that_is_lost_is_told_with_its_connection() -> None:
    lost = replies.QUORUM.replace("0          1            Qdevice", "0          0            Qdevice (votes 1)")
    keep(quorum=said(lost), witness=said(replies.WITNESS.replace("Connected", "Connecting")))
    page = text()
    assert "The witness gives no vote: if one node fails now, the other stops, too." in page
    assert f"north: Connecting ({HOST})." in page


def test_a_node_without_majority_is_shown_the_way_out() -> None:
    keep(quorum=said(replies.QUORUM.replace("Quorate:          Yes", "Quorate:          No"), 2))
    assert "Go on without witness…" in text()


def test_a_lone_machine_is_told_plainly() -> None:
    keep_alone()
    assert "This machine stands alone: there is no cluster." in text()


def test_the_host_is_carried_from_the_form_to_the_button() -> None:
    keep_pair()
    administrator = signed_in(anna())
    preview = administrator.get(f"{ADD}?host=+{HOST}+").content.decode()
    assert f"{HOST} gets a vote" in preview
    assert f'name="host" value="{HOST}"' in preview
    assert administrator.post(ADD, {"host": HOST})["Location"] == PAGE
    assert Job.objects.using("node").get().parameters == asdict(Act("witness-add", host=HOST))


def test_what_was_typed_is_shown_as_text() -> None:
    keep_pair()
    assert "&lt;b&gt; gets a vote" in text(f"{ADD}?host=<b>")


def test_on_the_read_only_secondary_the_page_works() -> None:
    administrator = signed_in(anna())
    node.join_as_secondary("192.0.2.1")
    keep_pair()
    with read_only_database():
        assert administrator.get(PAGE).status_code == 200


def test_the_page_works_with_the_database_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator = signed_in(anna())
    copies.refresh()
    keep_pair()
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    assert "Name or address of the third machine" in administrator.get(PAGE).content.decode()

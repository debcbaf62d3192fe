"""The witness by API: what is seen, and how it is added."""

from typing import Any

import pytest
from django.test import Client

from apresa.audit.models import Entry
from apresa.jobs.models import Job
from apresa.node import domain as node
from cluster.models import Observation
from cluster.replies import Replies
from cluster.told import Told
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.api.test_calls import client_of
from tests.samples.cluster import replies
from tests.samples.cluster.answers import healthy
from tests.samples.cluster.kept import keep, keep_alone, said
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
WITNESS, ACT = "/api/v1/cluster/witness/", "/api/v1/cluster/acts/"
HOST = "203.0.113.9"
PAIR: dict[str, Any] = {
    "configuration": said(replies.CONFIGURATION.partition("    device {")[0] + "}\n"),
    "quorum": said(
        replies.QUORUM.replace("Expected votes:   3", "Expected votes:   2")
        .replace("Quorate Qdevice", "2Node Quorate")
        .replace("         0          1            Qdevice\n", "")
    ),
    "pacemaker": said(replies.PACEMAKER.replace('no-quorum-policy="stop"', 'no-quorum-policy="ignore"')),
}


def keep_pair() -> None:
    """Both nodes, without a witness: north as it sees itself, and south's report by the link."""
    keep(**PAIR)
    proc = replies.PROC.replace("ro:Primary/Secondary", "ro:Secondary/Primary")
    standby = {"postgres": said("t|0/3000100|0/3000100"), "drbd_proc": said(proc)}
    south = Replies("south", 1_000_000.0, healthy(**PAIR, **standby).results)
    Observation.objects.update(told=Told(south).to_json())


def test_it_is_for_administrators() -> None:
    keep()
    assert Client().get(WITNESS).status_code == 401
    assert client_of(bob()).get(WITNESS).status_code == 403
    assert client_of(person("carl", "supervisor")).get(WITNESS).status_code == 403
    assert client_of(anna()).get(WITNESS).status_code == 200


def test_a_witness_is_told_with_each_nodes_vote() -> None:
    client = client_of(anna())
    keep()
    assert client.get(WITNESS).json() == {
        "host": HOST,
        "obeyed": True,
        "nodes": [{"node": "north", "host": HOST, "connection": "Connected", "votes": True}],
    }
    keep(witness=said("", 3, "corosync-qdevice-tool: Can't connect to QDevice socket (is QDevice running?): No such"))
    line = client.get(WITNESS).json()["nodes"][0]
    assert line["connection"].startswith("corosync-qdevice-tool: Can't connect")


def test_a_pair_and_a_lone_machine_have_none() -> None:
    client = client_of(anna())
    keep_pair()
    body = client.get(WITNESS).json()
    assert (body["host"], body["obeyed"], [line["node"] for line in body["nodes"]]) == ("", False, ["north", "south"])
    keep_alone()
    assert client.get(WITNESS).json() == {"host": "", "obeyed": False, "nodes": []}


def test_a_witness_is_previewed_and_then_asked_for() -> None:
    keep_pair()
    client = client_of(anna(), may_write=True)
    asked = {"act": "witness-add", "host": HOST}
    body = client.post(ACT, asked, content_type="application/json").json()
    assert (body["allowed"], body["reasons"]) == (True, [])
    assert body["commands"] == [
        f"apresa-helper witness-reach {HOST}",
        f"south: apresa-helper witness-reach {HOST}",
        f"apresa-helper witness-add {HOST}",
        f"south: apresa-helper witness-add {HOST}",
        "corosync-cfgtool -R",
        "apresa-helper witness-service on",
        "south: apresa-helper witness-service on",
        "crm_attribute -t crm_config -n no-quorum-policy -v stop",
    ]
    assert Job.objects.using("node").count() == 0
    answer = client.post(ACT, {**asked, "confirm": True}, content_type="application/json")
    assert answer.status_code == 202
    assert Job.objects.using("node").get().parameters["host"] == HOST
    assert Entry.objects.using("node").get(action="cluster-act").detail["host"] == HOST


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("", '"" is no name or address of a witness: give that of a third machine.'),
        ("south", "south is one of the nodes; the witness must be a third machine."),
    ],
)
def test_a_wrong_host_is_one_sentence(host: str, sentence: str) -> None:
    keep_pair()
    client = client_of(anna(), may_write=True)
    answer = client.post(ACT, {"act": "witness-add", "host": host, "confirm": True}, content_type="application/json")
    assert (answer.status_code, answer.json()["message"]) == (409, sentence)
    assert Entry.objects.using("node").filter(action="cluster-act-refused").count() == 1


def test_a_name_that_is_too_long_is_invalid() -> None:
    keep_pair()
    body = {"act": "witness-add", "host": "a" * 254}
    assert client_of(anna(), may_write=True).post(ACT, body, content_type="application/json").status_code == 400


def test_the_read_only_secondary_answers_and_adds_too() -> None:
    client = client_of(anna(), may_write=True)
    node.join_as_secondary("192.0.2.1")
    keep_pair()
    with read_only_database():
        assert client.get(WITNESS).status_code == 200
        body = {"act": "witness-add", "host": HOST, "confirm": True}
        assert client.post(ACT, body, content_type="application/json").status_code == 202

"""Fencing by API: what is seen, how a switch is set up, and a password that no answer has."""

from pathlib import Path

import pytest
from django.test import Client

from apresa.jobs.models import Job
from apresa.node import domain as node
from cluster.domain import acting
from cluster.queries import fencing
from tests.apresa.accounts.people import anna, bob, person
from tests.fakes.fencing import NORTHS, SOUTHS, FencedCluster, with_devices
from tests.recordings.api.test_calls import client_of
from tests.samples.cluster.kept import keep, keep_alone
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
FENCING, ACT = "/api/v1/cluster/fencing/", "/api/v1/cluster/acts/"
ADD = {"act": "fencing-add", "agent": "fence_ipmilan", "host": "192.0.2.7", "user": "apresa"}


@pytest.fixture(autouse=True)
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fence_virsh").touch()
    monkeypatch.setattr(fencing, "PLACE", tmp_path)


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> FencedCluster:
    cluster = FencedCluster()
    monkeypatch.setattr(acting, "runner_here", lambda: cluster)
    return cluster


def test_it_is_for_administrators() -> None:
    keep()
    assert Client().get(FENCING).status_code == 401
    assert client_of(bob()).get(FENCING).status_code == 403
    assert client_of(person("carl", "supervisor")).get(FENCING).status_code == 403
    assert client_of(anna()).get(FENCING).status_code == 200


def test_it_is_told_whose_power_can_be_cut() -> None:
    client = client_of(anna())
    keep(pacemaker=with_devices(SOUTHS, NORTHS, on=True))
    line = {"state": "ready"}
    assert client.get(FENCING).json() == {
        "on": True,
        "nodes": [
            {"node": "south", "by": "north", "here": True, **line},
            {"node": "north", "by": "south", "here": False, **line},
        ],
        "installed": ["fence_virsh"],
    }
    keep_alone()
    assert client.get(FENCING).json() == {"on": None, "nodes": [], "installed": ["fence_virsh"]}


def test_a_switch_is_previewed_and_then_asked_for(helper: FencedCluster) -> None:
    keep()
    client = client_of(anna(), may_write=True)
    body = client.post(ACT, ADD, content_type="application/json").json()
    assert (body["allowed"], body["reasons"]) == (True, [])
    assert body["commands"] == [
        "apresa-helper fence-check fence_ipmilan 192.0.2.7",
        "apresa-helper fence-add fence_south",
        "apresa-helper fencing on delay=0s",
        "apresa-helper fencing on delay=2s",
    ]
    asked = {**ADD, "password": "s3cret", "confirm": True}
    answer = client.post(ACT, asked, content_type="application/json")
    assert answer.status_code == 202
    assert "s3cret" not in answer.content.decode()
    assert helper.given == [("fence-secret", {"node": "south", "password": "s3cret"})]
    job = Job.objects.using("node").get()
    assert "s3cret" not in str(vars(job))
    assert client.get(f"{ACT}{job.pk}/").json()["act"] == "fencing-add"


def test_only_an_administrator_with_the_right_token_changes_it(helper: FencedCluster) -> None:
    keep()
    asked = {**ADD, "password": "s3cret", "confirm": True}
    assert Client().post(ACT, asked, content_type="application/json").status_code == 401
    assert client_of(bob(), may_write=True).post(ACT, asked, content_type="application/json").status_code == 403
    assert client_of(anna()).post(ACT, asked, content_type="application/json").status_code == 403
    assert (Job.objects.using("node").count(), helper.given) == (0, [])


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"plug": "vm2"}, 409, "fence_ipmilan switches one machine alone: leave the name of the machine away."),
        ({"password": ""}, 409, "A password is 1 to 128 letters, digits and signs, without spaces."),
        ({"host": "a;b"}, 409, '"a;b" is no name or address that may be used here.'),
    ],
)
def test_a_wrong_answer_is_one_sentence(
    changes: dict[str, str], status: int, sentence: str, helper: FencedCluster
) -> None:
    keep()
    asked = {**ADD, "password": "s3cret", "confirm": True, **changes}
    answer = client_of(anna(), may_write=True).post(ACT, asked, content_type="application/json")
    assert (answer.status_code, answer.json()["message"]) == (status, sentence)
    assert helper.given == []


def test_an_agent_that_nobody_knows_is_invalid() -> None:
    keep()
    asked = {**ADD, "agent": "fence_sbd"}
    assert client_of(anna(), may_write=True).post(ACT, asked, content_type="application/json").status_code == 400


def test_the_read_only_secondary_answers_and_sets_up_too(helper: FencedCluster) -> None:
    client = client_of(anna(), may_write=True)
    node.join_as_secondary("192.0.2.1")
    keep()
    with read_only_database():
        assert client.get(FENCING).status_code == 200
        asked = {**ADD, "password": "s3cret", "confirm": True}
        assert client.post(ACT, asked, content_type="application/json").status_code == 202
    assert helper.verbs == ["fence-secret"]

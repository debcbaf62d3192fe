"""The set-up screen: who may see it, what it asks, what it says before and while it is done."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apresa import database
from apresa.accounts import copies
from apresa.database import DatabaseState
from apresa.node import domain as node
from apresa.node.models import Role
from cluster.domain import setup as engine
from cluster.domain.setup import SetupRefused
from cluster.findings import finding
from cluster.pages import setup as pages
from cluster.pages import setup_give_up, setup_pairing
from cluster.pages.setup_form import flat
from cluster.pairing import domain as pairing
from cluster.queries.setup import SetupState, StepLine
from cluster.queries.setup_defaults import Machine
from cluster.queries.setup_review import sentence
from cluster.setup.answers import Answers
from cluster.setup.machine import Network, Partition
from cluster.setup.validate import Fault
from tests.apresa.accounts.people import anna, bob, person
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster.set_up import GOOD, answers_only, not_blank
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("here", "platform")]
PRIMARY = "/cluster/setup/primary/"
GIVE_UP = "/cluster/setup/give-up/"
ADDRESSES = [
    "/cluster/setup/",
    PRIMARY,
    "/cluster/setup/secondary/",
    "/cluster/setup/progress/",
    "/cluster/setup/pairing/",
    GIVE_UP,
]
POSTS = [PRIMARY, *(f"/cluster/setup/{name}/" for name in ("secondary", "again", "code", "forget", "give-up"))]
STEPS = (
    StepLine("ring", "Corosync", "done", (("corosync-keygen -l", 0, "Key written"),)),
    StepLine("volume", "DRBD", "failed", (("drbdadm up r0", 1, "r0: no such resource"),)),
    StepLine("database", "PostgreSQL", "waiting"),
)
RUNNING = SetupState("primary", "running", 40, (replace(STEPS[1], state="running"), STEPS[2]))
FAILED = SetupState("primary", "failed", 40, STEPS, "DRBD gave no answer.")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A data directory of its own, on a machine with one interface."""
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))
    networks = (Network("eth0", "192.168.2.11", 24), Network("eth1", "10.0.0.1", 30))
    monkeypatch.setattr(pages, "machine", lambda: Machine(networks, ()))
    monkeypatch.setattr("socket.gethostname", lambda: "myrec1.example.org")
    monkeypatch.setattr(engine, "faults", answers_only)


def state_is(monkeypatch: pytest.MonkeyPatch, found: SetupState) -> None:
    for module in (pages, setup_pairing, setup_give_up):
        monkeypatch.setattr(module, "setup_state", lambda: found)


def page_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return html.unescape(response.content.decode())


def said_at(page: str, name: str) -> list[str]:
    """The faults below a field."""
    about = re.search(rf'<div id="field-{name}-about">(.*?)</div>\s*(</span>|</div>)', page, re.DOTALL)
    return re.findall(r'd-block">([^<]*)<', about[1] + "<") if about else []


def send(client: Client, step: str, answers: Answers = GOOD) -> Any:
    return client.post(PRIMARY, {**dict(flat(answers)), "step": step})


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_set_up_is_for_administrators(address: str) -> None:
    assert Client().get(address).status_code == 302
    assert signed_in(bob()).get(address).status_code == 403
    assert signed_in(person("carl", "supervisor")).get(address).status_code == 403
    assert signed_in(anna()).get(address).status_code == 200


@pytest.mark.parametrize("address", POSTS)
def test_nobody_else_may_begin(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ask_primary", "ask_secondary", "again", "give_up"):
        monkeypatch.setattr(engine, name, lambda *_args, **_more: pytest.fail("it was begun"))
    body = {**dict(flat(GOOD)), "step": "apply"}
    assert Client().post(address, body).status_code == 302
    assert signed_in(bob()).post(address, body).status_code == 403
    assert signed_in(person("carl", "supervisor")).post(address, body).status_code == 403


def test_a_lone_machine_chooses_first_or_second() -> None:
    page = page_of(signed_in(anna()).get("/cluster/setup/"))
    assert "This is the first machine" in page
    assert "This is the second machine" in page
    assert f'href="{PRIMARY}"' in page


def test_the_form_is_filled_from_this_machine() -> None:
    page = page_of(signed_in(anna()).get(PRIMARY))
    for name, value in {
        "first.name": "myrec1",
        "first.address": "192.168.2.11",
        "first.mask": "255.255.255.0",
        "second.name": "myrec2",
        "second.address": "",
        "second.mask": "255.255.255.0",
    }.items():
        assert f'name="{name}" value="{value}"' in page, name
    assert '<option value="eth0" selected>eth0 (192.168.2.11/24)</option>' in page


def test_the_address_that_the_browser_asked_for_is_the_nodes_own(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = (Network("eth0", "192.168.55.55", 24), Network("eth1", "192.168.2.11", 26))
    monkeypatch.setattr(pages, "machine", lambda: Machine(networks, ()))
    page = page_of(signed_in(anna()).get(PRIMARY, headers={"host": "192.168.2.11:8000"}))
    assert 'name="first.address" value="192.168.2.11"' in page
    assert 'name="first.mask" value="255.255.255.192"' in page
    assert '<option value="eth1" selected>' in page


def test_partitions_that_nothing_uses_are_offered_and_a_lone_one_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = Partition("/dev/sdb1", 10**9), Partition("/dev/sdc1", 2 * 10**12)
    client = signed_in(anna())
    monkeypatch.setattr(pages, "machine", lambda: Machine((), (large, small)))
    page = page_of(client.get(PRIMARY))
    assert "Free on this machine: /dev/sdc1 (1.8\xa0TB), /dev/sdb1 (953.7\xa0MB)." in page
    assert 'name="disk" value=""' in page
    monkeypatch.setattr(pages, "machine", lambda: Machine((), (small,)))
    assert 'name="disk" value="/dev/sdb1"' in page_of(client.get(PRIMARY))


def test_every_fault_stands_at_its_field_and_nothing_typed_is_lost() -> None:
    wrong = replace(GOOD, second=replace(GOOD.second, mask="255.0.255.0", name="My Rec"), floating="10.9.9.9")
    page = page_of(send(signed_in(anna()), "review", wrong), 400)
    assert "3 answers cannot be used: see what is said below each." in page
    assert said_at(page, "second-name") == [
        '"My Rec" is no name of a node; use small letters, digits and hyphens, such as myrec1.'
    ]
    assert said_at(page, "second-mask") == [
        '"255.0.255.0" is no IP mask; write one such as 255.255.255.0, or the number of its bits, such as 24.'
    ]
    assert len(said_at(page, "floating")) == 1
    for value in ("255.0.255.0", "My Rec", "10.9.9.9"):
        assert f'value="{value}"' in page


def test_what_this_machine_has_against_it_is_told_before_the_review(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "faults", not_blank)
    page = page_of(send(signed_in(anna()), "review"), 400)
    assert said_at(page, "disk") == [sentence(not_blank("primary", GOOD)[0])]


def test_the_review_says_what_will_be_done_and_the_danger_first() -> None:
    page = page_of(send(signed_in(anna()), "review"))
    danger = page.index("is overwritten: whatever lies on it is lost.")
    assert danger < page.index("myrec1 (192.168.2.11) becomes the primary of a cluster, alone at first.")
    assert "There is no witness: if the link between the nodes is cut" in page
    assert 'value="apply">Apply: set up the primary' in page


def test_a_witness_is_promised_for_the_end() -> None:
    page = page_of(send(signed_in(anna()), "review", replace(GOOD, witness="witness.example.org")))
    assert "The witness witness.example.org gets its vote at the end of the second machine" in page


def test_from_the_review_one_comes_back_to_what_was_typed() -> None:
    page = page_of(send(signed_in(anna()), "edit", replace(GOOD, witness="witness.example.org")))
    assert 'value="witness.example.org"' in page
    assert "invalid-feedback" not in page


def test_apply_begins_the_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(engine, "ask_primary", lambda answers, **more: begun.append((answers, more)))
    response = send(signed_in(anna()), "apply")
    assert (response.status_code, response["Location"]) == (302, "/cluster/setup/")
    assert begun == [(GOOD, {"by": "anna", "address": "127.0.0.1"})]


def test_what_the_world_has_against_it_stands_at_the_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise SetupRefused((Fault("first.name", finding("name-local", value="myrec1")), Fault("?", finding("roles"))))

    monkeypatch.setattr(engine, "ask_primary", refuse)
    page = page_of(send(signed_in(anna()), "apply"), 400)
    assert said_at(page, "first-name") == [
        'Every machine calls itself "myrec1"; give this node a name of its own, such as myrec1.'
    ]
    assert "One node begins as primary, the other as secondary; choose one of each." in page


def test_progress_shows_each_step_with_its_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, RUNNING)
    client = signed_in(anna())
    page = page_of(client.get("/cluster/setup/"))
    assert 'hx-get="/cluster/setup/progress/" hx-trigger="every 2s"' in page
    assert 'value="40"' in page
    part = page_of(client.get("/cluster/setup/progress/"))
    assert "drbdadm up r0 <span" in part
    assert "r0: no such resource" in part
    assert "Go on" not in part


def test_between_two_processes_it_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(anna())
    state_is(monkeypatch, SetupState("primary", "queued", 0, (STEPS[2],)))
    assert "It begins in a moment." in page_of(client.get("/cluster/setup/"))
    state_is(monkeypatch, SetupState("primary", "queued", 0, (STEPS[0], STEPS[2])))
    assert "Apresa restarts, and goes on in a moment." in page_of(client.get("/cluster/setup/"))


def test_what_it_printed_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = replace(STEPS[0], commands=(("echo", 0, "<script>alert(1)</script>"),))
    state_is(monkeypatch, replace(FAILED, steps=(odd,)))
    assert b"<script>alert" not in signed_in(anna()).get("/cluster/setup/").content


def test_once_it_has_ended_the_part_asks_for_the_whole_page(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, FAILED)
    assert signed_in(anna()).get("/cluster/setup/progress/")["HX-Refresh"] == "true"


def test_a_failure_has_its_sentence_and_a_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, FAILED)
    begun: list[object] = []
    monkeypatch.setattr(engine, "again", lambda **more: begun.append(more))
    client = signed_in(anna())
    page = page_of(client.get("/cluster/setup/"))
    assert "DRBD gave no answer." in page
    assert '<details id="step-volume" open>' in page
    assert "every 2s" not in page
    assert client.post("/cluster/setup/again/")["Location"] == "/cluster/setup/"
    assert begun == [{"by": "anna", "address": "127.0.0.1"}]


def test_going_on_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_more: object) -> None:
        raise SetupRefused((Fault("", finding("roles")),))

    monkeypatch.setattr(engine, "again", refuse)
    page = page_of(signed_in(anna()).post("/cluster/setup/again/", follow=True))
    assert "One node begins as primary, the other as secondary; choose one of each." in page


@pytest.mark.parametrize("address", [PRIMARY, "/cluster/setup/secondary/"])
def test_while_it_goes_on_nothing_can_be_asked_for_anew(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, RUNNING)
    monkeypatch.setattr(engine, "ask_primary", lambda *_args, **_more: pytest.fail("it was begun twice"))
    client = signed_in(anna())
    assert client.get(address)["Location"] == "/cluster/setup/"
    assert client.post(address, {**dict(flat(GOOD)), "step": "apply"})["Location"] == "/cluster/setup/"


def test_the_page_works_without_the_clusters_database(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(anna())
    copies.refresh()
    state_is(monkeypatch, RUNNING)
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    assert "This machine becomes the primary" in page_of(client.get("/cluster/setup/"))
    assert "drbdadm" in page_of(client.get("/cluster/setup/progress/"))


def test_on_the_read_only_secondary_the_page_works() -> None:
    client = signed_in(anna())
    node.join_as_secondary("192.168.2.11")
    with read_only_database():
        page = page_of(client.get("/cluster/setup/"))
        assert "is set up as the secondary." in page
        assert "Add the second machine" not in page
        assert client.get(PRIMARY)["Location"] == "/cluster/setup/"
        assert client.get("/cluster/setup/pairing/")["HX-Refresh"] == "true"


def test_once_the_cluster_stands_names_and_addresses_are_shown_with_the_reason() -> None:
    client = signed_in(anna())
    known = node.identity()
    known.role, known.name = Role.PRIMARY, "myrec1"
    known.save()
    pairing.store().keep_answers(GOOD)
    page = page_of(client.get("/cluster/setup/"))
    assert "myrec1 is set up as the primary." in page
    assert "<td>192.168.2.12</td>" in page
    assert "Names and addresses of the nodes can't be changed once the cluster stands" in page
    assert "<input" not in page.split('id="agreed-title"')[1]
    assert "Names and addresses of the nodes can't be changed" in page_of(client.get("/system/"))

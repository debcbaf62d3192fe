"""The second machine: its code on the primary's page, and what its own page makes of it."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apresa.audit import domain as audit
from apresa.audit.models import Entry
from apresa.node import domain as node
from apresa.node.models import Role
from cluster.domain import setup as engine
from cluster.domain.setup import SetupRefused
from cluster.findings import finding
from cluster.pages import setup, setup_pairing
from cluster.pairing import domain, listening
from cluster.pairing.secondary import PairingError
from cluster.pairing.store import Peer, Store
from cluster.queries import pairing as pairing_queries
from cluster.queries.setup import SetupState
from cluster.setup.validate import Fault
from tests.apresa.accounts.people import anna
from tests.cluster.pages.test_setup import page_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster.set_up import GOOD, answers_only, not_blank

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("folder", "platform")]
PAGE, CODE, SECONDARY = "/cluster/setup/", "/cluster/setup/code/", "/cluster/setup/secondary/"
MYREC1 = Peer("1", "myrec1", "192.168.2.11")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A data directory of its own; nobody rings a worker."""
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))
    monkeypatch.setattr(listening, "ring", lambda *_args, **_more: None)
    monkeypatch.setattr(engine, "faults", answers_only)
    return Store(tmp_path / "cluster")


@pytest.fixture
def primary() -> Client:
    """Anna at the primary, whose set-up is done."""
    client = signed_in(anna())
    known = node.identity()
    known.name, known.role, known.address, known.mask = "myrec1", Role.PRIMARY, "127.0.0.1", 8
    known.save()
    return client


def fails(monkeypatch: pytest.MonkeyPatch, error: PairingError) -> None:
    def join(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(domain, "join", join)


def test_the_primary_offers_a_code_when_it_is_set_up(primary: Client) -> None:
    page = page_of(primary.get(PAGE))
    assert "Add the second machine" in page
    assert "Show a code" in page


@pytest.mark.parametrize("state", ["queued", "running", "failed"])
def test_before_its_set_up_is_done_there_is_no_code(
    primary: Client, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    for module in (setup, setup_pairing):
        monkeypatch.setattr(module, "setup_state", lambda: SetupState("primary", state))
    assert "Add the second machine" not in page_of(primary.get(PAGE))
    assert "First this machine must be set up as the primary, to the end." in page_of(primary.post(CODE, follow=True))
    assert domain.store().offer() is None


def test_a_lone_machine_gives_no_code() -> None:
    page = page_of(signed_in(anna()).post(CODE, follow=True))
    assert "First this machine must be set up as the primary, to the end." in page


def test_the_code_is_shown_in_groups_with_address_and_time(primary: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert primary.post(CODE)["Location"] == PAGE
    kept = domain.store().offer()
    assert kept is not None
    page = page_of(primary.get(PAGE))
    assert page.count("<span>") >= 8
    assert '<code class="setup-address">127.0.0.1</code>' in page
    assert "The code is good for 14 min 5" in page or "The code is good for 15 min 0 s more" in page
    assert "This machine begins to listen in a moment." in page
    monkeypatch.setattr(pairing_queries, "PATIENCE", 0)
    assert "The worker of this machine does not listen for the other one." in page_of(primary.get(PAGE))
    with domain.store().only_listener():
        assert "Listening" in page_of(primary.get("/cluster/setup/pairing/"))


def test_a_new_code_makes_the_old_one_void(primary: Client) -> None:
    primary.post(CODE)
    first = domain.store().offer()
    primary.post(CODE)
    assert domain.store().offer() != first


def test_a_cancelled_code_is_gone_and_the_part_asks_for_the_whole_page(primary: Client) -> None:
    primary.post(CODE)
    primary.post(CODE, {"cancel": "1"})
    assert domain.store().offer() is None
    assert primary.get("/cluster/setup/pairing/")["HX-Refresh"] == "true"
    assert [one.action for one in Entry.objects.using("node").filter(action__startswith="pairing").order_by("id")] == [
        "pairing-offered",
        "pairing-cancelled",
    ]


def test_who_was_refused_is_shown(primary: Client) -> None:
    primary.post(CODE)
    audit.record("worker", "pairing-refused", "myrec9", address="192.0.2.9", reason="The code is wrong.")
    page = page_of(primary.get("/cluster/setup/pairing/"))
    assert "Who was refused" in page
    assert "myrec9 (192.0.2.9): The code is wrong." in page


def test_what_keeps_it_from_listening_is_shown(primary: Client) -> None:
    primary.post(CODE)
    listening._tell("Port 8407 of 127.0.0.1 cannot be used: Address already in use.")
    assert "Port 8407 of 127.0.0.1 cannot be used" in page_of(primary.get("/cluster/setup/pairing/"))


def test_once_paired_the_page_names_the_other_and_the_way_to_it(primary: Client, folder: Store) -> None:
    folder.prepare()
    folder.keep_peer(Peer("2", "myrec2", "192.168.2.12"))
    page = page_of(primary.get(PAGE, headers={"host": "192.168.2.11:8000"}))
    assert "This machine and myrec2 (192.168.2.12) know each other." in page
    assert 'href="http://192.168.2.12:8000/cluster/setup/"' in page
    assert "Show a code" not in page
    assert "already paired with myrec2" in page_of(primary.post(CODE, follow=True))


def test_the_second_machine_asks_for_address_and_code() -> None:
    page = page_of(signed_in(anna()).get(SECONDARY))
    assert 'name="address" value=""' in page
    assert 'name="code" value=""' in page


@pytest.mark.parametrize("code", ["", "ABCD-EFGH", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH"])
def test_what_is_no_code_is_told_at_the_field_and_stays_there(code: str) -> None:
    page = page_of(signed_in(anna()).post(SECONDARY, {"address": "192.0.2.11", "code": code}), 400)
    about = page.split('id="about-code"')[1].split("</div>")[0]
    assert "eight groups of four" in about or "typing error" in about
    assert f'name="code" value="{code}"' in page
    assert 'value="192.0.2.11"' in page


def test_without_an_address_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "join", lambda *_args, **_more: pytest.fail("it asked nobody in particular"))
    page = page_of(signed_in(anna()).post(SECONDARY, {"address": "  ", "code": "x"}), 400)
    assert "Type the address that the primary shows beside its code." in page.split('id="about-address"')[1]


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (PairingError("The code is wrong; compare it with the primary's screen.", 4.0), "code"),
        (PairingError("This code is too old; make a new one on the primary."), "code"),
        (PairingError("This code was used by another machine; make a new one on the primary."), "code"),
        (PairingError("The secondary has release '2' and the primary '1'; install the same on both."), "code"),
        (PairingError("The clocks of the two machines differ by 300 seconds; set both by NTP first."), "code"),
        (PairingError("192.0.2.11 does not answer in time; is its pairing page open?", 0.0, "address"), "address"),
    ],
)
def test_each_refusal_stands_at_its_field(monkeypatch: pytest.MonkeyPatch, error: PairingError, field: str) -> None:
    fails(monkeypatch, error)
    page = page_of(signed_in(anna()).post(SECONDARY, {"address": "192.0.2.11", "code": "c"}), 400)
    about = page.split(f'id="about-{field}"')[1].split("</div>")[0]
    assert str(error) in about
    assert ("Wait 4 seconds before you try again." in about) is bool(error.wait)


def test_nobody_listening_is_told_at_the_address() -> None:
    from tests.cluster.pairing.test_domain import free_port  # noqa: PLC0415 -- the one test that needs it

    made = domain.offer(by="test")
    domain.cancel(by="test")
    address = "127.0.0.1"
    with pytest.raises(PairingError) as caught:
        domain.join(address, free_port(), str(made), by="anna")
    assert caught.value.field == "address"


def test_paired_the_second_machine_shows_what_came(folder: Store) -> None:
    folder.keep_answers(GOOD)
    folder.keep_peer(MYREC1)
    client = signed_in(anna())
    assert "Go on as secondary" in page_of(client.get(PAGE))
    page = page_of(client.get(SECONDARY))
    assert "This machine is paired with myrec1 (192.168.2.11)." in page
    assert "myrec2 (192.168.2.12) becomes the secondary of the cluster of myrec1" in page
    assert "are replaced by those of myrec1." in page
    assert "You will be asked to sign in again" in page
    assert "<td>192.168.2.12</td>" in page


def test_joining_leads_to_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(domain, "join", lambda *args, **more: asked.append((args, more)))
    response = signed_in(anna()).post(SECONDARY, {"address": " 192.168.2.11 ", "code": "the code"})
    assert response["Location"] == SECONDARY
    assert asked == [(("192.168.2.11", 8407, "the code"), {"by": "anna", "asked_from": "127.0.0.1"})]


def test_a_second_click_while_pairing_is_no_fault(monkeypatch: pytest.MonkeyPatch, folder: Store) -> None:
    def join(*_args: object, **_more: object) -> None:
        folder.prepare()
        folder.keep_peer(MYREC1)
        raise PairingError("This machine is already paired with myrec1 (192.168.2.11).")

    monkeypatch.setattr(domain, "join", join)
    response = signed_in(anna()).post(SECONDARY, {"address": "192.168.2.11", "code": "c"})
    assert (response.status_code, response["Location"]) == (302, SECONDARY)


def test_apply_begins_on_the_second_machine(monkeypatch: pytest.MonkeyPatch, folder: Store) -> None:
    folder.keep_answers(GOOD)
    folder.keep_peer(MYREC1)
    begun: list[object] = []
    monkeypatch.setattr(engine, "ask_secondary", lambda **more: begun.append(more))
    assert signed_in(anna()).post(SECONDARY)["Location"] == PAGE
    assert begun == [{"by": "anna", "address": "127.0.0.1"}]


def test_what_the_second_machine_lacks_is_told(monkeypatch: pytest.MonkeyPatch, folder: Store) -> None:
    folder.keep_answers(GOOD)
    folder.keep_peer(MYREC1)

    def refuse(**_more: object) -> None:
        raise SetupRefused((Fault("second.name", finding("name-local", value="debian")),))

    monkeypatch.setattr(engine, "ask_secondary", refuse)
    page = page_of(signed_in(anna()).post(SECONDARY), 400)
    assert "This machine is not ready. Nothing was changed." in page
    assert 'Every machine calls itself "debian"; give this node a name of its own' in page


def test_what_speaks_against_it_is_told_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, folder: Store
) -> None:
    folder.keep_answers(GOOD)
    folder.keep_peer(MYREC1)
    monkeypatch.setattr(engine, "faults", not_blank)
    page = page_of(signed_in(anna()).get(SECONDARY))
    assert "/dev/sdb1 holds something already (ext4), and is not overwritten." in page
    assert "Look again" in page
    assert "Apply: set up the secondary" not in page


def test_without_answers_of_the_primary_nothing_begins(monkeypatch: pytest.MonkeyPatch, folder: Store) -> None:
    folder.prepare()
    folder.keep_peer(MYREC1)
    monkeypatch.setattr(engine, "ask_secondary", lambda **_more: pytest.fail("it was begun"))
    client = signed_in(anna())
    assert "The primary sent no answers with the pairing" in page_of(client.post(SECONDARY))


def test_a_wrong_pairing_is_forgotten_while_nothing_is_set_up(folder: Store) -> None:
    folder.keep_answers(GOOD)
    folder.keep_peer(MYREC1)
    client = signed_in(anna())
    assert client.post("/cluster/setup/forget/")["Location"] == SECONDARY
    assert folder.peer() is None
    assert Entry.objects.using("node").get(action="pairing-forgotten").actor == "anna"


def test_a_node_of_a_cluster_keeps_its_pairing(primary: Client, folder: Store) -> None:
    folder.prepare()
    folder.keep_peer(Peer("2", "myrec2", "192.168.2.12"))
    page = page_of(primary.post("/cluster/setup/forget/", follow=True))
    assert "This machine is a node of a cluster; the pairing is part of it." in page
    assert folder.peer() is not None


def test_the_sign_in_page_of_a_secondary_says_whose_password_counts() -> None:
    assert "the name and password are those that you have on the primary" not in page_of(Client().get("/sign-in/"))
    node.join_as_secondary("192.168.2.11")
    assert "the name and password are those that you have on the primary" in page_of(Client().get("/sign-in/"))

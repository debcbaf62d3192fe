"""Where a machine that stands by sends people."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apresa.config.models import Setting
from apresa.node import domain as node
from cluster.domain import observing, primary
from cluster.pairing import domain as pairing
from cluster.pairing.store import Peer, Store
from tests.apresa.accounts.people import anna
from tests.fakes.cluster import FakeCluster
from tests.recordings.pages.test_calls import signed_in
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
REASON = "This setting belongs to the cluster, and this machine is its secondary. Change it on 192.0.2.10."


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A secondary, paired with myrec1, that looked once."""
    kept = Store(tmp_path)
    kept.prepare()
    kept.keep_peer(Peer("1", "myrec1", "192.0.2.1"))
    monkeypatch.setattr(pairing, "store", lambda: kept)
    node.join_as_secondary("")
    return kept


def address() -> str:
    primary.keep_primary_address()
    return node.identity().primary_address


def test_the_floating_address_comes_first(store: Store) -> None:
    store.write("answers.json", json.dumps({"floating": "192.0.2.10"}).encode())
    assert address() == "192.0.2.10"


@pytest.mark.parametrize(
    "answers", [b"", b"[]", b"{}", b'{"floating": ""}', b'{"floating": "a.b"}', b"\xff", b"[" * 9999]
)
def test_without_it_the_other_nodes_own_address_counts(store: Store, answers: bytes) -> None:
    store.write("answers.json", answers)
    assert address() == "192.0.2.1"


def test_a_machine_that_knows_nothing_new_keeps_what_it_was_told(store: Store) -> None:
    node.join_as_secondary("192.0.2.99")
    store.remove("peer.json")
    assert address() == "192.0.2.99"


def test_a_machine_that_is_active_sends_nobody_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address() == "192.0.2.1"
    monkeypatch.setattr(primary, "is_active", lambda: True)
    assert address() == ""


def test_a_machine_without_a_cluster_knows_no_primary(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address() == ""


def test_each_look_keeps_it_and_the_settings_send_there(store: Store) -> None:
    """Page, API and shell, with the database read-only as it is on a secondary."""
    store.write("answers.json", json.dumps({"floating": "192.0.2.10"}).encode())
    client = signed_in(anna())
    observing.look(FakeCluster())
    with read_only_database():
        page = client.get("/settings/").content.decode()
        answer = client.patch("/api/v1/settings/recording.format/", {"value": "wav"}, content_type="application/json")
        with pytest.raises(CommandError) as refused:
            call_command("setting", "recording.format", "wav")
    assert REASON in page
    assert "https://192.0.2.10/settings/#recording.format" in page
    assert (answer.status_code, answer.json()) == (
        409,
        {"code": "read-only", "message": REASON, "primary": "192.0.2.10"},
    )
    assert str(refused.value) == REASON
    assert Setting.objects.using("default").filter(name="recording.format").count() == 0


def test_what_belongs_to_the_machine_can_be_changed_on_the_secondary(store: Store) -> None:
    client = signed_in(anna())
    with read_only_database():
        answer = client.patch("/api/v1/settings/licence.calls/", {"value": 30}, content_type="application/json")
        call_command("setting", "licence.text", "ours")
    assert (answer.status_code, answer.json()["value"]) == (200, 30)


def test_the_settings_are_for_administrators_on_a_secondary_too(store: Store) -> None:
    answer = Client().patch("/api/v1/settings/licence.calls/", {"value": 30}, content_type="application/json")
    assert answer.status_code == 401

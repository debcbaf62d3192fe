"""Giving a set-up up by API. Who may is asked with the other addresses."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apresa.jobs import domain as jobs
from apresa.node import domain as node
from cluster.domain import setup as engine
from cluster.pairing.store import Store
from tests.apresa.accounts.people import anna
from tests.cluster.api.test_setup import GIVE_UP, post
from tests.recordings.api.test_calls import client_of
from tests.samples.cluster.set_up import GOOD

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))
    return Store(tmp_path / "cluster")


@pytest.fixture
def writer() -> Client:
    return client_of(anna(), may_write=True)


def test_giving_up_says_first_what_it_would_do(writer: Client, folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.keep_answers(GOOD)
    monkeypatch.setattr(engine, "against_giving_up", lambda: None)
    monkeypatch.setattr(engine, "give_up", lambda **_more: pytest.fail("it was begun"))
    status, body = post(writer, GIVE_UP)
    assert (status, body["allowed"], body["faults"]) == (200, True, [])
    assert "/dev/sdb1 becomes blank again" in body["danger"][0]
    assert body["will"][0] == "What the set-up did on myrec1 is taken back, step by step; myrec1 works alone again."


def test_confirmed_it_is_given_up(writer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def begin(**more: object) -> object:
        asked.append(more)
        return jobs.create("cluster-setup", scope="node")

    monkeypatch.setattr(engine, "give_up", begin)
    assert post(writer, GIVE_UP, confirm=True)[0] == 202
    assert asked == [{"by": "anna", "address": "127.0.0.1"}]


def test_what_cannot_be_given_up_is_told_and_refused(writer: Client) -> None:
    status, body = post(writer, GIVE_UP)
    assert (status, body["allowed"], body["faults"][0]["code"]) == (200, False, "nothing-to-give-up")
    status, body = post(writer, GIVE_UP, confirm=True)
    assert (status, body["message"]) == (409, "There is no set-up here that could be given up.")


def test_on_a_node_that_is_set_up_nothing_is_given_up(writer: Client) -> None:
    node.join_as_secondary("192.168.2.11")
    status, body = post(writer, GIVE_UP, confirm=True)
    assert (status, body["code"]) == (409, "refused")
    assert body["message"].startswith("This machine serves as a node, or did")

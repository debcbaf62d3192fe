"""Giving a set-up up, or answering it anew: what the pages say and do. Who may is asked with the other pages."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from apresa import database
from apresa.accounts import copies
from apresa.database import DatabaseState
from apresa.node import domain as node
from cluster.catalogue.setup_steps import FAILURES
from cluster.domain import setup as engine
from cluster.domain.setup import SetupRefused
from cluster.failure import keep
from cluster.findings import finding
from cluster.pairing import domain as pairing
from cluster.setup.validate import Fault
from tests.apresa.accounts.people import anna
from tests.cluster.pages.test_setup import FAILED, GIVE_UP, PRIMARY, page_of, state_is
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster.set_up import GOOD
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))


def test_a_failure_may_be_given_up_after_it_was_said_what_that_means(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, FAILED)
    pairing.store().keep_answers(GOOD)
    begun: list[object] = []
    monkeypatch.setattr(engine, "against_giving_up", lambda: None)
    monkeypatch.setattr(engine, "give_up", lambda **more: begun.append(more))
    client = signed_in(anna())
    page = page_of(client.get("/cluster/setup/"))
    assert (f'href="{GIVE_UP}"' in page, "Change the answers" in page) == (True, False)
    page = page_of(client.get(GIVE_UP))
    assert "myrec1 works alone again." in page
    assert "/dev/sdb1 becomes blank again" in page
    assert begun == []
    assert client.post(GIVE_UP)["Location"] == "/cluster/setup/"
    assert begun == [{"by": "anna", "address": "127.0.0.1"}]


def test_giving_up_can_be_refused_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, FAILED)
    pairing.store().keep_answers(GOOD)
    monkeypatch.setattr(engine, "against_giving_up", lambda: finding("served"))
    client = signed_in(anna())
    page = page_of(client.get(GIVE_UP))
    assert "calls may lie in the cluster's database alone" in page
    assert "The set-up stays as it is: nothing was taken back." in page
    assert "alone again" not in page

    def refuse(**_more: object) -> None:
        raise SetupRefused((Fault("", finding("served")),))

    monkeypatch.setattr(engine, "give_up", refuse)
    assert "calls may lie in the cluster's database alone" in page_of(client.post(GIVE_UP), 400)


def test_while_it_is_given_up_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, replace(FAILED, gives_up=True, state="running"))
    page = page_of(signed_in(anna()).get("/cluster/setup/"))
    assert "The set-up is being given up: this machine will work alone again" in page
    assert ("Go on" in page, f'href="{GIVE_UP}"' in page) == (False, False)


def test_a_way_back_that_stopped_does_not_say_that_the_machine_works_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, replace(FAILED, gives_up=True))
    page = page_of(signed_in(anna()).get("/cluster/setup/"))
    assert "Giving the set-up up has stopped half way" in page
    assert "work alone again" not in page
    assert ("Go on" in page, f'href="{GIVE_UP}"' in page) == (True, False)


def test_a_failure_is_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier failure of another step is not told for it, and what has no code stays English."""
    kept = (keep(finding("copy-lost")), keep(finding("serves-late")))
    english = FAILURES["serves-late"]
    client = signed_in(anna())
    state_is(monkeypatch, replace(FAILED, error=english, failures=kept))
    page = page_of(client.get("/cluster/setup/", headers={"accept-language": "nl"}))
    with translation.override("nl"):
        assert translation.gettext(english) in page
    assert english not in page
    state_is(monkeypatch, replace(FAILED, error="Nobody gave this a code.", failures=kept))
    assert "Nobody gave this a code." in page_of(client.get("/cluster/setup/", headers={"accept-language": "nl"}))


def test_before_anything_was_changed_the_answers_may_be_others(monkeypatch: pytest.MonkeyPatch) -> None:
    state_is(monkeypatch, replace(FAILED, untouched=True))
    pairing.store().keep_answers(replace(GOOD, floating="192.168.2.99", size="1000"))
    client = signed_in(anna())
    page = page_of(client.get("/cluster/setup/"))
    assert f'<a class="btn" href="{PRIMARY}">Change the answers</a>' in page
    assert 'name="floating" value="192.168.2.99"' in page_of(client.get(PRIMARY))


def test_giving_up_works_without_the_clusters_database(monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(anna())
    copies.refresh()
    state_is(monkeypatch, FAILED)
    pairing.store().keep_answers(GOOD)
    monkeypatch.setattr(engine, "against_giving_up", lambda: None)
    monkeypatch.setattr(database, "_observe", lambda: DatabaseState.ABSENT)
    database.forget()
    assert "myrec1 works alone again." in page_of(client.get(GIVE_UP))


def test_on_a_secondary_that_is_done_there_is_nothing_to_give_up() -> None:
    client = signed_in(anna())
    node.join_as_secondary("192.168.2.11")
    with read_only_database():
        assert "calls may lie in the cluster's database alone" in page_of(client.get(GIVE_UP))
        assert "calls may lie in the cluster's database alone" in page_of(client.post(GIVE_UP), 400)

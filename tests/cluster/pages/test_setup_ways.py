"""The ways to the set-up screen: the cluster's page, and a machine that was installed for a cluster."""

import pytest
from django.conf import settings

from apresa.node import domain as node
from apresa.node.models import Role
from cluster.pages import words as cluster_words
from cluster.queries.setup import SetupState
from tests.apresa.accounts.people import anna, bob
from tests.cluster.pages.test_setup import FAILED, RUNNING, page_of
from tests.recordings.pages.test_calls import signed_in
from tests.samples.cluster.kept import keep, keep_alone

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform")]


def test_the_cluster_page_of_a_lone_machine_offers_it() -> None:
    keep_alone()
    assert 'href="/cluster/setup/">Set up a cluster' in page_of(signed_in(anna()).get("/cluster/"))


@pytest.mark.parametrize(
    ("found", "role", "words"),
    [
        (RUNNING, Role.STANDALONE, "This machine is being set up as a node of the cluster."),
        (FAILED, Role.STANDALONE, "The set-up of this machine has stopped half way."),
        (SetupState("primary", "done", 100), Role.PRIMARY, "The second machine is missing: no other node takes over."),
    ],
)
def test_the_cluster_page_says_what_of_the_set_up_is_left(
    monkeypatch: pytest.MonkeyPatch, found: SetupState, role: Role, words: str
) -> None:
    keep_alone()
    known = node.identity()
    known.role = role
    known.save()
    monkeypatch.setattr(cluster_words, "setup_state", lambda: found)
    page = page_of(signed_in(anna()).get("/cluster/state/"))
    assert words in page
    assert 'href="/cluster/setup/"' in page
    assert "No cluster is set up on this machine" not in page


def test_a_second_machine_that_is_seen_in_the_cluster_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that was set up by hand has no pairing."""
    keep(node="north")
    known = node.identity()
    known.role = Role.PRIMARY
    known.save()
    monkeypatch.setattr(cluster_words, "setup_state", lambda: SetupState("primary", "done", 100))
    assert "The second machine is missing" not in page_of(signed_in(anna()).get("/cluster/state/"))


def test_a_machine_installed_for_a_cluster_brings_administrators_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"installed_for": "cluster"}))
    client = signed_in(anna())
    assert client.get("/")["Location"] == "/cluster/setup/"
    assert "Set it up now" in page_of(client.get("/calls/"))
    other = signed_in(bob())
    assert other.get("/")["Location"] == "/calls/"
    assert "An administrator does that" in page_of(other.get("/calls/"))


def test_once_set_up_it_brings_nobody_here_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"installed_for": "cluster"}))
    known = node.identity()
    known.role = Role.PRIMARY
    known.save()
    client = signed_in(anna())
    assert client.get("/")["Location"] == "/calls/"
    assert "waits to be set up" not in page_of(client.get("/calls/"))


def test_a_machine_installed_alone_is_left_alone() -> None:
    assert signed_in(anna()).get("/")["Location"] == "/calls/"

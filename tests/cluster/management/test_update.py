"""`cluster_update`: the primary is updated before the secondary."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from apresa import database, nodelink
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from apresa.nodelink import LinkError
from cluster.domain import updating
from cluster.findings import finding
from cluster.management.commands import cluster_update
from cluster.types import NodeLink, Unknown, Why
from tests.samples.read_only import read_only_database

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]


class Told:
    def __init__(self, link: NodeLink | Unknown | None) -> None:
        self.link = link


@pytest.fixture
def full() -> Any:
    with override_settings(APRESA=settings.APRESA.model_copy(update={"mode": "full"})):
        yield


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what the other node tells."""
    monkeypatch.setattr(nodelink, "_finders", [object])
    monkeypatch.setattr(updating, "release", lambda: "2.0.0")
    return lambda link: monkeypatch.setattr(updating, "fetch", lambda _other: Told(link))


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(cluster_update.Command(), "--check", *words, stdout=out)
    return out.getvalue().strip()


def refused(*words: str) -> tuple[int, str]:
    with pytest.raises(CommandError) as error:
        run(*words)
    return error.value.returncode, str(error.value)


def linked(release: str) -> NodeLink:
    return NodeLink(release, "2.0.0", 0.01, 0.0)


@pytest.mark.parametrize(("release", "code"), [("2.0.0", None), ("1.9.0", "primary-first"), ("", "primary-first")])
def test_a_node_that_is_not_active_waits_for_the_others_release(release: str, code: str | None) -> None:
    found = updating.judged("2.0.0", release)
    assert (found.code if found else None) == code


def test_what_is_not_known_is_no_permission() -> None:
    unknown = Unknown(Why.MISSING, "Nobody answers.")
    assert updating.judged("2.0.0", unknown) == finding("primary-unknown", own="2.0.0", detail="Nobody answers.")


def test_a_machine_alone_may_be_updated() -> None:
    assert run() == "This machine may be updated now."


@pytest.mark.usefixtures("full")
def test_the_active_node_may_be_updated(others: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "state", lambda: DatabaseState.WRITABLE)
    others(linked("1.9.0"))
    assert run() == "This machine may be updated now."


@pytest.mark.usefixtures("full")
def test_the_secondary_is_refused_until_the_primary_has_the_release(others: Any) -> None:
    with read_only_database():
        others(linked("1.9.0"))
        assert refused() == (
            4,
            "This machine is not the active one, and the other one has release 1.9.0; here it would be 2.0.0. "
            "Update the primary first, and this one after it has finished.",
        )
        others(linked("2.0.0"))
        assert run() == "This machine may be updated now."


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("link", [Unknown(Why.LATE, "It is slow."), None])
def test_a_primary_that_tells_nothing_is_a_refusal(link: Unknown | None, others: Any) -> None:
    others(link)
    with read_only_database():
        code, said = refused()
    assert (code, "is not known" in said) == (4, True)


@pytest.mark.usefixtures("full", "others")
def test_a_node_that_cannot_be_asked_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Any:
        raise LinkError("The other node does not answer.")

    monkeypatch.setattr(nodelink, "_finders", [nobody])
    with read_only_database():
        code, said = refused()
    assert (code, "not known: The other node does not answer. The primary" in said) == (4, True)


@pytest.mark.usefixtures("full")
def test_a_reason_overrides_and_is_audited(others: Any) -> None:
    others(linked("1.9.0"))
    with read_only_database():
        said = run("--override", "the primary  is gone")
    assert said.endswith("Overridden: the primary is gone")
    entry = Entry.objects.using("node").get(action="cluster-update-override")
    assert (entry.detail["reason"], entry.detail["why"]) == ("the primary is gone", "primary-first")


def test_a_reason_of_another_form_is_refused() -> None:
    assert refused("--override", "x" * 301) == (1, "Give the reason in at most 300 letters.")

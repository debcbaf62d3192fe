"""Each start of Pacemaker: the answer to its unit, and the override that lasts one start."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from apresa.audit.models import Entry
from apresa.events.models import Event
from apresa.jobs import domain as jobs
from apresa.node import domain as node
from cluster.domain import guarding
from cluster.guard import Standing
from cluster.queries.history import ACT
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster.kept import OFF

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
FORMER_PRIMARY = ["was-primary"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(guarding, "FOLDER", tmp_path / "guard")
    return tmp_path / "guard"


def check() -> list[str]:
    return [one.code for one in guarding.check(FakeCluster(**OFF))]


def test_a_former_primary_of_a_cluster_may_not_start() -> None:
    node.join_as_secondary("192.0.2.1")
    assert check() == FORMER_PRIMARY


def test_a_machine_of_no_cluster_is_asked_nothing() -> None:
    assert check() == []


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        (ACT, "join", []),
        (ACT, "start", []),
        ("cluster-setup", "", []),
        ("cluster-recovery", "", []),
        (ACT, "maintenance-on", FORMER_PRIMARY),
        ("import", "join", FORMER_PRIMARY),
    ],
)
def test_only_a_job_that_starts_pacemaker_opens_the_way(kind: str, name: str, expected: list[str]) -> None:
    node.join_as_secondary("192.0.2.1")
    jobs.create(kind, scope="node", name=name)
    assert check() == FORMER_PRIMARY  # one that only waits has checked nothing yet
    jobs.claim([kind], scope="node")
    assert check() == expected


def test_without_this_machines_database_the_state_alone_decides() -> None:
    with connections["node"].cursor() as cursor:
        cursor.execute("DROP TABLE node_nodeidentity")
    assert guarding.standing() == Standing(None, None)
    assert check() == FORMER_PRIMARY


def test_an_override_is_left_for_the_unit_and_stands_in_the_audit_trail(folder: Path) -> None:
    guarding.override("  the other node\nis burnt ", by="root (anna)")
    assert (folder / "override").read_text() == "the other node is burnt (root (anna))\n"
    assert Entry.objects.using("node").get(action="cluster-start-override").actor == "root (anna)"


@pytest.mark.parametrize("reason", ["", " ", "x" * 301, "a\x1b[2J"])
def test_an_override_needs_a_reason(folder: Path, reason: str) -> None:
    with pytest.raises(guarding.BadOverride, match="Give the reason in at most 300 letters"):
        guarding.override(reason, by="root")
    assert not (folder / "override").exists()


def test_a_place_that_cannot_be_written_is_told(folder: Path) -> None:
    folder.write_text("in the way")
    with pytest.raises(guarding.BadOverride, match="only root may"):
        guarding.override("why", by="root")


def test_a_used_override_is_told_once(folder: Path) -> None:
    folder.mkdir()
    (folder / "used").write_text("1770000000 the other is burnt\nrubbish\n1770000500 again\n")
    assert (guarding.tell_used(), guarding.tell_used()) == (2, 0)
    sentences = [one.sentence for one in Event.objects.order_by("id")]
    assert sentences == [
        "Pacemaker was started against the check: the other is burnt",
        "Pacemaker was started against the check: again",
    ]
    assert Entry.objects.using("node").filter(action="cluster-start-overridden").count() == 2


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\n", b"1" * 200_000])
def test_whatever_stands_in_the_list_of_used_ones_is_no_error(folder: Path, content: Any) -> None:
    folder.mkdir()
    if content is not None:
        (folder / "used").write_bytes(content)
    assert guarding.tell_used() == 0

"""Becoming and ceasing to be the active node (PROTOCOL T1, S3, S4)."""

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apresa import database, layout
from apresa.audit.models import Entry
from apresa.database import DatabaseState
from apresa.node import activation
from apresa.node.domain import claim_library, identity, is_active, join_as_secondary
from apresa.node.models import Activation, NodeIdentity, Role
from apresa.shared import clock

pytestmark = pytest.mark.django_db(databases=["default", "node"])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    layout.mark_library(tmp_path / "library")
    return tmp_path / "library"


def rows(using: str) -> list[tuple[int, uuid.UUID | None]]:
    return list(Activation.objects.using(using).order_by("number").values_list("number", "parent"))


def test_an_activated_node_is_active_and_the_line_of_history_says_so(library: Path) -> None:
    join_as_secondary("192.168.2.10")
    before = is_active()
    made = activation.activate(library, patience=0)
    node = identity()
    assert (before, is_active(), node.role, node.activation) == (False, True, Role.PRIMARY, made.uuid)
    assert (rows("default"), rows("node")) == ([(1, None)], [(1, None)])
    assert made.library == node.library == layout.check_library(library)


def test_each_activation_names_the_one_before(library: Path) -> None:
    first = activation.activate(library, patience=0)
    second = activation.activate(library, patience=0)
    assert rows("default") == [(1, None), (2, first.uuid)]
    assert activation.newest() == second


def test_a_power_cut_deactivates(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    activation.activate(library, patience=0)
    monkeypatch.setattr(clock, "boot_id", lambda: "another boot")
    assert (identity().role, is_active()) == (Role.PRIMARY, False)


def test_a_boot_without_a_name_is_never_active(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "boot_id", lambda: clock.UNKNOWN_BOOT)
    with pytest.raises(activation.CannotActivate, match="boot's name"):
        activation.activate(library, patience=0)
    identity()
    NodeIdentity.objects.update(role=Role.PRIMARY, activated_boot=clock.UNKNOWN_BOOT)
    assert not is_active()


def test_a_deactivated_node_stands_by_and_keeps_its_history(library: Path) -> None:
    made = activation.activate(library, patience=0)
    assert activation.deactivate()
    node = identity()
    assert (is_active(), node.role, node.activation) == (False, Role.SECONDARY, made.uuid)


def test_a_lone_machine_has_nothing_to_deactivate() -> None:
    assert not activation.deactivate()
    assert (is_active(), identity().role) == (True, Role.STANDALONE)


@pytest.mark.parametrize("state", [DatabaseState.READ_ONLY, DatabaseState.ABSENT])
def test_without_a_writable_database_no_node_becomes_active(
    state: DatabaseState, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    join_as_secondary("")
    monkeypatch.setattr(database, "state", lambda: state)
    with pytest.raises(activation.CannotActivate, match=f"is {state.value}"):
        activation.activate(library, patience=0)
    assert (is_active(), rows("default")) == (False, [])


def test_a_database_that_is_promoted_meanwhile_is_waited_for(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = iter([DatabaseState.ABSENT, DatabaseState.READ_ONLY, DatabaseState.WRITABLE])
    monkeypatch.setattr(database, "state", lambda: next(states))
    monkeypatch.setattr(activation, "PAUSE", 0)
    activation.activate(library, patience=60)
    assert is_active()


def test_a_node_without_the_librarys_volume_does_not_become_active_and_writes_nothing_there(tmp_path: Path) -> None:
    join_as_secondary("")
    with pytest.raises(activation.CannotActivate, match="is its volume mounted"):
        activation.activate(tmp_path, patience=0)
    assert (is_active(), rows("default"), list(tmp_path.iterdir())) == (False, [], [])


def test_another_library_than_the_clusters_is_refused(library: Path, tmp_path: Path) -> None:
    activation.activate(library, patience=0)
    activation.deactivate()
    NodeIdentity.objects.update(library=None)  # the other node, which has never mounted it
    other = tmp_path / "other"
    layout.mark_library(other)
    with pytest.raises(activation.CannotActivate, match="is not the cluster's"):
        activation.activate(other, patience=0)
    assert (is_active(), len(rows("default"))) == (False, 1)


def test_a_number_that_a_lost_line_of_history_had_is_this_lines_now(library: Path) -> None:
    activation.activate(library, patience=0)
    Activation.objects.using("default").all().delete()  # recovered from the other side
    made = activation.activate(library, patience=0)
    assert list(Activation.objects.using("node").values_list("uuid", flat=True)) == [made.uuid]


def test_only_the_newest_activation_confirms(library: Path) -> None:
    first = activation.activate(library, patience=0)
    activation.confirm(first.uuid)
    second = activation.activate(library, patience=0)
    activation.confirm(second.uuid)
    for old in (first.uuid, uuid.uuid4(), None):
        with pytest.raises(activation.Superseded):
            activation.confirm(old)


def test_a_library_is_not_claimed_where_the_cluster_mounts_it(tmp_path: Path) -> None:
    join_as_secondary("")
    assert claim_library(tmp_path / "recordings") is None
    assert list(tmp_path.iterdir()) == []


def test_the_commands_say_what_they_did_and_leave_a_trace(platform: None) -> None:
    said = io.StringIO()
    call_command("activate", stdout=said)
    call_command("deactivate", stdout=said)
    made = activation.newest()
    assert made is not None
    assert said.getvalue() == (f"{made.name} is the active node (activation 1, {made.uuid}).\n{made.name} stands by.\n")
    kept = Entry.objects.using("node").order_by("number").values_list("actor", "action", "object")
    assert list(kept) == [
        ("cluster", "node-activated", str(made.uuid)),
        ("cluster", "node-deactivated", str(made.uuid)),
    ]


def test_the_command_fails_with_one_sentence(platform: None) -> None:
    (settings.APRESA.library / layout.MARKER).unlink()
    with pytest.raises(CommandError, match=r"^The library .* is its volume mounted\?$"):
        call_command("activate", "--patience", "0")


def test_deactivating_a_lone_machine_is_no_fault() -> None:
    said = io.StringIO()
    call_command("deactivate", stdout=said)
    assert said.getvalue() == "This machine is in no cluster, so it stays active.\n"


@pytest.mark.parametrize("mode", [0o555, 0o700])
def test_migrate_on_a_standby_leaves_the_bare_mount_point_alone(platform: None, mode: int, settings: Any) -> None:
    join_as_secondary("")
    mount = settings.APRESA.library
    (mount / layout.MARKER).unlink()
    before = sorted(mount.iterdir())
    mount.chmod(mode)
    try:
        call_command("migrate", verbosity=0)
        assert sorted(mount.iterdir()) == before
    finally:
        mount.chmod(0o755)
        node = identity()
        (mount / layout.MARKER).write_text(f"{node.library}\n")

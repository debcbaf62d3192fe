"""`cluster_maintenance`, `cluster_cleanup`, `cluster_switchover`, `cluster_join`, `cluster_witness`."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apresa.audit.models import Entry
from apresa.node import domain as node
from cluster import orders
from cluster.domain import guarding
from cluster.management.acting import ActCommand
from cluster.management.commands import (
    cluster_cleanup,
    cluster_join,
    cluster_maintenance,
    cluster_switchover,
    cluster_witness,
)
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies
from tests.samples.cluster.kept import FAILED, MAINTENANCE, NOT_CONFIGURED, OFF, said

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]


def run(command: ActCommand, cluster: FakeCluster, *arguments: str) -> str:
    out = io.StringIO()
    command.stdout = type(command.stdout)(out)
    command.runner = cluster
    call_command(command, *arguments)
    return out.getvalue()


def test_maintenance_mode_is_switched_on_from_the_shell() -> None:
    on = orders.maintenance(on=True)
    cluster = FakeCluster({on.argv: lambda cluster: cluster.now(pacemaker=said(MAINTENANCE))})
    text = run(cluster_maintenance.Command(), cluster, "on", "--yes")
    assert text.splitlines() == [
        "Maintenance mode on:",
        "  Everything goes on as it is, and calls are recorded.",
        "  Until maintenance mode is off again, no node takes over, whatever fails.",
        "  $ crm_attribute -t crm_config -n maintenance-mode -v true",
        "Done.",
    ]
    assert Entry.objects.using("node").get(action="cluster-act").actor == "command line"


def test_a_preview_does_nothing() -> None:
    assert "$ crm_attribute" in run(cluster_maintenance.Command(), FakeCluster(), "on", "--preview")


def test_without_a_person_to_ask_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(CommandError, match=r"Nothing was done\. Add --yes"):
        run(cluster_maintenance.Command(), FakeCluster(), "on")


@pytest.mark.parametrize(("answer", "done"), [("y\n", True), ("\n", False)])
def test_a_person_is_asked(monkeypatch: pytest.MonkeyPatch, answer: str, done: bool) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    on = orders.maintenance(on=True)
    cluster = FakeCluster({on.argv: lambda cluster: cluster.now(pacemaker=said(MAINTENANCE))})
    if done:
        assert run(cluster_maintenance.Command(), cluster, "on").endswith("Done.\n")
    else:
        with pytest.raises(CommandError, match=r"^Nothing was done\.$"):
            run(cluster_maintenance.Command(), cluster, "on")
    assert bool(cluster.done) is done


def test_a_refusal_names_every_reason() -> None:
    with pytest.raises(CommandError, match=r"This cannot be done now\.\nMaintenance mode is off already\."):
        run(cluster_maintenance.Command(), FakeCluster(), "off", "--yes")


def test_a_failure_is_told() -> None:
    on = orders.maintenance(on=True)
    denied = said("", 4, "Error: Permission denied")
    with pytest.raises(CommandError, match="Apresa may not do this"):
        run(cluster_maintenance.Command(), FakeCluster({on.argv: lambda _cluster: denied}), "on", "--yes")


def test_a_failed_resource_is_cleaned_up() -> None:
    refresh = orders.refresh("address", "north")
    cluster = FakeCluster(
        {refresh.argv: lambda cluster: cluster.now(pacemaker=said(replies.PACEMAKER))}, pacemaker=said(FAILED)
    )
    assert run(cluster_cleanup.Command(), cluster, "address", "north", "--yes").endswith("Done.\n")


def test_a_node_joins_when_it_was_the_standby() -> None:
    control = said(replies.CONTROL.replace("in production", "shut down in recovery"))
    cluster = FakeCluster({orders.JOIN.argv: lambda cluster: cluster.now(pacemaker=said(replies.PACEMAKER))}, **OFF)
    cluster.now(control=control)
    assert run(cluster_join.Command(), cluster, "--yes").endswith("Done.\n")


def test_a_node_that_was_primary_does_not_join_and_may_start_the_cluster() -> None:
    with pytest.raises(CommandError, match="The database of north was the active one when it stopped"):
        run(cluster_join.Command(), FakeCluster(**OFF), "--yes")
    assert "north starts the cluster as its first node" in run(
        cluster_join.Command(), FakeCluster(**OFF), "--first", "--preview"
    )


def test_a_lone_machine_has_nothing_to_hand_over() -> None:
    with pytest.raises(CommandError, match="This machine stands alone"):
        run(cluster_switchover.Command(), FakeCluster(configuration=NOT_CONFIGURED), "--yes")


def test_the_units_question_is_answered_by_an_exit_code() -> None:
    assert run(cluster_join.Command(), FakeCluster(**OFF), "--check") == "Pacemaker may be started here.\n"
    node.join_as_secondary("192.0.2.1")
    with pytest.raises(CommandError, match="The database of north was the active one when it stopped") as caught:
        run(cluster_join.Command(), FakeCluster(**OFF), "--check")
    assert caught.value.returncode == 4


@pytest.mark.parametrize("user", [0, 1000])
def test_only_root_overrides_the_check(user: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(guarding, "FOLDER", tmp_path)
    if user:
        with pytest.raises(CommandError, match=r"^Only root can override the check\.$"):
            run(cluster_join.Command(), FakeCluster(), "--override", "why")
    else:
        assert "next start of Pacemaker" in run(cluster_join.Command(), FakeCluster(), "--override", "why")
        with pytest.raises(CommandError, match="Give the reason"):
            run(cluster_join.Command(), FakeCluster(), "--override", "")
    assert (tmp_path / "override").exists() is (user == 0)


def test_the_witness_is_shown() -> None:
    assert run(cluster_witness.Command(), FakeCluster(), "show") == "north: 203.0.113.9, it votes. Connected\n"
    lost = said(replies.QUORUM.replace("0          1            Qdevice", "0          0            Qdevice (votes 1)"))
    assert run(cluster_witness.Command(), FakeCluster(quorum=lost), "show") == (
        "north: 203.0.113.9, it does not vote. Connected\n"
    )
    assert run(cluster_witness.Command(), FakeCluster(configuration=NOT_CONFIGURED), "show") == (
        "There is no witness.\n"
    )
    ignoring = said(replies.PACEMAKER.replace('no-quorum-policy="stop"', 'no-quorum-policy="ignore"'))
    assert run(cluster_witness.Command(), FakeCluster(pacemaker=ignoring), "show").splitlines()[1] == (
        "The cluster does not obey it: add it once more."
    )


@pytest.mark.parametrize("arguments", [("add",), ("remove", "203.0.113.9"), ("show", "a")])
def test_a_host_is_named_to_be_added_and_only_then(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"^Name the third machine to add it, and only then\.$"):
        run(cluster_witness.Command(), FakeCluster(), *arguments)


def test_a_witness_is_not_removed_without_the_other_node() -> None:
    with pytest.raises(CommandError, match="south does not tell its state"):
        run(cluster_witness.Command(), FakeCluster(), "remove", "--yes")

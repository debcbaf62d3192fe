"""`cluster_fencing`: a switch is asked first, and fencing is on only when both nodes have one."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apresa.audit.models import Entry
from apresa.jobs.models import Job
from cluster import fencing_plan
from cluster.fencing import Switch
from cluster.fencing_plan import check, keep_password
from cluster.management.commands import cluster_fencing
from tests.fakes.cluster import FakeCluster
from tests.fakes.fencing import NORTHS, SOUTHS, FencedCluster
from tests.samples.cluster.kept import NOT_CONFIGURED, OFF

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
ARGUMENTS = ("fence_ipmilan", "--address", "192.0.2.7", "--user", "apresa", "--yes")
ADDED = ["fence-secret", "fence-check", "fence-add"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setattr(fencing_plan, "STARTS", 0.0001)
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret\n"))

    def call(cluster: FakeCluster, *arguments: str) -> str:
        command, out = cluster_fencing.Command(), io.StringIO()
        command.stdout = type(command.stdout)(out)
        command.runner = cluster
        call_command(command, *arguments)
        return out.getvalue()

    return call


def test_the_first_switch_waits_for_the_second(run: Callable[..., str]) -> None:
    cluster = FencedCluster()
    lines = run(cluster, "add", *ARGUMENTS).splitlines()
    assert lines[-4:] == [
        "Done.",
        "south: its power can be cut",
        "north: its power cannot be cut",
        "Fencing is off.",
    ]
    assert cluster.verbs == ADDED
    assert cluster.given[0][1] == {"node": "south", "password": "s3cret"}


def test_the_second_switch_puts_fencing_on(run: Callable[..., str]) -> None:
    cluster = FencedCluster(NORTHS, power=2)
    assert run(cluster, "add", *ARGUMENTS).splitlines()[-1] == "Fencing is on."
    assert cluster.verbs == [*ADDED, "fencing"]
    assert cluster.given[-1][1] == {"on": True, "delay": 2}


def test_a_switch_that_does_not_answer_is_not_named_to_pacemaker_and_its_password_goes(run: Callable[..., str]) -> None:
    cluster = FencedCluster(power=1)
    with pytest.raises(CommandError, match=r"does not answer fence_ipmilan: 09:00 ERROR: No route"):
        run(cluster, "add", *ARGUMENTS)
    assert cluster.verbs == ["fence-secret", "fence-check", "fence-remove", "fence-forget"]


def test_a_switch_that_pacemaker_cannot_use_is_taken_away_again(run: Callable[..., str]) -> None:
    cluster = FencedCluster(NORTHS, starts=False)
    with pytest.raises(CommandError, match=r"The power switch of south answered, but the cluster did not get it ready"):
        run(cluster, "add", *ARGUMENTS)
    assert cluster.verbs == [*ADDED, "fence-remove", "fence-forget"]
    assert (cluster.devices, cluster.on) == ([NORTHS], False)


def test_neither_trail_nor_job_nor_argv_has_the_password(run: Callable[..., str]) -> None:
    out = run(FencedCluster(), "add", *ARGUMENTS)
    entries = Entry.objects.using("node").order_by("id")
    assert [entry.action for entry in entries] == ["cluster-act", "cluster-act-done"]
    switch = {"resource": "", "node": "", "host": "192.0.2.7", "agent": "fence_ipmilan", "user": "apresa", "plug": ""}
    job = Job.objects.using("node").get()
    assert entries[0].detail == {"job": str(job.pk), **switch}
    orders = (keep_password("south", "s3cret"), check(Switch("south", "fence_ipmilan", "a", "b")))
    kept = (out, [entry.detail for entry in entries], vars(job), [order.argv for order in orders])
    assert "s3cret" not in str(kept)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("fence_sbd", "--address", "a", "--user", "b"), '"fence_sbd" is no agent that can be set up'),
        (("fence_virsh", "--address", "a", "--user", "b"), "fence_virsh needs the name of the other machine"),
        (("fence_ipmilan", "--address", "a", "--user", "b", "--plug", "c"), "leave the name of the machine away"),
        (("fence_ipmilan", "--address", "a b", "--user", "b"), '"a b" is no name or address'),
        (("fence_ipmilan", "--address", "a", "--user", ""), '"" is no name or address'),
    ],
)
def test_wrong_answers_are_one_sentence_each(
    run: Callable[..., str], arguments: tuple[str, ...], sentence: str
) -> None:
    cluster = FencedCluster()
    with pytest.raises(CommandError, match=sentence):
        run(cluster, "add", *arguments, "--yes")
    assert cluster.verbs == []


def test_a_password_that_is_none_is_refused(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("", encoding="utf-8")
    cluster = FencedCluster()
    with pytest.raises(CommandError, match="A password is 1 to 128 letters"):
        run(cluster, "add", *ARGUMENTS, "--password-file", str(tmp_path / "empty"))
    with pytest.raises(CommandError, match="The password cannot be read"):
        run(cluster, "add", *ARGUMENTS, "--password-file", str(tmp_path / "nothing"))
    assert (cluster.verbs, Job.objects.using("node").count()) == ([], 0)


@pytest.mark.parametrize(
    ("cluster", "sentence"),
    [
        (FakeCluster(configuration=NOT_CONFIGURED), "This machine stands alone"),
        (FakeCluster(**OFF), "north has not joined the cluster"),
        (FencedCluster(), "This node has no switch for the power of south"),
    ],
)
def test_nothing_is_removed_where_nothing_is(run: Callable[..., str], cluster: FakeCluster, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(cluster, "remove", "--yes")
    assert Job.objects.using("node").count() == 0


def test_fencing_goes_off_before_its_switch_goes(run: Callable[..., str]) -> None:
    cluster = FencedCluster(SOUTHS, NORTHS, on=True)
    assert run(cluster, "remove", "--yes").splitlines()[-1] == "Done."
    assert cluster.verbs == ["fencing", "fence-remove", "fence-forget"]
    assert (cluster.devices, cluster.on) == ([NORTHS], False)


def test_the_switch_is_asked_by_way_of_the_cluster(run: Callable[..., str]) -> None:
    assert run(FencedCluster(SOUTHS), "test", "--yes").splitlines()[-1] == "Done."
    with pytest.raises(CommandError, match="The power switch of south does not answer: 09:00 ERROR: No route"):
        run(FencedCluster(SOUTHS, power=1), "test", "--yes")


def test_fencing_is_switched_off_and_on(run: Callable[..., str]) -> None:
    cluster = FencedCluster(SOUTHS, NORTHS, on=True)
    run(cluster, "off", "--yes")
    assert cluster.on is False
    run(cluster, "on", "--yes")
    assert [values for _verb, values in cluster.given] == [{"on": False, "delay": 0}, {"on": True, "delay": 2}]


def test_it_is_shown_who_can_be_cut_off(run: Callable[..., str]) -> None:
    assert run(FencedCluster(SOUTHS), "show").splitlines() == [
        "south: its power can be cut",
        "north: its power cannot be cut",
        "Fencing is off.",
    ]
    with pytest.raises(CommandError, match="This node sees no cluster"):
        run(FakeCluster(**OFF), "show")
    with pytest.raises(CommandError, match="Name a switch to add it, and only then"):
        run(FencedCluster(SOUTHS), "remove", "--user", "x", "--yes")

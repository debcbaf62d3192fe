"""`cluster_fencing`: a switch is asked first, and fencing is on only when both nodes have one."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apresa.audit.models import Entry
from cluster.commands import Command as Order
from cluster.domain import fencing as domain
from cluster.fencing import Switch, check, keep_password
from cluster.management.commands import cluster_fencing
from cluster.types import Result
from tests.fakes.cluster import FakeCluster
from tests.samples.cluster import replies
from tests.samples.cluster.kept import NOT_CONFIGURED, OFF, said

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("platform", "on_north")]
ARGUMENTS = ("fence_ipmilan", "--address", "192.0.2.7", "--user", "apresa", "--yes")
DEVICE = (
    '<resource id="fence_{0}" resource_agent="stonith:fence_ipmilan" role="Started" active="true" orphaned="false" '
    'blocked="false" managed="true" failed="false" failure_ignored="false" nodes_running_on="1">'
    '<node name="{1}" id="1" cached="true"/></resource>'
)
SOUTHS = DEVICE.format("south", "north")
NORTHS = DEVICE.format("north", "south")


def with_devices(*devices: str) -> Result:
    return said(replies.PACEMAKER.replace("<resources>", "<resources>" + "".join(devices), 1))


class Cluster(FakeCluster):
    """Knows the orders of fencing by their verb: they all share one program."""

    def __init__(self, *devices: str, power: int = 0, **others: Result) -> None:
        super().__init__(None, **{"pacemaker": with_devices(*devices), **others})
        self.devices, self.power = list(devices), power
        self.given: list[tuple[str, dict[str, object]]] = []

    def run(self, command: Order) -> Result:
        if command.order is None:
            return super().run(command)
        values = dict(command.order.values)
        self.given.append((command.order.verb, values))
        if command.order.verb == "fence-add":
            self.devices.append(SOUTHS)
        self.now(pacemaker=with_devices(*self.devices))
        code = self.power if command.order.verb == "fence-check" else 0
        return Result(
            command.argv,
            code,
            "",
            "from pipes import quote\n09:00 ERROR: No route\nPlease use -h\n" if code == 1 else "",
        )

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _values in self.given]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setattr(domain, "PATIENCE", 0.0)
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret\n"))

    def call(cluster: FakeCluster, *arguments: str) -> str:
        command, out = cluster_fencing.Command(), io.StringIO()
        command.stdout = type(command.stdout)(out)
        command.runner = cluster
        call_command(command, *arguments)
        return out.getvalue()

    return call


def test_the_first_switch_waits_for_the_second(run: Callable[..., str]) -> None:
    cluster = Cluster()
    assert run(cluster, "add", *ARGUMENTS).splitlines()[-1] == "Done. Do the same on south."
    assert cluster.verbs == ["fence-secret", "fence-check", "fence-add"]
    assert cluster.given[0][1] == {"node": "south", "password": "s3cret"}


def test_the_second_switch_puts_fencing_on(run: Callable[..., str]) -> None:
    cluster = Cluster(NORTHS, power=2)
    assert run(cluster, "add", *ARGUMENTS).splitlines()[-1] == "Fencing is on."
    assert cluster.verbs == ["fence-secret", "fence-check", "fence-add", "fencing"]
    assert cluster.given[-1][1] == {"on": True, "delay": 2}


def test_a_switch_that_does_not_answer_is_not_named_to_pacemaker(run: Callable[..., str]) -> None:
    cluster = Cluster(power=1)
    with pytest.raises(CommandError, match="does not answer fence_ipmilan: 09:00 ERROR: No route"):
        run(cluster, "add", *ARGUMENTS)
    assert cluster.verbs == ["fence-secret", "fence-check"]


def test_no_trail_has_the_password(run: Callable[..., str]) -> None:
    run(Cluster(), "add", *ARGUMENTS)
    entries = Entry.objects.using("node").filter(action__startswith="cluster-fencing")
    assert [entry.action for entry in entries.order_by("id")] == ["cluster-fencing-add", "cluster-fencing-added"]
    assert "s3cret" not in str([(entry.object, entry.detail) for entry in entries])
    assert "s3cret" not in " ".join(
        word
        for one in (keep_password("south", "s3cret"), check(Switch("south", "fence_ipmilan", "a", "b")))
        for word in one.argv
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("fence_sbd", "--address", "a", "--user", "b"), '"fence_sbd" is no agent that can be set up'),
        (("fence_virsh", "--address", "a", "--user", "b"), "fence_virsh needs the name of the other machine"),
        (("fence_ipmilan", "--address", "a", "--user", "b", "--plug", "c"), "leave --plug away"),
        (("fence_ipmilan", "--address", "a b", "--user", "b"), '"a b" is no name or address'),
        (("fence_ipmilan", "--address", "a", "--user", ""), '"" is no name or address'),
    ],
)
def test_wrong_answers_are_one_sentence_each(
    run: Callable[..., str], arguments: tuple[str, ...], sentence: str
) -> None:
    cluster = Cluster()
    with pytest.raises(CommandError, match=sentence):
        run(cluster, "add", *arguments, "--yes")
    assert cluster.verbs == []
    assert Entry.objects.using("node").filter(action="cluster-fencing-add-refused").count() == 1


def test_a_password_that_is_none_is_refused(run: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("", encoding="utf-8")
    with pytest.raises(CommandError, match="A password is 1 to 128 letters"):
        run(Cluster(), "add", *ARGUMENTS, "--password-file", str(tmp_path / "empty"))
    with pytest.raises(CommandError, match="The password cannot be read"):
        run(Cluster(), "add", *ARGUMENTS, "--password-file", str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("cluster", "sentence"),
    [
        (Cluster(configuration=NOT_CONFIGURED), "This machine stands alone"),
        (Cluster(**OFF), "north has not joined the cluster"),
        (Cluster(), "This node has no switch for the power of south"),
    ],
)
def test_nothing_is_removed_where_nothing_is(run: Callable[..., str], cluster: Cluster, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(cluster, "remove", "--yes")
    assert cluster.verbs == []


def test_a_switch_is_removed(run: Callable[..., str]) -> None:
    cluster = Cluster(SOUTHS)
    assert run(cluster, "remove", "--yes").splitlines()[-1] == "Done."
    assert cluster.given == [("fence-remove", {"node": "south"})]


def test_it_is_shown_who_can_be_cut_off(run: Callable[..., str]) -> None:
    assert run(Cluster(SOUTHS), "show").splitlines() == [
        "north: its power cannot be cut",
        "south: its power can be cut",
        "Fencing is off.",
    ]
    with pytest.raises(CommandError, match="This node sees no cluster"):
        run(Cluster(**OFF), "show")

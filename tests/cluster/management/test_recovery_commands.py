"""recoverdb, cluster_recover and aset: what they say, refuse and do."""

import io

import pytest
from django.core.management import CommandError, call_command

from apresa.audit.models import Entry
from apresa.node.domain import identity
from cluster.management.commands.cluster_recover import Command as Recover
from cluster.management.commands.recoverdb import Command as RecoverDb
from cluster.models import Ticket
from tests.fakes.recovery import STANDBY, FailedNode
from tests.samples.cluster.kept import said

pytestmark = [
    pytest.mark.django_db(databases=["default", "node"]),
    pytest.mark.usefixtures("platform", "on_north", "nothing_of_its_own"),
]


def recoverdb(node: FailedNode, *words: str) -> str:
    command, out = RecoverDb(), io.StringIO()
    command.runner = node
    call_command(command, *words, stdout=out)
    return out.getvalue()


def test_recoverdb_brings_the_node_back() -> None:
    node = FailedNode()
    assert recoverdb(node, "192.0.2.2", "--yes").endswith("Done.\n")
    assert Ticket.objects.get().closed_at is not None


def test_recoverdb_takes_the_name_of_the_other_node_too() -> None:
    node = FailedNode()
    text = recoverdb(node, "south", "--preview")
    assert "recover copy 192.0.2.2 KEY" in text
    assert (node.done, Ticket.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("192.0.2.1", "192.0.2.1 is this node itself. Name the node that still works."),
        ("north", "north is this node itself. Name the node that still works."),
        ("203.0.113.7", "203.0.113.7 is not an address of south, the other node of this cluster."),
    ],
)
def test_recoverdb_refuses_any_other_address(address: str, sentence: str) -> None:
    node = FailedNode()
    with pytest.raises(CommandError) as caught:
        recoverdb(node, address, "--yes")
    assert (str(caught.value), node.done) == (sentence, [])


def test_recoverdb_refuses_a_node_that_is_not_active() -> None:
    node = FailedNode(other_database=said(STANDBY))
    with pytest.raises(CommandError, match=r"192\.0\.2\.2 is not the active node: its database takes no writes"):
        recoverdb(node, "192.0.2.2", "--yes")
    assert node.done == []


def test_nothing_is_done_without_a_yes() -> None:
    node = FailedNode()
    with pytest.raises(CommandError, match="Add --yes"):
        recoverdb(node, "192.0.2.2")
    assert node.done == []


def test_cluster_recover_needs_a_word_where_the_other_node_is_silent() -> None:
    node = FailedNode(other_database=said("", 2, "connection to server failed: No route to host"))
    command = Recover()
    command.runner = node
    with pytest.raises(CommandError, match="It may have the newer data"):
        call_command(command, "--yes", stdout=io.StringIO())
    assert node.done == []
    call_command(command, "--preview", "--without-comparison", stdout=(out := io.StringIO()))
    assert "Start this node first:" in out.getvalue()


def test_aset_sets_any_mask_and_lists_what_it_knows() -> None:
    node = identity()
    node.address, node.mask = "192.0.2.11", 24
    node.save()
    call_command("aset", "IPmask", "255.255.254.0", stdout=(out := io.StringIO()))
    assert (out.getvalue(), identity().mask) == ("IPmask = 23\n", 23)
    call_command("aset", stdout=(out := io.StringIO()))
    assert [line.split(" = ")[0] for line in out.getvalue().splitlines()] == ["IPmask", "IPaddress", "IPname", "role"]
    assert Entry.objects.using("node").filter(action="node-set").count() == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["IPmask", "255.0.255.0"], "is no IP mask"),
        (["colour", "red"], "There is no colour; there are: IPmask, IPaddress, IPname, role"),
        (["role", "king"], "A role is one of"),
        (["IPname", "My Node"], "A node's name has small letters"),
    ],
)
def test_aset_refuses_with_one_sentence(words: list[str], sentence: str) -> None:
    node = identity()
    node.address, node.mask = "192.0.2.11", 24
    node.save()
    with pytest.raises(CommandError, match=sentence):
        call_command("aset", *words, stdout=io.StringIO())

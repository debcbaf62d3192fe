"""This machine's name, address, mask and role, before the cluster stands and after."""

import io

import pytest
from django.core.management import CommandError, call_command

from apresa.audit.models import Entry
from apresa.node import domain as node
from apresa.node.models import Role

pytestmark = pytest.mark.django_db(databases=["default", "node"])


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("node", *arguments, stdout=out)
    return out.getvalue()


def test_machine_gets_its_place() -> None:
    said = run("--name", "myrec1", "--address", "192.168.2.11", "--mask", "255.255.255.0", "--initial-role", "primary")
    assert said == f"myrec1 (standalone, initially primary): 192.168.2.11/24; {node.identity().uuid}\n"
    assert Entry.objects.using("node").get().detail["changes"]["address"] == "192.168.2.11"


def test_machine_without_an_address_says_so() -> None:
    node.place(name="myrec1")
    assert run() == f"myrec1 (standalone, initially standalone): no address set; {node.identity().uuid}\n"


def test_mask_alone_is_changed_alone() -> None:
    node.place(address="2001:db8::11", mask="64")
    assert (node.place(mask="/48").mask, node.identity().address) == (48, "2001:db8::11")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--name", "My Rec"], "A node's name has small letters, digits and hyphens, such as myrec1."),
        (["--address", "myrec1"], "myrec1 is no IP address; write one such as 192.168.2.11."),
        (["--address", "192.168.2.11"], "— is no IP mask; write one such as 255.255.255.0 or 24."),
        (["--address", "192.168.2.11", "--mask", "0.0.0.255"], "0.0.0.255 is no IP mask;"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_changes_nothing(arguments: list[str], sentence: str) -> None:
    before = run()
    with pytest.raises(CommandError, match=f"^{sentence}"):
        run(*arguments)
    assert run() == before


@pytest.mark.parametrize("role", [Role.PRIMARY, Role.SECONDARY])
def test_node_of_a_cluster_keeps_name_and_address(role: Role) -> None:
    mine = node.identity()
    mine.role = role
    mine.save()
    with pytest.raises(CommandError, match="can't be changed once the cluster stands"):
        run("--name", "other")

"""Where the nodes listen."""

from pathlib import Path

import pytest

from apresa.node.models import NodeIdentity
from cluster.link import places
from cluster.pairing.store import Peer
from tests.samples.cluster.views import ADDRESSES

SOUTH = Peer("2", "south", "203.0.113.2")
RING = "node {{\n name: {name}\n nodeid: {number}\n ring0_addr: {first}\n ring1_addr: {second}\n }}\n"


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cluster's configuration with two links."""
    file = tmp_path / "corosync.conf"
    nodes = [
        RING.format(name=name, number=number, first=both[0], second=both[1])
        for number, (name, both) in enumerate(ADDRESSES.items(), 1)
    ]
    file.write_text("nodelist {\n" + "".join(nodes) + "}\n")
    monkeypatch.setattr(places, "CONFIGURATION", file)
    return file


def test_the_other_node_is_asked_where_it_was_paired_then_on_both_links(configuration: Path) -> None:
    assert places.peer_addresses(SOUTH) == ("203.0.113.2", *ADDRESSES["south"])


def test_an_address_is_tried_once(configuration: Path) -> None:
    paired_on_the_second_link = Peer("2", "south", ADDRESSES["south"][1])
    assert places.peer_addresses(paired_on_the_second_link) == tuple(reversed(ADDRESSES["south"]))


def test_this_node_listens_on_its_own_and_on_both_links(configuration: Path) -> None:
    node = NodeIdentity(name="north", address="203.0.113.1")
    assert places.own_addresses(node) == ("203.0.113.1", *ADDRESSES["north"])


@pytest.mark.parametrize("text", ["", "rubbish", "nodelist {"])
def test_before_the_set_up_the_pairings_address_is_all_that_is_known(configuration: Path, text: str) -> None:
    configuration.write_text(text)
    assert places.peer_addresses(SOUTH) == ("203.0.113.2",)
    assert places.own_addresses(NodeIdentity(name="north")) == ()
    configuration.unlink()
    assert places.peer_addresses(SOUTH) == ("203.0.113.2",)

"""corosync.conf, quorum and links."""

import pytest
from hypothesis import given

from cluster.readers.corosync import read_configuration, read_links, read_quorum, read_witness
from cluster.readers.reply import ReplyError
from cluster.types import Configuration, Quorum, RingLink, RingNode, Witness
from tests.samples.cluster import views
from tests.samples.cluster.damage import damaged, read_or_refuse
from tests.samples.cluster.replies import CONFIGURATION, LINKS, QUORUM, WITNESS


def test_nodes_links_and_witness_are_read() -> None:
    assert read_configuration(CONFIGURATION) == views.CONFIGURATION


def test_the_client_of_the_witness_is_read() -> None:
    assert read_witness(WITNESS) == views.WITNESS
    assert read_witness(WITNESS.replace("203.0.113.9:", "fd00::9:").replace("Connected", "Connecting")) == Witness(
        "fd00::9", "Connecting"
    )


@given(damaged(WITNESS))
def test_any_word_of_the_client_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_witness, text) in {True, False}


def test_a_node_without_a_name_has_that_of_its_address() -> None:
    text = "nodelist {\n node {\n nodeid: 7\n ring0_addr: 192.0.2.7\n }\n}\n"
    assert read_configuration(text) == Configuration((RingNode("192.0.2.7", 7, ("192.0.2.7",)),), witness=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nodelist {\n node {\n nodeid: 1\n }\n}", "a node without an address"),
        ("nodelist {\n node {\n ring0_addr: a\n }\n}", 'no "nodeid"'),
        ("nodelist {", "ends inside the section nodelist"),
        ("what is this", "a line that nobody understands: 'what is this'"),
        ("}", "a line that nobody understands: '}'"),
        ("a: 1", "a line that nobody understands: 'a: 1'"),
        ("a {\n" * 9, "a line that nobody understands"),
        (CONFIGURATION.replace("south", "north"), "names two nodes alike"),
        (
            CONFIGURATION.replace("quorum {", "nodelist {\nnode {\nnodeid: 3\nring0_addr: c\n}\n}\nquorum {"),
            "has 3 nodes",
        ),
    ],
)
def test_a_configuration_that_is_not_ours_is_refused(text: str, words: str) -> None:
    with pytest.raises(ReplyError, match=words):
        read_configuration(text)


def test_quorum_with_its_witness_is_read() -> None:
    assert read_quorum(QUORUM) == Quorum(True, 3, 3, ("north", "south"), 1)


def test_a_witness_that_does_not_vote_has_no_votes() -> None:
    text = QUORUM.replace("0          1            Qdevice", "0          0            Qdevice (votes 1)")
    assert read_quorum(text).witness_votes == 0


def test_a_witness_that_left_the_list_has_no_votes() -> None:
    assert read_quorum(QUORUM.replace("         0          1            Qdevice\n", "")).witness_votes == 0


def test_a_pair_without_witness_has_none() -> None:
    text = QUORUM.replace("Qdevice", "").replace("A,V,NMW", "").replace("         0          1            \n", "")
    assert read_quorum(text) == Quorum(True, 3, 3, ("north", "south"), None)


def test_a_minority_is_not_quorate() -> None:
    assert read_quorum(QUORUM.replace("Quorate:          Yes", "Quorate:          No")).quorate is False


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Quorate:          Yes", "Quorate:          Maybe", "answers \"Quorate\" with 'Maybe'"),
        ("Total votes:      3", "Total votes:      many", "'many' is no number of votes"),
        ("Membership information", "Members", "no list of members"),
        ("Expected votes", "Votes", 'no "Expected votes"'),
    ],
)
def test_a_quorum_that_nobody_understands_is_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(ReplyError, match=words):
        read_quorum(QUORUM.replace(old, new))


def test_links_to_the_other_node_are_read() -> None:
    expected = (RingLink(0, "192.0.2.1", 2, connected=True), RingLink(1, "198.51.100.1", 2, connected=False))
    assert read_links(LINKS) == expected


@pytest.mark.parametrize("text", ["", LINKS.replace("disconnected", "dancing"), LINKS.replace("LINK ID 0", "LINK")])
def test_links_that_nobody_understands_are_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        read_links(text)


@given(damaged(CONFIGURATION))
def test_any_configuration_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_configuration, text) in {True, False}


@given(damaged(QUORUM))
def test_any_quorum_is_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_quorum, text) in {True, False}


@given(damaged(LINKS))
def test_any_links_are_read_or_refused(text: str) -> None:
    assert read_or_refuse(read_links, text) in {True, False}

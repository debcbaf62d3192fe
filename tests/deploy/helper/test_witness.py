"""A witness in corosync.conf and out again, and the verbs that make it vote."""

import socket

import pytest
from apresa_helper import corosync, steps, verbs, witness
from apresa_helper.deeds import Chain, Edit, Run
from apresa_helper.values import Refused
from hypothesis import given
from hypothesis import strategies as st

from cluster.readers.corosync import read_configuration
from tests.samples.cluster import replies

PAIR = corosync.configuration([("myrec1", ["192.0.2.11"]), ("myrec2", ["192.0.2.12"])], 1000).encode()
NOT_ALL = "Not all three votes are there (both nodes and the witness): a minority would stop at once."


def test_a_witness_replaces_the_rule_of_two_and_goes_again() -> None:
    added = corosync.with_witness(PAIR, "witness.example.org")
    found = read_configuration(added.decode())
    assert (found.witness, found.witness_host, len(found.nodes)) == (True, "witness.example.org", 2)
    assert b"two_node: 1" not in added
    # Corosync that was started without this line waits for both from the removal on, whatever the file then says.
    assert b"    wait_for_all: 0\n" in added
    assert corosync.without_witness(added) == PAIR


def test_what_somebody_else_wrote_stays() -> None:
    before = PAIR + b"nozzle {\n    name: noz0\n}\n"
    assert corosync.without_witness(corosync.with_witness(before, "a")) == before


def test_another_witness_takes_the_place_of_the_first() -> None:
    assert corosync.with_witness(corosync.with_witness(PAIR, "a"), "b") == corosync.with_witness(PAIR, "b")


@pytest.mark.parametrize(
    "text",
    [b"", b"totem {\n}\n", PAIR + PAIR, b"quorum {\n", b"}\nquorum {\n}\n{\n", b"a {\n quorum {\n }\n}\n"],
)
def test_a_file_that_is_not_understood_is_left_alone(text: bytes) -> None:
    with pytest.raises(Refused, match=r"^corosync\.conf has not exactly one quorum section: it is left as it is\.$"):
        corosync.with_witness(text, "a")


@given(st.binary(max_size=200) | st.text("{}\nquorm #", max_size=60).map(str.encode))
def test_whatever_the_file_holds_there_is_one_kind_of_refusal(text: bytes) -> None:
    try:
        after = corosync.with_witness(text, "a")
    except Refused:
        return
    assert corosync.with_witness(after, "a") == after


@pytest.mark.parametrize("host", ["", "-x", "a b", "a\n}", "a" * 254, "a;", None, 7])
def test_a_witness_is_named_by_a_host(host: object) -> None:
    with pytest.raises(Refused, match=r"^A witness is named by its host name or address\.$"):
        verbs.deed("witness-add", {"host": host})


def test_a_witness_that_answers_is_reached(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(witness, "PORT", server.getsockname()[1])
        assert steps.main(["reach", "127.0.0.1"]) == 0
    assert capsys.readouterr().out == "127.0.0.1 answers\n"
    assert steps.main(["reach", "127.0.0.1"]) == 1
    said = capsys.readouterr().err
    assert said == f"127.0.0.1 does not answer this node on TCP port {witness.PORT}: Connection refused.\n"


def test_a_witness_is_asked_apart_and_changes_nothing() -> None:
    deed = verbs.deed("witness-reach", {"host": "192.0.2.9"})
    assert isinstance(deed, Run)
    assert (deed.argv[-3:], deed.changes) == (("recover", "reach", "192.0.2.9"), False)


def test_without_the_client_nothing_is_written() -> None:
    deed = verbs.deed("witness-add", {"host": "fd00::9"})
    assert isinstance(deed, Chain)
    look, edit = deed.deeds
    assert isinstance(look, Run)
    assert isinstance(edit, Edit)
    assert (look.guard, look.otherwise) == (
        ("/usr/bin/test", "-x", "/usr/sbin/corosync-qdevice"),
        "The witness's client is missing here: apt install corosync-qdevice.",
    )
    assert edit.path == "/etc/corosync/corosync.conf"
    assert edit.change(PAIR) == corosync.with_witness(PAIR, "fd00::9")


def test_the_client_comes_with_corosync_and_not_with_the_machine() -> None:
    def lines(*, on: bool) -> list[str]:
        deed = verbs.deed("witness-service", {"on": on})
        assert isinstance(deed, Chain)
        return [" ".join(one.argv) for one in deed.deeds if isinstance(one, Run)]

    disable = "/bin/systemctl disable corosync-qdevice.service"
    assert lines(on=False) == [disable, "/bin/systemctl stop corosync-qdevice.service"]
    assert lines(on=True) == [
        disable,
        "/bin/systemctl add-wants corosync.service corosync-qdevice.service",
        "/bin/systemctl restart corosync-qdevice.service",
    ]


@pytest.mark.parametrize(
    ("said", "good"),
    [
        (replies.QUORUM, True),
        (replies.QUORUM.replace("Quorate:          Yes", "Quorate:          No"), False),
        (replies.QUORUM.replace("Total votes:      3", "Total votes:      2"), False),
        (replies.QUORUM.replace("0          1            Qdevice", "0          0            Qdevice (votes 1)"), False),
        ("", False),
    ],
)
def test_a_minority_stops_only_where_all_three_vote(said: str, good: bool) -> None:
    deed = verbs.deed("quorum-policy", {"policy": "stop"})
    assert isinstance(deed, Run)
    assert deed.wanted is not None
    assert (deed.wanted.fullmatch(said) is not None) is good
    assert (deed.guard, deed.guard_code, deed.otherwise) == (("/usr/sbin/corosync-quorumtool", "-s"), 0, NOT_ALL)


def test_going_on_alone_may_be_set_at_any_time() -> None:
    argv = ("/usr/sbin/crm_attribute", "-t", "crm_config", "-n", "no-quorum-policy", "-v", "ignore")
    assert verbs.deed("quorum-policy", {"policy": "ignore"}) == Run(argv, 60.0)

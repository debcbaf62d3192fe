"""Real replies, state by state: the big sentence, the findings, and that nothing is left unread."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from cluster.decide import decide
from cluster.drbd_types import Drbd
from cluster.read import read_node
from cluster.readers.drbd import read_events, read_status
from cluster.readers.drbd_proc import read_proc
from cluster.remedies import Allowed, Known, remedies
from cluster.types import ClusterView, NodeView, NotRunning
from tests.samples.cluster.real_states import EXPECTED
from tests.samples.cluster.shared import sampled, samples, states

pytestmark = pytest.mark.shared


def view(node: str) -> NodeView:
    found = read_node(sampled(node))
    assert isinstance(found, NodeView)
    return found


@pytest.mark.parametrize("node", EXPECTED)
def test_a_sampled_state_is_judged(node: str) -> None:
    judgement = decide(ClusterView(view(node)))
    assert (judgement.sentence(), " ".join(one.code for one in judgement.findings)) == EXPECTED[node]


def test_every_sampled_state_has_its_expectation() -> None:
    samples()
    assert states() == sorted(EXPECTED)


@pytest.mark.parametrize(
    "state", ["ns/splitbrain_link_cut", "ns/splitbrain_rejoined", "vm/splitbrain_rejoined", "vm/standalone"]
)
@pytest.mark.parametrize(("mine", "other"), [("myrec1", "myrec2"), ("myrec2", "myrec1")])
def test_both_sides_together_see_the_split_brain(state: str, mine: str, other: str) -> None:
    judgement = decide(ClusterView(view(f"{state}/{mine}"), view(f"{state}/{other}")))
    assert judgement.sentence() == "Both nodes act as primary (split brain)."


def test_the_losing_side_of_a_cut_link_learns_from_the_other_who_records() -> None:
    judgement = decide(ClusterView(view("ns/linkcut_witness/myrec2"), view("ns/linkcut_witness/myrec1")))
    assert judgement.sentence() == ("myrec1 records. myrec2 is not ready. If myrec1 fails now, no node takes over.")


def test_the_database_that_went_its_own_way_is_named() -> None:
    judgement = decide(ClusterView(view("ns/splitbrain_rejoined/myrec1"), view("ns/splitbrain_rejoined/myrec2")))
    (parted,) = [one for one in judgement.findings if one.code == "databases-parted"]
    assert dict(parted.parameters) == {"node": "myrec2", "newer": 5, "older": 4}


@dataclass(frozen=True)
class Reply:
    section: str
    node: str
    command: str
    text: str


def drbd_record(name: str) -> Iterator[Reply]:
    """The record of DRBD's commands: sections, prompts, output, exit status."""
    text = (samples() / "drbd" / name).read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        for match in re.finditer(r"^(myrec\d)# (.*)\n((?:(?!exit status).*\n)*)exit status (\d+)$", body, re.MULTILINE):
            if "stderr:" not in match[3]:
                yield Reply(title, match[1], match[2], match[3])


READERS = {
    "cat /proc/drbd": read_proc,
    "drbdadm status r0": read_status,
    "drbdsetup status r0": read_status,
    "drbdsetup events2 --now r0": read_events,
}


@pytest.mark.parametrize("name", ["drbd_replies.txt", "drbd_replies_run2.txt"])
def test_every_recorded_state_of_drbd_is_read(name: str) -> None:
    replies = [reply for reply in drbd_record(name) if reply.command in READERS]
    assert len(replies) > 40
    for reply in replies:
        assert isinstance(READERS[reply.command](reply.text), Drbd | NotRunning)


def test_the_sources_of_drbd_agree_on_each_recorded_state() -> None:
    """In the first record; in the second the state changed between two commands."""
    told: dict[tuple[str, str], dict[str, object]] = {}
    for reply in drbd_record("drbd_replies.txt"):
        if reply.command in READERS:
            told.setdefault((reply.section, reply.node), {})[reply.command] = _words(READERS[reply.command](reply.text))
    assert len(told) > 20
    differing = {where: found for where, found in told.items() if len(set(found.values())) > 1}
    assert differing == {}


def _words(found: Drbd | NotRunning) -> object:
    if isinstance(found, NotRunning):
        return "off"
    words = (found.role, found.disk, found.connection, found.replication, found.peer_role)
    return (*words, found.peer_disk) if found.connected else words  # of a lost peer one source tells the last state


@pytest.mark.parametrize("node", EXPECTED)
def test_nothing_connects_by_itself_in_any_sampled_state(node: str) -> None:
    """None of them is a mere lost link that is back: the split brains above all are left to people."""
    state, _, name = node.rpartition("/")
    other = f"{state}/{'myrec2' if name == 'myrec1' else 'myrec1'}"
    seen = ClusterView(view(node), view(other) if other in EXPECTED else None)
    known = Known(tried={}, lasting={}, silent=None, busy=False)
    assert [one for one in remedies(seen, decide(seen), known, Allowed()) if one.name == "reconnect"] == []

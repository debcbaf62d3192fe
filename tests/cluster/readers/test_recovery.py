"""Marks, histories, generations and the other node's own words: read as the tools write them, one error otherwise."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given

from cluster.readers import recovery
from cluster.readers.reply import ReplyError
from cluster.recovery.generations import Generation, generations
from cluster.recovery.lines import Fork, Relation, Server
from tests.fakes.recovery import ACTIVE, GENERATION, HISTORIES, HISTORY_5, STANDBY
from tests.samples.cluster.damage import damaged, read_or_refuse
from tests.samples.cluster.shared import samples

FORKS_5 = (Fork(1, 0x1000000), Fork(4, 0x2000000))
UUIDS = re.compile(r"(self|peer) ((?:[0-9A-F]{16}:){3}[0-9A-F]{16}) bits")


def test_histories_are_read_by_timeline() -> None:
    assert recovery.read_histories(HISTORIES) == {5: FORKS_5}
    assert recovery.read_histories("") == {}
    assert recovery.read_other_history(f"00000005.history|{HISTORY_5}") == FORKS_5


def test_the_other_node_says_who_it_is() -> None:
    found = recovery.read_other(ACTIVE)
    assert (found.timeline, found.position, found.server, found.exact) == (6, 0x5000000, Server.WRITES, True)
    assert recovery.read_other(STANDBY).server is Server.FOLLOWS


@pytest.mark.parametrize("text", ["", "a|b", HISTORY_5 + "1\t0/1\tagain\n", "x", "5\n"])
def test_a_history_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ReplyError):
        recovery.read_other_history(text)


READERS = [
    (recovery.read_marks, "standby.signal\nbackup_label\n"),
    (recovery.read_histories, HISTORIES),
    (recovery.read_generation, GENERATION),
    (recovery.read_line, "t|0/5000000|7700000000000000001|6\n"),
    (recovery.read_other, ACTIVE),
    (recovery.read_other_history, f"00000005.history|{HISTORY_5}"),
]


@pytest.mark.parametrize("reader", [reader for reader, _ in READERS])
@given(text=damaged(*(good for _, good in READERS)))
def test_whatever_comes_there_is_one_error(reader: Callable[[str], object], text: str) -> None:
    read_or_refuse(reader, text)


def read(text: str) -> Generation:
    return recovery.read_generation(f"{text}:1:1:1:1:0:0:0\n")


@pytest.mark.shared
def test_the_generations_of_a_real_split_brain_have_parted() -> None:
    """The identifiers that the kernel wrote to its log when it found the split brain."""
    log = (samples() / "vm/healthy/myrec2/dmesg_drbd.txt").read_text(encoding="utf-8")
    pairs = dict(UUIDS.findall(log))
    assert generations(read(pairs["self"]), read(pairs["peer"])) is Relation.PARTED


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ((0x11, 0, 8), (0x10, 0, 8), Relation.SAME),
        ((0x20, 0x10, 8), (0x10, 0, 8), Relation.AHEAD),
        ((0x10, 0, 8), (0x20, 0x30, 0x11), Relation.BEHIND),
        ((0x20, 0x10, 8), (0x30, 0x10, 8), Relation.PARTED),
        ((0x20, 0x10, 8), (0x30, 0x40, 0x50), Relation.FOREIGN),
        ((4, 0, 0), (0x20, 0x10, 8), Relation.BEHIND),
        ((4, 0, 0), (4, 0, 0), Relation.UNKNOWN),
    ],
)
def test_copies_are_compared_as_drbd_does(
    one: tuple[int, int, int], two: tuple[int, int, int], expected: Relation
) -> None:
    first, second = (Generation(current, bitmap, (old,)) for current, bitmap, old in (one, two))
    assert generations(first, second) is expected

"""Random histories of two nodes: no packet is ever nowhere (I1), and in the end all is whole and released (I6)."""

import os
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cluster import commands
from cluster.certify import Certification
from recordings.domain.coverage import Coverage
from recordings.domain.deletion import delete_call
from recordings.domain.here import here
from recordings.domain.lookup import coverage_of
from recordings.domain.manifest import read_manifest
from recordings.domain.offering import AGAIN, take_in
from recordings.domain.releasing import entries
from recordings.models import Call, Certificate, State, Tombstone, Version, Why
from recordings.store import sha256_of
from tests.samples.cluster import replies
from tests.samples.decisions import ledger_faults
from tests.samples.spool import VOICES, packets, rtp_call, sip_call, spool
from tests.samples.streams import START
from tests.samples.two_nodes import Machine, TwoNodes, answer, of
from worker.tasks import offer
from worker.tasks import settle as settle_tasks

pytestmark = pytest.mark.django_db(databases=["default", "node"])
HOUR = 3600 * 10**9
Packet = tuple[str, int]


class ToActive:
    """The link to whichever node is active."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def upload(self, _path: str, file: Path) -> dict[str, Any]:
        return {"taken": take_in(self.machine.spool, str(self.machine.uuid), file)}


class History:
    """What happened, and what each call must have; calls are told apart by the hour in which they began."""

    def __init__(self, two: TwoNodes, seed: int) -> None:
        self.two = two
        self.random = random.Random(seed)
        self.active, self.other = two.north, two.south
        self.heard: dict[int, set[Packet]] = defaultdict(set)
        self.deleted: set[int] = set()
        self.memories = {two.north.name: offer.Memory(), two.south.name: offer.Memory()}
        self.number = 0
        self.parted = False
        self.only_here: set[str] = set()
        """Files that the other node would not have, if it took over now."""

    def hear(self) -> None:
        """A node's port delivers part of a call, perhaps without its signalling."""
        machine, hour = self.random.choice((self.active, self.other)), self.random.randrange(3)
        begin = START + hour * HOUR
        self.number += 1
        local = f"{self.number:012d}"
        call = sip_call(local, f"{hour}@example.org", begin) if self.random.random() < 0.8 else rtp_call(local, begin)
        parts = {}
        for side in VOICES:
            first = self.random.randrange(40)
            parts[side] = packets(side, first, self.random.randrange(5, 51 - first), begin)
        spool(machine.live, of(machine, call), parts)
        os.utime(machine.live.call(local), (1e9, 1e9))
        [entry] = [one for one in entries(machine.spool, str(machine.uuid)) if one.path.stem == local]
        self.heard[hour] |= held(read_manifest(entry.session, entry.path).view.coverage)

    def settle(self) -> None:
        before = set(Version.objects.values_list("pk", flat=True))
        self.two.settle()
        if self.parted:
            fresh = Version.objects.exclude(pk__in=before)
            self.only_here |= {name for version in fresh for name in version.files()}

    def certify(self) -> None:
        self.two.certify()

    def cut(self) -> None:
        """DRBD is cut: rows go on to the other node, files do not."""
        self.parted = True
        self.two.cluster.now(drbd_proc=answer(commands.DRBD_PROC, replies.PROC_ALONE))

    def heal(self) -> None:
        self.parted = False
        self.only_here.clear()
        self.two.cluster.now(drbd_proc=answer(commands.DRBD_PROC, replies.PROC))

    def ship(self) -> None:
        self.two.ship()

    def release(self) -> None:
        self.two.release(self.active)

    def release_other(self) -> None:
        with self.two.standby(self.other):
            self.two.release(self.other)

    def offer(self) -> None:
        self.two.now += AGAIN
        with self.two.standby(self.other):
            offer.work(self.other.spool, here().work, ToActive(self.active), self.memories[self.other.name])

    def take_over(self) -> None:
        self.active, self.other = self.other, self.active
        for name in self.only_here:
            (self.two.library / name).unlink(missing_ok=True)
        self.only_here.clear()
        self.two.promote(self.active)

    def erase(self) -> None:
        settle_tasks.erase()

    def delete(self) -> None:
        if self.random.random() < 0.3 and (call := Call.objects.order_by("started").first()):
            self.deleted.add(round((call.started.timestamp() * 1e9 - START) / HOUR))
            delete_call(call, who="anna", why=Why.PERSON)

    def step(self) -> str:
        acts = [
            *[self.hear, self.settle, self.certify] * 2,
            *(self.cut, self.heal, self.ship, self.release, self.release_other, self.offer),
            *(self.take_over, self.take_over, self.erase, self.delete),
        ]
        act = self.random.choice(acts)
        act()
        return act.__name__

    def missing(self) -> dict[int, int]:
        """How many packets of which call are nowhere."""
        there: set[tuple[int, Packet]] = set()
        for machine in (self.active, self.other):
            for entry in entries(machine.spool, str(machine.uuid)):
                view = read_manifest(entry.session, entry.path).view
                there |= {(hour_of(view.started_ns), packet) for packet in held(view.coverage)}
        for version in Version.objects.select_related("call"):
            if version.number == version.call.version and self.is_good(version):
                hour = hour_of(int(version.call.started.timestamp() * 1e9))
                there |= {(hour, packet) for packet in held(coverage_of(version))}
        lost = {
            hour: sum((hour, packet) not in there for packet in wanted)
            for hour, wanted in self.heard.items()
            if hour not in self.deleted
        }
        return {hour: count for hour, count in lost.items() if count}

    def is_good(self, version: Version) -> bool:
        path = self.two.library / version.packets
        return path.exists() and sha256_of(path) == version.packets_sha256

    def repair(self) -> None:
        self.heal()
        for _ in range(6):
            self.settle()
            self.certify()
            self.ship()
            self.offer()
            self.settle()
            self.certify()
            self.ship()
            self.release()
            self.release_other()
            self.erase()


def held(coverage: Coverage) -> set[Packet]:
    pairs = [(name, pair) for name, stream in coverage.items() for pair in stream.intervals]
    return {(name, number) for name, (first, last) in pairs for number in range(first, last + 1)}


def hour_of(started_ns: int) -> int:
    return round((started_ns - START) / HOUR)


def live_through(two: TwoNodes, seed: int) -> None:
    history = History(two, seed)
    done = []
    for _ in range(25):
        done.append(history.step())
        assert history.missing() == {}, done
    history.repair()
    assert history.missing() == {}, done
    kept = [one.path.name for machine in (two.north, two.south) for one in entries(machine.spool, str(machine.uuid))]
    assert kept == [], done
    wanted = set(history.heard) - history.deleted
    found = [hour_of(int(call.started.timestamp() * 1e9)) for call in Call.objects.filter(state=State.STORED)]
    assert sorted(found) == sorted(wanted), done
    assert Certificate.objects.count() >= len(found)
    assert Tombstone.objects.count() >= len(history.deleted)
    assert ledger_faults() == [], done


@pytest.mark.parametrize("seed", range(8))
def test_no_packet_is_ever_nowhere_and_all_is_whole_in_the_end(two: TwoNodes, seed: int) -> None:
    live_through(two, seed)


YES = Certification(certified=True, reason="")
MUTANTS: dict[str, tuple[str, Callable[..., object]]] = {
    "C1": ("cluster.domain.fresh.certify", lambda *_, **__: YES),
    "R1b": ("recordings.domain.standing.is_covered", lambda *_: True),
    "D1": ("recordings.domain.standing._tombstones", lambda *_: []),
}


@pytest.mark.parametrize(("rule", "seed"), [("R1b", 219), ("D1", 224)])
def test_without_a_rule_such_a_history_goes_wrong(
    two: TwoNodes, monkeypatch: pytest.MonkeyPatch, rule: str, seed: int
) -> None:
    monkeypatch.setattr(*MUTANTS[rule])
    with pytest.raises(AssertionError):
        live_through(two, seed)


@pytest.mark.parametrize("rule", ["", "C1"])
def test_n2_a_node_that_stores_alone_and_then_dies_has_lost_nothing_but_without_c1(
    two: TwoNodes, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:
    if rule:
        monkeypatch.setattr(*MUTANTS[rule])
    history = History(two, seed=1)
    history.cut()
    for _ in range(6):
        history.hear()
    for act in (history.settle, history.certify, history.ship, history.release, history.take_over):
        act()
    assert bool(history.missing()) is bool(rule)

"""Silences on two nodes: whatever one of them does not know, those seconds end in no file, and no entry stays."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from apresa.shared import clock
from recordings.domain.offering import take_in
from recordings.domain.releasing import entries
from recordings.models import Call, Version
from recordings.pipeline.spool.silences import Spans
from tests.samples.spool import packets, sip_call, spool
from tests.samples.streams import MS, START
from tests.samples.two_nodes import Machine, TwoNodes, of
from worker.tasks import offer

pytestmark = pytest.mark.django_db(databases=["default", "node"])
SPAN: Spans = ((START + 300 * MS, START + 499 * MS),)


def silenced_payloads() -> set[bytes]:
    return {packet[12:] for at, packet in packets("caller") if SPAN[0][0] <= at <= SPAN[0][1]}


def found_below(folder: Path) -> int:
    content = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    return sum(payload in content for payload in silenced_payloads())


class ActiveNode:
    """The link to North: what South offers becomes an entry there."""

    def __init__(self, two: TwoNodes) -> None:
        self.two = two
        self.taken: list[int] = []

    def upload(self, path: str, file: Path) -> dict[str, str]:
        del path
        content = file.read_bytes()
        self.taken.append(sum(payload in content for payload in silenced_payloads()))
        return {"taken": take_in(self.two.north.spool, str(self.two.north.uuid), file)}


def offered(two: TwoNodes, active: ActiveNode, monkeypatch: pytest.MonkeyPatch) -> int:
    """One round of offers by South, when its entries are old enough."""
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with two.standby(two.south):
        return offer.work(two.south.spool, two.south.spool, active, offer.Memory())


def both_heard(two: TwoNodes, *, silenced_by: tuple[Machine, ...]) -> None:
    for machine in (two.north, two.south):
        call = replace(sip_call(), silences=SPAN if machine in silenced_by else ())
        spool(machine.live, of(machine, call))


def released(two: TwoNodes, machine: Machine) -> bool:
    two.certify()
    two.ship()
    if machine is two.north:
        return two.release(machine) == [] and machine.calls() == []
    with two.standby(machine):
        return two.release(machine) == [] and machine.calls() == []


def test_an_entry_that_knew_of_no_silence_is_released_without_those_seconds(two: TwoNodes) -> None:
    both_heard(two, silenced_by=(two.north,))
    two.settle()
    assert released(two, two.south)
    assert released(two, two.north)
    assert (Version.objects.get().spans, found_below(two.library)) == (SPAN, 0)


def test_a_silence_that_only_the_standby_knows_of_takes_them_out_of_the_stored_call(
    two: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_heard(two, silenced_by=(two.south,))
    two.settle()
    two.certify()
    two.ship()
    assert found_below(two.library) == len(silenced_payloads())
    assert offered(two, ActiveNode(two), monkeypatch) == 1
    two.settle()
    assert (Call.objects.get().version, Version.objects.get(number=2).spans) == (2, SPAN)
    assert released(two, two.south)
    assert released(two, two.north)


def test_what_is_offered_has_nothing_of_what_the_stored_call_leaves_out(
    two: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """South heard more, and knows of no silence but by the row."""
    spool(two.north.live, replace(of(two.north, sip_call()), silences=SPAN), {"caller": packets("caller", 0, 40)})
    spool(two.south.live, of(two.south, sip_call()), {"caller": packets("caller")})
    two.settle()
    two.certify()
    two.ship()
    active = ActiveNode(two)
    assert offered(two, active, monkeypatch) == 1
    assert active.taken == [0]
    two.settle()
    assert found_below(two.library) == 0
    assert released(two, two.south)
    assert entries(two.south.spool, str(two.south.uuid)) == []

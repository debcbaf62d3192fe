"""Two nodes heard different parts of the same calls: one visible call each, whole, stored once (PROTOCOL ID1 to ID6).

`PARTIAL_VIEWS=10000 python -m pytest tests/worker/tasks/test_views.py` tries as many conversations, each both ways
round; by default 40, which takes about ten seconds.
"""

import os
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from recordings.domain.coverage import covers
from recordings.domain.here import here
from recordings.domain.identity import View
from recordings.domain.keys import DIALOG
from recordings.domain.lookup import coverage_of, nanoseconds
from recordings.domain.manifest import read_manifest
from recordings.domain.offering import AGAIN, take_in
from recordings.domain.releasing import entries
from recordings.models import Call, State, Version
from recordings.pipeline.spool.layout import Session
from tests.samples.conversations import CLEAR, KINDS, TWICE, Conversation, ear, hear
from tests.samples.signalling import START_NS
from tests.samples.two_nodes import Machine, TwoNodes
from worker.tasks import offer

pytestmark = pytest.mark.django_db(databases=["default", "node"])
ROUND = 20
SPAN_NS = 1000 * 10**9
APART_NS = 20 * 10**9  # an id is used again after half a minute
CONVERSATIONS = int(os.environ.get("PARTIAL_VIEWS", "40"))


class ToNorth:
    def __init__(self, two: TwoNodes) -> None:
        self.two = two

    def upload(self, _path: str, file: Path) -> dict[str, Any]:
        return {"taken": take_in(self.two.north.spool, str(self.two.north.uuid), file)}


def spoken_of(views: list[View]) -> int:
    """How many calls these views tell of: joined by a dialog, or by packets in common; by no rule of the product."""
    groups: list[list[View]] = []
    for view in views:
        mine = [group for group in groups if any(joined(view, other) for other in group)]
        groups = [group for group in groups if group not in mine] + [[view, *(one for group in mine for one in group)]]
    return len(groups)


def joined(one: View, other: View) -> bool:
    if {key for key in one.keys & other.keys if key[0] == DIALOG}:
        return one.started_ns < other.ended_ns + APART_NS and other.started_ns < one.ended_ns + APART_NS
    if one.has_dialog and other.has_dialog:
        return False
    return any(
        stream.meets(other.coverage[name]) >= CLEAR for name, stream in one.coverage.items() if name in other.coverage
    )


def spooled(machine: Machine) -> list[View]:
    return [read_manifest(one.session, one.path).view for one in entries(machine.spool, str(machine.uuid))]


def stored_view(call: Call) -> View:
    version = Version.objects.get(call=call, number=call.version)
    return View(call.pk, frozenset(), nanoseconds(call.started), nanoseconds(call.ended), coverage=coverage_of(version))


def settle_all(two: TwoNodes) -> None:
    while outcome := two.settle():
        assert outcome.failed == []
        if not outcome.settled:
            break
    two.certify()
    two.ship()


def offer_all(two: TwoNodes) -> int:
    two.now += AGAIN
    for path in two.south.live.calls.rglob("*.call"):
        os.utime(path, (1e9, 1e9))
    with two.standby(two.south):
        return offer.work(two.south.spool, here().work, ToNorth(two), offer.Memory())


def number_of(started_ns: int) -> int:
    """Which conversation it is: each has its time."""
    return (started_ns - START_NS) // SPAN_NS


def by_conversation(views: list[View]) -> dict[int, list[View]]:
    found = defaultdict(list)
    for view in views:
        found[number_of(view.started_ns)].append(view)
    return found


@pytest.mark.parametrize("first", range(0, CONVERSATIONS, ROUND))
def test_two_parts_of_a_call_become_one_call_with_all_packets(two: TwoNodes, first: int) -> None:
    for seed in range(first, first + ROUND):
        for turn, machines in enumerate(((two.north, two.south), (two.south, two.north))):
            conversation = Conversation(KINDS[seed % len(KINDS)], 2 * seed + turn)
            for side, machine in enumerate(machines):
                hear(machine.live, str(machine.uuid), conversation, ear(conversation, random.Random(f"{seed} {side}")))
    heard = by_conversation([*spooled(two.north), *spooled(two.south)])
    settle_all(two)
    offer_all(two)
    settle_all(two)
    stored = by_conversation([stored_view(call) for call in Call.objects.filter(state=State.STORED)])
    for number, views in heard.items():
        calls, most = stored[number], spoken_of(views)
        fewest = 2 if number // 2 % len(KINDS) == KINDS.index(TWICE) else 1
        assert fewest <= len(calls) <= max(most, fewest), f"conversation {number} is {len(calls)} calls, not {most}"
        for view in views:
            assert any(covers(call.coverage, view.coverage) for call in calls), f"conversation {number} lacks packets"
    assert offer_all(two) == 0
    assert two.release(two.north) == []
    with two.standby(two.south):
        assert two.release(two.south) == []
    assert [path.name for machine in (two.north, two.south) for path in machine.spool.rglob("*.call")] == []


def test_most_parts_have_enough_in_common_to_be_one_call(tmp_path: Path) -> None:
    """Else the test above would say little."""
    single = 0
    for seed in range(50):
        conversation, views = Conversation(KINDS[0], seed), []
        for side in (0, 1):
            session = Session(tmp_path / f"{seed}-{side}")
            session.create("")
            hear(session, "", conversation, ear(conversation, random.Random(f"{seed} {side}")))
            views += [read_manifest(session, path).view for path in session.calls.glob("*.call")]
        single += spoken_of(views) == 1 and len(views) > 1
    assert single >= 30

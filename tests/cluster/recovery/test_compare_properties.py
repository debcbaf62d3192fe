"""Law 7 over random histories: the newer data are never discarded, there are never two primaries, one side survives.

Each rule is left out once: then the same check finds what the rule prevents.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.recovery import compare
from cluster.recovery.compare import Case, Comparison
from cluster.recovery.generations import Generation
from cluster.recovery.lines import Relation
from cluster.recovery.plan import Way, way_of
from cluster.recovery.sides import Held, Side
from cluster.types import Unknown, Why
from tests.samples.cluster.histories import World, lived, scripts

NAMES = ("north", "south")
UNREADABLE = Unknown(Why.UNREADABLE, "nobody can read it")
GENERATIONS: tuple[Generation | Unknown, ...] = (
    Generation(0x10, 0, (0x8,)),
    Generation(0x20, 0x10, (0x8,)),
    Generation(0x30, 0x10, (0x8,)),
    UNREADABLE,
)


@dataclass(frozen=True)
class Scene:
    """A history that is known, and how much of it the two sides tell."""

    world: World
    sides: tuple[Side, Side]

    def index(self, name: str) -> int:
        return NAMES.index(name)


def alone(disk: DrbdDisk) -> Drbd:
    return Drbd(
        role=DrbdRole.SECONDARY,
        disk=disk,
        connection=DrbdConnection.STANDALONE,
        replication=DrbdReplication.OFF,
        peer_role=DrbdRole.UNKNOWN,
        peer_disk=DrbdDisk.PEER_UNKNOWN,
        suspended=False,
        protocol=None,
        out_of_sync=None,
    )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    world = lived(draw(scripts()))
    sides = []
    for number, name in enumerate(NAMES):
        known = draw(st.sampled_from([True, True, True, False]))
        disk = draw(st.sampled_from([DrbdDisk.UP_TO_DATE, DrbdDisk.UP_TO_DATE, DrbdDisk.INCONSISTENT]))
        sides.append(
            Side(
                node=name,
                line=world.nodes[number].line() if known else UNREADABLE,
                joined=draw(st.sampled_from([True, False, None])),
                promoted=draw(st.sampled_from([True, False, None])),
                drbd=alone(disk),
                generation=draw(st.sampled_from(GENERATIONS)),
                ticket=draw(st.sampled_from(["", "", "", *NAMES])),
                held=Held(only_here=draw(st.sampled_from([None, {"calls": 0}, {"calls": 3, "acts": 1}]))),
            )
        )
    return Scene(world, (sides[0], sides[1]))


def violations(scene: Scene) -> list[str]:
    found = compare.compare(scene.sides[0], scene.sides[1], "south")
    return [*_directions(scene, found), *_proposal(found)]


def _directions(scene: Scene, found: Comparison) -> Iterator[str]:
    for one in found.directions:
        if one.refused:
            continue
        survivor, loser = (scene.sides[scene.index(name)] for name in (one.survivor, one.loser))
        more = scene.world.has_more(scene.index(one.loser), scene.index(one.survivor))
        own = scene.world.has_more(scene.index(one.survivor), scene.index(one.loser))
        if more and not one.carries:
            yield "what only the loser has is not carried over"
        if more and not own and not survivor.writes:
            yield "the newer database gives way to the older one"
        if (loser.writes or loser.promoted) and not survivor.writes:
            yield "what serves gives way, or there are two primaries"
        if isinstance(survivor.line, Unknown) or isinstance(loser.line, Unknown):
            yield "unknown counts as good"
        if compare.recordings(survivor, loser) in {Relation.BEHIND, Relation.FOREIGN}:
            yield "database and recordings survive on different sides"
        if isinstance(survivor.drbd, Drbd) and survivor.drbd.disk is DrbdDisk.INCONSISTENT:
            yield "a bad copy of the recordings survives"
        if {survivor.ticket, loser.ticket} - {"", survivor.node}:
            yield "the survivor of an open recovery changes"


def _proposal(found: Comparison) -> Iterator[str]:
    if found.proposed and found.proposed not in [one for one in found.directions if not one.refused]:
        yield "what is refused is proposed"
    ways = [way_of(found.case, survivor_here=here) for here in (True, False)]
    if found.proposed and Way.NODE in ways and found.case not in {Case.FAILED_NODE, Case.SPLIT_BRAIN}:
        yield "a node is replaced where none is active"


@settings(max_examples=600)
@given(scene=scenes())
def test_no_direction_that_could_lose_the_newer_data_is_allowed(scene: Scene) -> None:
    assert violations(scene) == []


@pytest.mark.parametrize("rule", compare.RULES, ids=lambda rule: rule.__name__.strip("_"))
def test_without_a_rule_the_check_finds_what_it_prevents(rule: compare.Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "RULES", [one for one in compare.RULES if one is not rule])
    try:
        find(scenes(), lambda scene: bool(violations(scene)), settings=settings(max_examples=3000, database=None))
    except NoSuchExample:
        pytest.fail("this rule prevents nothing that the check would see")


def test_a_wrong_rule_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newer one is whoever has the higher position, whatever its timeline: the mistake of a tired night."""
    monkeypatch.setattr(compare, "databases", _by_position)
    find(scenes(), lambda scene: bool(violations(scene)), settings=settings(max_examples=5000, database=None))


def _by_position(one: Side, two: Side) -> Relation:
    if isinstance(one.line, Unknown) or isinstance(two.line, Unknown):
        return Relation.UNKNOWN
    return Relation.AHEAD if one.line.position >= two.line.position else Relation.BEHIND

"""A former primary follows again only where nothing of it is discarded: over histories that are known, and by example.

The rule is broken on purpose in several ways: then the same check finds what was discarded.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from cluster.catalogue.rejoin import REJOIN
from cluster.findings import fill
from cluster.recovery import rejoin
from cluster.recovery.generations import Generation
from cluster.recovery.lines import Fork, Line, Server
from cluster.recovery.rejoin import end_of, verdict, wanted
from cluster.recovery.sides import Side
from cluster.rejoin_types import Proof
from cluster.types import ControlData, NotRunning, Unknown, Why
from tests.samples.cluster.histories import World, lived, scripts
from tests.samples.cluster.views import NORTH

RECORD = rejoin.CHECKPOINT  # each write of a history is as long as a shutdown checkpoint, which is the last one
SHIPPED = (("write", 0), ("write", 0), ("ship", 1))
HANDED_OVER = (*SHIPPED, ("ship", 1), ("stop", 0), ("promote", 1))
CUT_SHORT = (*SHIPPED, ("stop", 0))
OFF = NotRunning("It is off.")
LATE = Unknown(Why.LATE, "No answer.")
SAME = Generation(0x10, 0, (0x8,))


def side(world: World, number: int, name: str) -> Side:
    node = world.nodes[number]
    line = node.line()
    forks = tuple(Fork(one.timeline, one.at * RECORD) for one in line.forks or ())
    if node.crashed:
        state = "in production" if node.wrote else "in archive recovery"
    else:
        state = "shut down" if node.wrote else "shut down in recovery"
    begins = max(0, line.position * RECORD - (RECORD if state == "shut down" else 0))
    return Side(
        node=name,
        line=replace(line, position=line.position * RECORD, forks=forks),
        joined=True,
        promoted=node.server is Server.WRITES,
        drbd=OFF,
        generation=SAME,
        marks=frozenset({"PGSQL.lock"}),
        control=ControlData("7", state, node.timeline, begins),
        ticket="",
    )


@dataclass(frozen=True)
class Scene:
    world: World
    own: Side
    peer: Side

    def discards(self) -> bool:
        """Whether it is let follow although the other one lacks a record of it."""
        return verdict(self.own, self.peer, "south").proof is not None and self.world.has_more(0, 1)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    world = lived([*draw(st.sampled_from([(), HANDED_OVER, CUT_SHORT])), *draw(scripts())])
    return Scene(world, side(world, 0, "north"), side(world, 1, "south"))


@settings(max_examples=500)
@given(scene=scenes())
def test_nothing_that_the_other_node_lacks_is_ever_discarded(scene: Scene) -> None:
    assert not scene.discards()


def test_a_database_that_handed_over_in_order_is_let_follow() -> None:
    """The check above is worth something: the good case is one of its scenes."""
    world = lived(HANDED_OVER)
    own, peer = side(world, 0, "north"), side(world, 1, "south")
    assert verdict(own, peer, "south").proof == Proof("7", 1, RECORD, 2 * RECORD)


def _where_it_begins(position: int, _state: str) -> int:
    return position


def _crashed_is_clean(one: Side, other: Side) -> Any:
    return iter(())


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("end_of", _where_it_begins), ("_states", _crashed_is_clean)],
)
def test_a_wrong_rule_is_caught(name: str, wrong: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejoin, name, wrong)
    find(scenes(), Scene.discards, settings=settings(max_examples=3000, database=None))


STOPPED = Side(
    node="north",
    line=Line("7", 5, 1000, exact=True, wrote=True, server=Server.STOPPED, forks=(Fork(4, 500),)),
    joined=True,
    promoted=False,
    drbd=OFF,
    generation=Generation(0x10, 0, (0x8,)),
    marks=frozenset({"PGSQL.lock"}),
    control=ControlData("7", "shut down", 5, 1000),
    ticket="",
)
ACTIVE = Side(
    node="south",
    line=Line("7", 6, 2000, exact=True, wrote=True, server=Server.WRITES, forks=(Fork(4, 500), Fork(5, 1120))),
    joined=True,
    promoted=True,
    drbd=OFF,
    generation=Generation(0x20, 0x10, (0x8,)),
    control=ControlData("7", "in production", 6, 1900),
    ticket="",
)


def lines(one: Side, **changes: Any) -> Side:
    assert isinstance(one.line, Line)
    return replace(one, line=replace(one.line, **changes))


def control(one: Side, **changes: Any) -> Side:
    assert isinstance(one.control, ControlData)
    return replace(one, control=replace(one.control, **changes))


def test_the_proof_names_the_files_and_the_point_that_it_was_made_of() -> None:
    assert verdict(STOPPED, ACTIVE, "south").proof == Proof("7", 5, 1000, 1120)
    later = lines(ACTIVE, timeline=9, forks=(Fork(4, 500), Fork(5, 1120), Fork(6, 3000), Fork(7, 4000)))
    assert verdict(STOPPED, later, "south").proof == Proof("7", 5, 1000, 1120)


@pytest.mark.parametrize(
    ("own", "peer", "codes"),
    [
        (STOPPED, LATE, ["other-silent"]),
        (STOPPED, lines(ACTIVE, server=Server.FOLLOWS), ["other-passive"]),
        (STOPPED, replace(ACTIVE, promoted=False), ["other-passive"]),
        (STOPPED, replace(ACTIVE, line=LATE), ["other-passive", "unknown"]),
        (STOPPED, lines(ACTIVE, forks=None), ["unknown", "no-fork"]),
        (lines(STOPPED, forks=None), ACTIVE, ["unknown", "no-fork"]),
        (control(STOPPED, state="in production"), ACTIVE, ["not-in-order"]),
        (control(STOPPED, state="shutting down"), ACTIVE, ["not-in-order"]),
        (replace(STOPPED, control=LATE), ACTIVE, ["unknown"]),
        (replace(STOPPED, marks=LATE), ACTIVE, ["unknown"]),
        (replace(STOPPED, marks=frozenset({"apresa.recovering"})), ACTIVE, ["marks"]),
        (replace(STOPPED, marks=frozenset({"backup_label"})), ACTIVE, ["marks"]),
        (replace(STOPPED, ticket="south"), ACTIVE, ["ticket"]),
        (replace(STOPPED, ticket=None), ACTIVE, ["ticket"]),
        (STOPPED, replace(ACTIVE, ticket="north"), ["ticket"]),
        (lines(STOPPED, server=Server.WRITES), ACTIVE, ["runs"]),
        (STOPPED, lines(ACTIVE, system="8"), ["strangers"]),
        (STOPPED, lines(ACTIVE, timeline=5, forks=(Fork(4, 500),)), ["no-fork"]),  # both wrote it
        (STOPPED, lines(ACTIVE, forks=(Fork(4, 400), Fork(5, 1120))), ["no-fork"]),  # another timeline 5
        (STOPPED, lines(ACTIVE, forks=(Fork(4, 500),)), ["no-fork"]),
        (control(STOPPED, position=None), ACTIVE, ["no-fork"]),
        (STOPPED, lines(ACTIVE, forks=(Fork(4, 500), Fork(5, 1119))), ["beyond"]),
        (STOPPED, lines(ACTIVE, forks=(Fork(4, 500), Fork(5, 1000))), ["beyond"]),
        (replace(STOPPED, generation=LATE), ACTIVE, ["recordings-unknown"]),
        (STOPPED, replace(ACTIVE, generation=Generation(0x30, 0x8, ())), ["recordings-parted"]),
        (replace(STOPPED, generation=Generation(0x30, 0x8, ())), ACTIVE, ["recordings-parted"]),
    ],
)
def test_whatever_is_not_proven_is_told_and_refused(own: Side, peer: Side | Unknown, codes: list[str]) -> None:
    found = verdict(own, peer, "south")
    assert (found.proof, [one.code for one in found.against]) == (None, codes)
    assert all(fill(REJOIN[one.code], one.parameters) for one in found.against)


@pytest.mark.parametrize(
    ("position", "state", "end"),
    [
        (1000, "shut down", 1120),
        (1000, "shut down in recovery", 1000),
        (8192 - 120, "shut down", 8192),  # fills its page
        (8192 - 112, "shut down", 8192 + 8 + 24),
        (16 * 1024**2 - 112, "shut down", 16 * 1024**2 + 8 + 40),
    ],
)
def test_a_checkpoint_ends_behind_the_page_head_that_it_goes_across(position: int, state: str, end: int) -> None:
    assert end_of(position, state) == end


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"marks": frozenset({"PGSQL.lock"}), "control": ControlData("7", "shut down in recovery", 5)}, True),
        ({"control": ControlData("7", "shut down in recovery", 5)}, False),
        ({"marks": frozenset({"standby.signal", "backup_label"})}, False),
        ({"control": LATE}, False),
        ({"postgres": LATE}, False),
        ({"postgres": NORTH.postgres}, False),
    ],
)
def test_the_question_arises_for_a_database_that_is_off_and_was_the_active_one(
    changes: dict[str, Any], expected: bool
) -> None:
    off = replace(NORTH, postgres=OFF, marks=frozenset(), control=ControlData("7", "shut down", 5, 1000))
    assert wanted(replace(off, **changes)) is expected

"""How two databases stand to each other: told against a history that is known."""

import pytest
from hypothesis import given

from cluster.recovery.lines import OPPOSITE, Fork, Line, Relation, Server, lacks, relation
from tests.samples.cluster.histories import Script, lived, scripts

ONLY_FIRST = {Relation.AHEAD}
NOTHING_OF_ITS_OWN = {Relation.SAME, Relation.AHEAD, Relation.AT_LEAST}


def line(timeline: int, position: int, *forks: tuple[int, int], wrote: bool = True, exact: bool = True) -> Line:
    server = Server.STOPPED
    return Line("7", timeline, position, exact, wrote, server, tuple(Fork(*fork) for fork in forks))


@pytest.mark.parametrize(
    ("one", "two", "expected", "lacking"),
    [
        (line(2, 90, (1, 50)), line(1, 50), Relation.AHEAD, 0),
        (line(2, 90, (1, 50)), line(1, 51), Relation.PARTED, 1),
        (line(2, 90, (1, 50)), line(1, 40, exact=False), Relation.MAYBE_PARTED, 0),
        (line(1, 50), line(2, 90, (1, 50)), Relation.BEHIND, 40),
        (line(1, 60), line(2, 90, (1, 50)), Relation.PARTED, 40),
        (line(1, 60), line(1, 55, wrote=False), Relation.AHEAD, 0),
        (line(1, 60), line(1, 60, wrote=False), Relation.SAME, 0),
        (line(1, 60, exact=False), line(1, 70, wrote=False), Relation.AT_LEAST, 10),
        (line(1, 60, wrote=False), line(1, 70), Relation.BEHIND, 10),
        (line(1, 60, wrote=False), line(1, 55, wrote=False), Relation.AHEAD, 0),
        (line(1, 60, wrote=False), line(1, 55, wrote=False, exact=False), Relation.UNKNOWN, 0),
        (line(1, 60), line(1, 55), Relation.UNKNOWN, 0),
        (line(2, 60, (1, 50)), line(2, 60, (1, 51)), Relation.PARTED, None),
        (line(2, 60, (1, 50)), line(3, 60, (1, 50)), Relation.PARTED, None),
        (line(2, 60, (1, 50)), Line("8", 2, 60, True, True, Server.STOPPED, ()), Relation.FOREIGN, None),
        (line(2, 60, (1, 50)), Line("7", 2, 60, True, True, Server.STOPPED, None), Relation.UNKNOWN, None),
    ],
)
def test_two_lines_are_compared_by_timeline_position_and_history(
    one: Line, two: Line, expected: Relation, lacking: int | None
) -> None:
    assert (relation(one, two), lacks(one, two)) == (expected, lacking)
    assert relation(two, one) == OPPOSITE.get(expected, expected)


@given(script=scripts())
def test_a_side_that_is_said_to_lack_nothing_lacks_nothing(script: Script) -> None:
    world = lived(script)
    found = relation(world.nodes[0].line(), world.nodes[1].line())
    if found in NOTHING_OF_ITS_OWN:
        assert not world.has_more(1, 0)
    if found in {OPPOSITE.get(one, one) for one in NOTHING_OF_ITS_OWN}:
        assert not world.has_more(0, 1)
    if found is Relation.PARTED:
        assert world.has_more(0, 1)
        assert world.has_more(1, 0)

"""Giving a set-up up: from wherever it stopped the machine works alone again, or it is refused with a reason."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster.catalogue.setup_steps import FAILURES, STEPS
from cluster.setup import undo
from cluster.setup.orders import Setting
from cluster.setup.seen import Place
from cluster.setup.steps import Stuck, Wait, Work, key
from tests.cluster.setup.test_steps import ROLES, go_on, machine, setting
from tests.fakes.machine import FakeMachine

BARE = {
    role: {name: value for name, value in vars(machine(role)).items() if name not in {"worked", "folders"}}
    for role in ROLES
}
# Named to the administrator: a secondary's partition may hold the only copy of the recordings.
LEFT = {"primary": set(), "secondary": {"made", "disk", "signature"}}


def take_back(one: Setting, here: FakeMachine, most: int = 200) -> tuple[list[str], str]:
    """As one run of the job."""
    did: list[str] = []
    for step in undo.STEPS:
        given_: set[str] = set()
        while (todo := step.next(one, here.seen(), frozenset(given_))) is not None:
            if isinstance(todo, Stuck):
                assert todo.reason.code in FAILURES
                return did, todo.reason.code
            assert not isinstance(todo, Wait)
            if len(did) == most:
                return did, "killed"
            given_.add(key(todo))
            did.append(todo.name)
            here.do(todo)
            if isinstance(todo, Work) and todo.name == "return":
                return did, "killed"
    return did, "done"


def to_the_end(one: Setting, here: FakeMachine) -> str:
    for _ in range(4):
        _, how = take_back(one, here)
        if how != "killed":
            return how
    raise AssertionError("no end")


def left(role: str, here: FakeMachine) -> dict[str, object]:
    """What differs from the machine before the set-up."""
    return {name: value for name, value in vars(here).items() if name in BARE[role] and value != BARE[role][name]}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ROLES), st.lists(st.integers(0, 25), max_size=4), st.lists(st.integers(0, 12), max_size=4))
def test_given_up_from_anywhere_it_works_alone_again_or_is_refused(
    role: str, kills: list[int], undo_kills: list[int]
) -> None:
    """The fake machine raises where the only copy of something would go."""
    one, here = setting(role), machine(role)
    for most in kills:
        go_on(one, here, most)
    if undo.refusal(here.seen()):
        assert (role, here.activated) == ("primary", True)
        return
    for most in undo_kills:
        take_back(one, here, most)
    assert to_the_end(one, here) == "done"
    assert here.is_lone
    assert set(left(role, here)) <= LEFT[role] | {"joined"}
    assert here.folders <= {"given-up"}


@pytest.mark.parametrize("role", ROLES)
def test_once_given_up_it_can_be_set_up_again(role: str) -> None:
    one, here = setting(role), machine(role)
    go_on(one, here)
    assert to_the_end(one, here) == "done"
    assert go_on(one, here)[1] == "killed"
    assert go_on(one, here)[1] == "done"


def test_a_primary_that_served_is_not_given_up() -> None:
    one, here = setting("primary"), machine("primary")
    go_on(one, here)
    go_on(one, here)
    before = vars(here).copy()
    did, how = take_back(one, here)
    assert (did, how, vars(here)) == ([], "served", before)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"activated": True}, "served"),
        ({"database": Place.NOWHERE}, "own-data-missing"),
        ({"library": Place.NOWHERE}, "own-data-missing"),
        ({"database": Place.BOTH}, "own-data-twice"),
        ({"library": Place.ASIDE, "library_mounted": True, "pacemaker": None}, "library-in-use"),
    ],
)
def test_it_is_refused_where_something_could_be_lost(changes: dict[str, object], reason: str) -> None:
    found = undo.refusal(replace(machine("primary").seen(), **changes))  # type: ignore[arg-type]
    assert found is not None
    assert found.code == reason


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ROLES),
    st.sampled_from(["undo-volume", "undo-server"]),
    st.builds(
        dict,
        full=st.booleans(),
        switched=st.booleans(),
        activated=st.booleans(),
        standalone=st.booleans(),
        database=st.sampled_from(Place),
        library=st.sampled_from(Place),
        mounted=st.booleans(),
        role=st.sampled_from(["", "Primary/Unknown"]),
        copy=st.sampled_from([None, "", "UpToDate/DUnknown"]),
        server=st.booleans(),
        server_config=st.sampled_from(["", "/database/db/main"]),
    ),
)
def test_no_copy_goes_before_the_lone_machine_has_its_own(role: str, code: str, changes: dict[str, object]) -> None:
    step = next(one for one in undo.STEPS if one.code == code)
    seen = replace(machine(role).seen(), **changes)  # type: ignore[arg-type]
    own = seen.database is Place.OWN and seen.library is Place.OWN and seen.standalone
    if own and not (seen.full or seen.switched or seen.activated):
        return
    todo = step.next(setting(role), seen, frozenset())
    assert isinstance(todo, Stuck)
    assert todo.reason.code == "not-lone"


def test_the_secondarys_partition_is_never_wiped() -> None:
    one, here = setting("secondary"), machine("secondary")
    go_on(one, here)
    did, _ = take_back(one, here)
    more, how = take_back(one, here)
    assert ("undo-drbd" in {*did, *more}, how) == (False, "done")


def test_once_the_database_was_moved_it_is_compared_before_anything_is_taken_back() -> None:
    one, here = setting("primary"), machine("primary")
    go_on(one, here)  # it ends with the move
    assert here.full
    did, _ = take_back(one, here)
    assert did[: did.index("return")] == ["undo-stop", "compare"]


@pytest.mark.parametrize("most", range(8))
def test_a_set_up_that_stopped_before_the_move_needs_no_comparison(most: int) -> None:
    one, here = setting("primary"), machine("primary")
    go_on(one, here, most)
    did, how = take_back(one, here)
    assert ("compare" in did, "return" in did, how) == (False, False, "done")


def test_every_step_back_has_its_title() -> None:
    assert [STEPS[step.code] for step in undo.STEPS if not STEPS[step.code]] == []

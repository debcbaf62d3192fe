"""The steps of a set-up on a machine that is bare, that died anywhere, that is not as it should be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.commands import Command
from cluster.setup.answers import Plan
from cluster.setup.orders import Secrets, Setting
from cluster.setup.steps import Stuck, Wait, Work, key, percent, steps
from cluster.setup.validate import check
from tests.fakes.machine import FakeMachine
from tests.samples.cluster.set_up import GOOD

SECRETS = Secrets(*("ab", "drbd", "word", "certificate", "authority", "key"))
MOST = 200
ROLES = ("primary", "secondary")


def setting(role: str) -> Setting:
    plan = check(GOOD)
    assert isinstance(plan, Plan)
    return Setting(plan, role, SECRETS)


def machine(role: str) -> FakeMachine:
    return FakeMachine("myrec1" if role == "primary" else "myrec2")


def go_on(one: Setting, here: FakeMachine, most: int = MOST) -> tuple[list[str], str]:
    """As one run of the job: what it did, and how it ended ("done", "killed", a reason)."""
    did: list[str] = []
    for step in steps(one.role):
        given_: set[str] = set()
        while (todo := step.next(one, here.seen(), frozenset(given_))) is not None:
            if isinstance(todo, Stuck):
                return did, todo.reason.code
            if isinstance(todo, Wait):
                return did, todo.fault.code
            if len(did) == most:
                return did, "killed"
            given_.add(key(todo))
            did.append(todo.name)
            here.do(todo)
            if isinstance(todo, Work) and todo.name in {"move", "leave"}:
                return did, "killed"  # the process ends with the lone machine's service
    return did, "done"


def to_the_end(one: Setting, here: FakeMachine) -> list[str]:
    did: list[str] = []
    for _ in range(5):
        more, how = go_on(one, here)
        did += more
        if how == "done":
            return did
    raise AssertionError(f"no end: {did}")


def state(here: FakeMachine) -> dict[str, object]:
    return {name: value for name, value in vars(here).items() if name != "worked"}


def test_primary_is_made_in_this_order() -> None:
    here = machine("primary")
    first, how = go_on(setting("primary"), here)
    assert how == "killed"
    assert first == [
        *("check", "hosts", "corosync-config", "corosync-key"),
        *("drbd-config", "drbd-create", "drbd-device", "drbd-first", "volume-make", "volume"),
        *("database-make-way", "database-create", "database-files", "database-server", "database-roles"),
        *("redis", "library", "move"),
    ]
    second, how = go_on(setting("primary"), here)
    after = [name for name in second if name not in first]
    assert (how, after) == ("done", ["aside", "pacemaker-first", "join", "resources", "finish"])


def test_secondary_never_forces_a_copy_nor_starts_a_database_of_its_own() -> None:
    did = to_the_end(setting("secondary"), machine("secondary"))
    assert {"drbd-first", "volume-make", "volume", "database-server", "database-roles", "library", "move"} & set(
        did
    ) == set()
    assert did[-1] == "finish"


@pytest.mark.parametrize("role", ROLES)
@given(st.lists(st.integers(0, 25), max_size=6))
def test_wherever_it_is_killed_the_next_run_goes_on_to_the_same_end(role: str, kills: list[int]) -> None:
    one, undisturbed, here = setting(role), machine(role), machine(role)
    to_the_end(one, undisturbed)
    for most in kills:
        go_on(one, here, most)
    to_the_end(one, here)
    assert state(here) == state(undisturbed)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"made": True, "up": True, "primary": True, "disk": "UpToDate", "signature": "xfs"}, "volume-foreign"),
        ({"made": True, "up": True, "disk": "UpToDate", "signature": "xfs"}, "volume-foreign"),
    ],
)
def test_what_is_not_ours_stops_it(changes: dict[str, object], reason: str) -> None:
    here = replace(machine("primary"), **changes)  # type: ignore[arg-type]
    assert go_on(setting("primary"), here)[1] == reason


def test_drbd_that_does_not_tell_is_not_touched() -> None:
    one, here = setting("primary"), machine("primary")
    volume = next(step for step in steps("primary") if step.code == "volume")
    found = volume.next(one, replace(here.seen(), copy=None), frozenset({"drbd-config"}))
    assert isinstance(found, Stuck)
    assert found.reason.code == "drbd-unknown"


def test_an_order_without_effect_is_not_given_twice() -> None:
    one, here = setting("primary"), machine("primary")
    volume = next(step for step in steps("primary") if step.code == "volume")
    first = volume.next(one, here.seen(), frozenset({"drbd-config"}))
    assert isinstance(first, Command)
    second = volume.next(one, here.seen(), frozenset({"drbd-config", key(first)}))
    assert isinstance(second, Stuck)
    assert second.reason.code == "no-effect"


@pytest.mark.parametrize("role", ROLES)
def test_progress_grows_from_nothing_to_all(role: str) -> None:
    seen = [percent(steps(role), number) for number in range(len(steps(role)) + 1)]
    assert (seen[0], seen[-1], seen == sorted(set(seen))) == (0, 100, True)


def test_no_order_shows_a_secret_in_its_words() -> None:
    one = setting("primary")
    here = machine("primary")
    shown = []
    for step in steps("primary"):
        todo = step.next(one, here.seen(), frozenset())
        shown += [" ".join(todo.argv)] if isinstance(todo, Command) else []
    assert [line for line in shown if SECRETS.drbd == line or "word" in line] == []

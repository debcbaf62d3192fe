"""The set-up as a job: asked for, refused, done, killed half way and gone on with."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from apresa.jobs.models import State
from apresa.node.domain import identity, know_library
from apresa.node.models import Role
from cluster.domain import setup
from cluster.domain.setup import SetupRefused
from cluster.pairing.domain import store
from cluster.queries.setup import KIND, setup_state
from cluster.setup.steps import steps
from cluster.setup.world import World
from tests.cluster.domain.set_up import MARK, acts, asked, paired, run, set_world
from tests.cluster.setup.test_world import ANSWERS, SECOND, WORLD
from tests.fakes.machine import FakeMachine

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("bare_place")]


def test_it_is_asked_for_with_the_size_of_the_disk_and_put_on_record(machine: FakeMachine) -> None:
    job = asked()
    assert (job.kind, job.state, job.parameters) == (
        KIND,
        State.QUEUED,
        {"role": "primary", "answers": asdict(replace(ANSWERS, size="1000000"))},
    )
    assert store().answers() == replace(ANSWERS, size="1000000")
    assert acts() == ["cluster-setup"]


@pytest.mark.parametrize(
    ("answers", "world", "codes"),
    [
        (replace(ANSWERS, floating="192.168.3.10"), WORLD, ["outside"]),
        (
            ANSWERS,
            replace(WORLD, missing=("crmsh",), ports=frozenset({"5405/udp"})),
            ["port-taken", "programs-missing"],
        ),
    ],
)
def test_with_faults_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, machine: FakeMachine, answers: Any, world: World, codes: list[str]
) -> None:
    set_world(monkeypatch, world)
    with pytest.raises(SetupRefused) as refused:
        setup.ask_primary(answers, by="anna")
    assert [fault.finding.code for fault in refused.value.faults] == codes
    assert (setup_state().state, store().has("answers.json"), acts()) == ("", False, ["cluster-setup-refused"])


def test_a_second_one_is_refused_while_the_first_is_not_done(machine: FakeMachine) -> None:
    asked()
    with pytest.raises(SetupRefused, match="A set-up was begun here already"):
        asked()


def test_a_machine_of_a_cluster_is_not_set_up_again(machine: FakeMachine) -> None:
    node = identity()
    node.role = Role.PRIMARY
    node.save()
    with pytest.raises(SetupRefused, match="belongs to a cluster already"):
        asked()


def test_the_secondary_needs_a_pairing_with_answers(machine: FakeMachine) -> None:
    with pytest.raises(SetupRefused, match="not paired with a primary yet"):
        setup.ask_secondary(by="anna")


def test_the_primary_comes_to_its_end_over_the_restart_in_its_middle(machine: FakeMachine) -> None:
    asked()
    _, state = run(machine)
    node = identity()
    assert (state, node.role, node.address, node.mask, node.primary_address) == (
        *("done", Role.PRIMARY, "192.168.2.11", 24, "192.168.2.10"),
    )
    assert machine.worked == ["move", "aside"]
    found = setup_state()
    assert ({step.state for step in found.steps}, found.percent) == ({"done"}, 100)
    assert acts()[-1] == "cluster-setup-done"
    copied = next(step for step in found.steps if step.code == "library").commands[-1]
    assert copied[2] == "1 files copied and compared"


def test_the_secondary_knows_the_primarys_library_and_where_the_active_one_is(
    monkeypatch: pytest.MonkeyPatch, machine: FakeMachine
) -> None:
    set_world(monkeypatch, SECOND)
    machine.name = "myrec2"
    paired()
    setup.ask_secondary(by="anna")
    _, state = run(machine)
    node = identity()
    assert (state, node.role, str(node.library), node.primary_address) == (
        *("done", Role.SECONDARY, MARK, "192.168.2.10"),
    )


ORDERS = ["hosts", "drbd-create", "drbd-first", "volume-make", "volume mount", "database-create", "database-roles"]
LATER = ["volume unmount", "drbd-device down", "pacemaker-first", "resources"]


@pytest.mark.parametrize("order", [*ORDERS, *LATER])
def test_killed_in_front_of_any_order_it_goes_on(machine: FakeMachine, order: str) -> None:
    asked()
    _, state = run(machine, kill_at=order)
    assert (state, identity().role) == ("done", Role.PRIMARY)


def test_a_command_that_says_no_ends_it_with_its_words_and_again_goes_on(machine: FakeMachine) -> None:
    asked()
    _, state = run(machine, no="drbd-create")
    found = setup_state()
    assert (state, found.error) == ("failed", "apresa-helper ended with exit code 3: first")
    (failed,) = [step for step in found.steps if step.state == "failed"]
    argv, code, said = failed.commands[-1]
    assert (failed.code, argv, code, said[-12:], len(said)) == (
        "volume",
        "/bin/no drbd-create",
        3,
        "no room left",
        4000,
    )
    setup.again(by="bob")
    assert run(machine)[1] == "done"
    assert acts()[-2:] == ["cluster-setup-again", "cluster-setup-done"]


def test_there_is_nothing_to_go_on_with_where_nothing_failed(machine: FakeMachine) -> None:
    with pytest.raises(SetupRefused, match="There is no set-up here that could go on"):
        setup.again(by="bob")
    asked()
    with pytest.raises(SetupRefused, match="A set-up was begun here already"):
        setup.again(by="bob")


def test_a_machine_that_changed_since_it_was_asked_is_not_touched(
    monkeypatch: pytest.MonkeyPatch, machine: FakeMachine
) -> None:
    asked()
    set_world(monkeypatch, replace(WORLD, floating_taken=True))
    done, state = run(machine)
    assert (done, state) == ([], "failed")
    assert setup_state().error == (
        "This machine is not as the answers say. "
        "192.168.2.10 is in use by a machine of this network; choose a free address."
    )


def test_before_anything_is_asked_for_there_is_no_state() -> None:
    assert setup_state().steps == ()


def test_waiting_steps_are_shown_before_it_begins(machine: FakeMachine) -> None:
    asked()
    assert [step.code for step in setup_state().steps] == [step.code for step in steps("primary")]


def test_a_library_without_a_name_is_none() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        know_library("nothing")

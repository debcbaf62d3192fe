"""A set-up that failed is given up as a job: from any point of it, killed anywhere on the way back, or refused."""

from dataclasses import replace

import pytest

from apresa.jobs.models import Job, State
from apresa.node.domain import identity
from apresa.node.models import Role
from cluster.act import ActFailed
from cluster.domain import setup, setup_undo
from cluster.domain.setup import SetupRefused
from cluster.findings import finding
from cluster.pairing.domain import store
from cluster.queries.setup import setup_state
from tests.cluster.domain.set_up import acts, asked, paired, run, set_world
from tests.cluster.setup.test_world import ANSWERS, SECOND, WORLD
from tests.fakes.machine import FakeMachine

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("bare_place")]


def given_up(by: str = "bob") -> Job:
    return setup.give_up(by=by, address="192.0.2.9")


def test_a_set_up_that_failed_is_given_up_and_the_machine_works_alone(machine: FakeMachine) -> None:
    asked()
    run(machine, no="database-create")
    given_up()
    assert (setup_state().gives_up, setup_state().steps[0].code) == (True, "undo-stop")
    run(machine)
    assert (machine.is_lone, setup_state().state, identity().role) == (True, "", Role.STANDALONE)
    assert (store().has("authority.pem"), store().answers()) == (False, replace(ANSWERS, size="1000000"))
    assert acts()[-2:] == ["cluster-setup-give-up", "cluster-setup-given-up"]
    asked()  # and so it may be asked for anew
    assert run(machine)[1] == "done"


UNDO = ["undo-stop", "volume unmount", "drbd-device down", "undo-drbd", "undo-drbd-config", "undo-redis", "undo-hosts"]


@pytest.mark.parametrize("order", UNDO)
def test_killed_in_front_of_any_order_of_the_way_back_it_goes_on(machine: FakeMachine, order: str) -> None:
    asked()
    run(machine, no="redis")
    given_up()
    run(machine, kill_at=order)
    assert (machine.is_lone, setup_state().state) == (True, "")


LATE = ["undo-stop", "database-server start", "undo-switch", "undo-database", "undo-make-way", "undo-ring"]


@pytest.mark.parametrize("order", LATE)
def test_killed_on_the_way_back_from_a_moved_database_it_goes_on(machine: FakeMachine, order: str) -> None:
    asked()
    run(machine, no="pacemaker-first")
    assert machine.full
    given_up()
    run(machine, kill_at=order)
    assert (machine.is_lone, setup_state().state) == (True, "")
    assert machine.worked[-3:] == ["compare", "back", "return"]


def test_a_way_back_that_fails_is_gone_on_with(machine: FakeMachine) -> None:
    asked()
    run(machine, no="redis")
    given_up()
    assert run(machine, no="undo-ring")[1] == "failed"
    found = setup_state()
    assert (found.gives_up, [step.code for step in found.steps if step.state == "failed"]) == (True, ["undo-ring"])
    setup.again(by="bob")
    run(machine)
    assert (machine.is_lone, setup_state().state) == (True, "")


def test_where_something_was_changed_since_the_set_up_goes_on_instead(
    monkeypatch: pytest.MonkeyPatch, machine: FakeMachine
) -> None:
    def differ(*_: object) -> None:
        raise ActFailed(finding("changed-since", table="recordings_note"))

    asked()
    run(machine, no="pacemaker-first")
    given_up()
    monkeypatch.setitem(setup_undo.WORKS, "compare", differ)
    assert run(machine)[1] == "failed"
    found = setup_state()
    assert (found.gives_up, found.error) == (
        False,
        "Something was changed here since the database was moved (table recordings_note), and would be lost. "
        "Let the set-up go on instead.",
    )
    setup.again(by="bob")
    assert run(machine)[1] == "done"


def test_before_anything_was_changed_it_is_only_forgotten(
    monkeypatch: pytest.MonkeyPatch, machine: FakeMachine
) -> None:
    asked()
    set_world(monkeypatch, replace(WORLD, floating_taken=True))
    run(machine)
    assert setup_state().untouched
    given_up()
    assert (setup_state().state, machine.worked) == ("", [])


def test_other_answers_are_taken_while_nothing_was_changed(
    monkeypatch: pytest.MonkeyPatch, machine: FakeMachine
) -> None:
    asked()
    set_world(monkeypatch, replace(WORLD, floating_taken=True))
    run(machine)
    set_world(monkeypatch, WORLD)
    job = setup.ask_primary(replace(ANSWERS, floating="192.168.2.20"), by="anna")
    assert (job.state, job.parameters["answers"]["floating"]) == (State.QUEUED, "192.168.2.20")
    assert run(machine)[1] == "done"
    job.delete()  # as after a month
    assert setup_state().state == ""


def test_other_answers_are_refused_once_something_was_changed(machine: FakeMachine) -> None:
    asked()
    run(machine, no="drbd-create")
    with pytest.raises(SetupRefused, match="A set-up was begun here already"):
        setup.ask_primary(replace(ANSWERS, floating="192.168.2.20"), by="anna")


def test_what_cannot_be_given_up_is_refused_with_the_reason(machine: FakeMachine) -> None:
    with pytest.raises(SetupRefused, match="There is no set-up here that could be given up"):
        given_up()
    asked()
    with pytest.raises(SetupRefused, match="A set-up was begun here already"):
        given_up()
    run(machine, no="redis")
    machine.activated = True
    with pytest.raises(SetupRefused, match="This machine serves as a node, or did"):
        given_up()
    assert acts()[-1] == "cluster-setup-refused"


def test_a_set_up_that_is_done_is_not_given_up(machine: FakeMachine) -> None:
    asked()
    run(machine)
    with pytest.raises(SetupRefused, match="This machine serves as a node, or did"):
        given_up()


def test_a_secondary_works_alone_again_and_stays_paired(monkeypatch: pytest.MonkeyPatch, machine: FakeMachine) -> None:
    set_world(monkeypatch, SECOND)
    machine.name = "myrec2"
    paired()
    setup.ask_secondary(by="anna")
    run(machine, no="join start")
    given_up()
    run(machine)
    assert (machine.is_lone, setup_state().state, store().peer() is None) == (True, "", False)

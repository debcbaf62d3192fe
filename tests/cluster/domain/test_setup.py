"""The set-up as a job: asked for, refused, done, killed half way and gone on with."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apresa.audit.models import Entry
from apresa.jobs import domain as jobs
from apresa.jobs.models import Job, State
from apresa.node.domain import identity, know_library
from apresa.node.models import Role
from apresa.shared import clock
from cluster.act import ActFailed
from cluster.commands import Command
from cluster.domain import setup, setup_doing, setup_undo, setup_works
from cluster.domain.setup import SetupRefused
from cluster.findings import finding
from cluster.pairing.domain import store
from cluster.pairing.store import LIBRARY, Peer
from cluster.queries.setup import KIND, setup_state
from cluster.runner import CommandUnavailable
from cluster.setup.steps import key, steps
from cluster.setup.world import World
from cluster.types import Result, Why
from tests.cluster.setup.test_world import ANSWERS, SECOND, WORLD
from tests.fakes.machine import FakeMachine

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("here")]
MARK = "42d7a2a6-c5bb-4162-b5cd-f81b63fb6397"


class Killed(BaseException):
    """As SIGKILL: nothing of the process goes on."""


class Door:
    """The root helper of a fake machine, which the process may be killed in front of."""

    def __init__(self, machine: FakeMachine, kill_at: str = "", no: str = "") -> None:
        self.machine, self.kill_at, self.no = machine, kill_at, no
        self.done: list[str] = []

    def run(self, command: Command) -> Result:
        if self.kill_at == key(command):
            self.kill_at = ""
            raise Killed
        if self.no == key(command):
            return Result(("/bin/no", command.name), 3, "first\n" + "x" * 9000, "no room left\n")
        if command.name == "pacemaker" and command.order is None:
            raise CommandUnavailable(Why.MISSING, "not asked here")
        self.done.append(key(command))
        self.machine.do(command)
        return Result((command.name,), 0, "", "")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = settings.APRESA.model_copy(update={"data": tmp_path})
    for path in ("library", "default_database"):  # kept by the copied ones, once they were asked for
        vars(own).pop(path, None)
    monkeypatch.setattr(settings, "APRESA", own)
    for folder in (settings.APRESA.library, tmp_path / "cluster" / "volume"):
        folder.mkdir(parents=True)
    (settings.APRESA.library / "1.opus").write_bytes(b"sound")
    settings.APRESA.default_database.write_bytes(b"")
    (tmp_path / "node").mkdir()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> FakeMachine:
    found = FakeMachine()
    monkeypatch.setattr(setup_doing, "seen", lambda *_: found.seen())
    _world(monkeypatch, WORLD)

    def switch(name: str, *_: Any) -> None:
        found._work(name)

    def aside(*_: Any) -> None:
        found._work("aside")

    monkeypatch.setattr(setup_works, "switch", switch)
    monkeypatch.setattr(setup_works, "WORKS", {**setup_works.WORKS, "aside": aside})
    monkeypatch.setattr(setup, "seen", lambda *_: found.seen())
    undone = {name: lambda *_, name=name: found._work(name) for name in ("compare", "back")}
    monkeypatch.setattr(setup_undo, "WORKS", {**setup_undo.WORKS, **undone})
    return found


def _world(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    world = replace(world, library=ANSWERS.directory)
    monkeypatch.setattr(setup, "world", lambda *_: world)
    monkeypatch.setattr(setup_doing, "world", lambda *_: world)


def asked() -> Job:
    return setup.ask_primary(ANSWERS, by="anna", address="192.0.2.9")


def paired() -> None:
    store().prepare()
    store().begin_cluster(identity().uuid, clock.now())
    store().keep_answers(ANSWERS)
    store().keep_peer(Peer("n", "myrec1", "192.168.2.11"))
    store().write(LIBRARY, MARK.encode())


def acts() -> list[str]:
    return list(Entry.objects.using("node").order_by("id").values_list("action", flat=True))


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
    _world(monkeypatch, world)
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


def run(machine: FakeMachine, **door: str) -> tuple[list[str], str]:
    """Each worker claims it, until it has an end or fails; what was ordered, and the job's state."""
    doors = Door(machine, **door)
    for _ in range(6):
        try:
            job = setup.setup_next(doors)
        except Killed:
            Job.objects.using("node").update(lease_until=clock.now() - jobs.LEASE)
            jobs.requeue_expired(scope="node")
            Job.objects.using("node").update(not_before=None)
            continue
        if job is None or job.state in {State.DONE, State.FAILED}:
            break
    return doors.done, setup_state().state


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
    _world(monkeypatch, SECOND)
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
    _world(monkeypatch, replace(WORLD, floating_taken=True))
    done, state = run(machine)
    assert (done, state) == ([], "failed")
    assert setup_state().error == (
        "This machine is not as the answers say. "
        "192.168.2.10 is in use by a machine of this network; choose a free address."
    )


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
    _world(monkeypatch, replace(WORLD, floating_taken=True))
    run(machine)
    assert setup_state().untouched
    given_up()
    assert (setup_state().state, machine.worked) == ("", [])


def test_other_answers_are_taken_while_nothing_was_changed(
    monkeypatch: pytest.MonkeyPatch, machine: FakeMachine
) -> None:
    asked()
    _world(monkeypatch, replace(WORLD, floating_taken=True))
    run(machine)
    _world(monkeypatch, WORLD)
    job = setup.ask_primary(replace(ANSWERS, floating="192.168.2.20"), by="anna")
    assert (job.state, job.parameters["answers"]["floating"]) == (State.QUEUED, "192.168.2.20")
    assert run(machine)[1] == "done"


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
    _world(monkeypatch, SECOND)
    machine.name = "myrec2"
    paired()
    setup.ask_secondary(by="anna")
    run(machine, no="join start")
    given_up()
    run(machine)
    assert (machine.is_lone, setup_state().state, store().peer() is None) == (True, "", False)


def test_before_anything_is_asked_for_there_is_no_state() -> None:
    assert setup_state().steps == ()


def test_waiting_steps_are_shown_before_it_begins(machine: FakeMachine) -> None:
    asked()
    assert [step.code for step in setup_state().steps] == [step.code for step in steps("primary")]


def test_a_library_without_a_name_is_none() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        know_library("nothing")

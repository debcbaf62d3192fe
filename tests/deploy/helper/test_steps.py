"""The steps of a recovery: each looks first, refuses with a sentence, is without effect where it is done already."""

from pathlib import Path

import pytest
from apresa_helper import copying, machine, steps
from apresa_helper.values import Refused

from tests.deploy.helper.machine_of_steps import KEY, TICKET, Machine, a_node, old, stops


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return a_node(tmp_path, monkeypatch)


def test_a_server_is_stopped_once(node: Machine) -> None:
    node.servers, node.says["query"] = {node.data}, "0"
    stops(node)
    assert steps.stop() == "the server is stopped"
    assert steps.stop() == "the server is stopped already"
    assert len(node.done) == 1


def test_a_server_that_the_other_node_follows_is_not_stopped(node: Machine) -> None:
    node.servers, node.says["query"] = {node.data}, "1"
    with pytest.raises(Refused, match="The other node follows this database"):
        steps.stop()
    assert node.done == []


def test_a_server_that_does_not_stop_is_stopped_at_once_and_else_told(node: Machine) -> None:
    node.servers = {node.data}
    with pytest.raises(machine.Failed, match="does not stop"):
        steps.stop()


def test_a_copy_is_checked_and_named_before_it_counts(node: Machine) -> None:
    assert copying.copy("192.0.2.1", KEY) == "the database is copied and checked"
    programs = [line.split()[0].rpartition("/")[2] for line in node.done]
    assert programs == ["pg_basebackup", "pg_verifybackup", "pg_controldata", "pg_controldata", "sync"]
    assert (copying.NEW / ".apresa-copy").read_text() == KEY
    assert (copying.NEW / "standby.signal").exists()
    assert copying.copy("192.0.2.1", KEY) == "the copy is there already"
    assert len(node.done) == 5


def test_a_copy_of_another_system_is_no_copy(node: Machine, tmp_path: Path) -> None:
    node.says = {
        f"pg_controldata {tmp_path}/main.new": "Database system identifier:           78\n",
        "pg_controldata": "Database system identifier:           77\n",
    }
    with pytest.raises(Refused, match="not a copy of this one's"):
        copying.copy("192.0.2.1", KEY)
    assert not (copying.NEW / ".apresa-copy").exists()
    with pytest.raises(Refused, match="There is no whole copy"):
        copying.swap(KEY, TICKET)
    assert (node.data / "PG_VERSION").exists()


def test_the_copy_takes_the_place_and_the_old_one_is_kept(node: Machine) -> None:
    (node.data / "old").touch()
    copying.copy("192.0.2.1", KEY)
    kept = node.data.with_name(f"main.before-{TICKET}")
    assert copying.swap(KEY, TICKET) == f"the old database is kept in {kept}"
    assert ((kept / "old").exists(), (node.data / ".apresa-copy").read_text()) == (True, KEY)
    assert copying.swap(KEY, TICKET) == "the copy is in its place already"


def test_a_power_cut_between_the_two_renames_costs_nothing(node: Machine) -> None:
    copying.copy("192.0.2.1", KEY)
    node.data.rename(node.data.with_name(f"main.before-{TICKET}"))
    copying.swap(KEY, TICKET)
    assert (node.data / ".apresa-copy").read_text() == KEY


def test_the_files_of_a_server_that_runs_stay(node: Machine) -> None:
    copying.copy("192.0.2.1", KEY)
    node.servers = {node.data}
    with pytest.raises(Refused, match="The server of this node runs"):
        copying.swap(KEY, TICKET)
    assert not (node.data / ".apresa-copy").exists()


def test_a_second_old_database_of_one_recovery_is_never_put_aside(node: Machine) -> None:
    old(node)
    copying.copy("192.0.2.1", KEY)
    with pytest.raises(Refused, match="is there already"):
        copying.swap(KEY, TICKET)
    assert (node.data / "PG_VERSION").exists()


def test_from_the_marks_to_the_last_step_the_node_cannot_be_promoted(node: Machine) -> None:
    for name in ("PGSQL.lock", "xlog_note.0", "xlog_note.1"):
        (node.agent / name).touch()
    for _ in range(2):
        steps.marks()
        left = sorted(path.name for path in node.agent.iterdir())
        assert left == ["apresa.recovering", "recovery.conf", "rep_mode.conf"]
    for _ in range(2):
        assert steps.promotable() == "this node may become active"
        assert not (node.agent / "apresa.recovering").exists()


def test_the_files_of_a_primary_are_made_in_maintenance_mode_only(node: Machine) -> None:
    (node.data / "standby.signal").touch()
    steps.marks()
    with pytest.raises(Refused, match="not in maintenance mode"):
        steps.primary()
    node.says["maintenance-mode"] = "true\n"
    assert steps.primary() == "the files are those of a primary"
    assert not (node.data / "standby.signal").exists()
    assert sorted(path.name for path in node.agent.iterdir()) == ["recovery.conf", "rep_mode.conf"]


@pytest.mark.parametrize(("says", "answer"), [("f", "the server takes writes already"), ("t", None)])
def test_the_files_of_a_primary_are_not_made_under_a_server(node: Machine, says: str, answer: str | None) -> None:
    node.says = {"maintenance-mode": "true", "query": says}
    node.servers = {node.data}
    if answer is None:
        with pytest.raises(Refused, match="stop it first"):
            steps.primary()
    else:
        assert steps.primary() == answer


def test_a_server_is_started_once_and_in_maintenance_mode_only(node: Machine) -> None:
    with pytest.raises(Refused, match="not in maintenance mode"):
        steps.start()
    node.says["maintenance-mode"] = "true"
    assert steps.start() == "the server runs"
    node.servers = {node.data}
    assert steps.start() == "the server runs already"
    assert next(line for line in node.done if "pg_ctl" in line).startswith("/usr/bin/systemd-run")


def test_the_first_start_is_refused_where_pacemaker_runs(node: Machine) -> None:
    node.says["is-active"] = "active\n"
    with pytest.raises(Refused, match="Pacemaker runs on this node"):
        steps.first()
    (node.agent / "PGSQL.lock").touch()
    node.says["is-active"] = "inactive\n"
    assert steps.first() == "the agent's mark is gone"
    assert list(node.agent.iterdir()) == []


@pytest.mark.parametrize("role", ["Primary", "Primary/Unknown", "", "Unknown"])
def test_recordings_in_use_are_not_discarded(node: Machine, role: str) -> None:
    node.says["role r0"] = role
    with pytest.raises(Refused, match="is in use"):
        steps.discard()
    assert [line for line in node.done if "discard" in line] == []


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        ("StandAlone", ["connect --discard-my-data r0"]),
        ("WFConnection", ["disconnect r0", "connect --discard-my-data r0"]),
        ("Connected", []),
        ("SyncTarget", []),
    ],
)
def test_parted_recordings_give_way_once(node: Machine, state: str, acts: list[str]) -> None:
    node.says = {"role r0": "Secondary/Unknown\n", "cstate r0": f"{state}\n"}
    steps.discard()
    done = [line.removeprefix("/sbin/drbdadm ") for line in node.done]
    assert done == ["role r0", "cstate r0", *acts]


@pytest.mark.parametrize("words", [[], ["nonsense"], ["swap"], ["swap", KEY], ["kept-open"], ["stop", "x"]])
def test_other_words_are_refused_with_what_there_is(
    node: Machine, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert steps.main(words) == 3
    assert capsys.readouterr().err.startswith("The steps are: copy, discard, first, kept-close,")
    assert node.done == []


def test_a_program_that_fails_is_one_sentence_and_another_exit_code(
    node: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    def failed(_argv: tuple[str, ...]) -> None:
        raise machine.Failed("pg_basebackup ended with exit code 1: no space")

    node.does["pg_basebackup"] = failed
    assert steps.main(["copy", "192.0.2.1", KEY]) == 1
    assert capsys.readouterr().err == "pg_basebackup ended with exit code 1: no space\n"

"""The set-up from the shell: what it says first, how it is followed, and what goes wrong."""

import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from cluster.domain import setup as engine
from cluster.domain.setup import SetupRefused
from cluster.findings import finding
from cluster.management import following
from cluster.management.commands import cluster_setup
from cluster.management.following import follow
from cluster.pairing.store import Peer, Store
from cluster.queries.setup import SetupState, StepLine
from cluster.setup.validate import Fault
from tests.samples.cluster.set_up import GOOD, answers_only, not_blank

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("folder", "platform")]
STEPS = (StepLine("ring", "Corosync", "done"), StepLine("volume", "DRBD", "running"))
RUNNING = SetupState("primary", "running", 50, STEPS)
DONE = SetupState("primary", "done", 100, (STEPS[0], replace(STEPS[1], state="done")))
FAILED = replace(
    RUNNING, state="failed", error="DRBD gave no answer.", steps=(STEPS[0], replace(STEPS[1], state="failed"))
)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setattr(settings, "APRESA", settings.APRESA.model_copy(update={"data": tmp_path}))
    monkeypatch.setattr(engine, "faults", answers_only)
    return Store(tmp_path / "cluster")


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The answers in TOML."""
    nodes = {place: asdict(getattr(GOOD, place)) for place in ("first", "second")}
    lines = [f'{name} = "{value}"' for name, value in asdict(GOOD).items() if name not in nodes]
    for place, answers in nodes.items():
        lines += [f"[{place}]", *(f'{name} = "{value}"' for name, value in answers.items())]
    path = tmp_path / "answers.toml"
    path.write_text("\n".join(lines))
    return str(path)


def states(monkeypatch: pytest.MonkeyPatch, *found: SetupState) -> None:
    """What is seen, one after the other; the last one stays."""
    left = list(found)
    monkeypatch.setattr(cluster_setup, "setup_state", lambda: left.pop(0) if len(left) > 1 else left[0])
    monkeypatch.setattr(following, "EVERY", 0)


def begins(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    asked: list[Any] = []
    monkeypatch.setattr(engine, name, lambda *args, **more: asked.append((args, more)))
    return asked


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("cluster_setup", *words, stdout=out)
    return out.getvalue()


def test_the_primary_is_set_up_after_it_was_said_what_that_means(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    states(monkeypatch, SetupState("", ""), RUNNING, DONE)
    asked = begins(monkeypatch, "ask_primary")
    lines = run("primary", file, "--yes").splitlines()
    assert lines[0].startswith("! ")
    assert "is overwritten: whatever lies on it is lost." in lines[0]
    assert lines[-3:] == ["Corosync: done", "DRBD: done", "Done."]
    assert asked == [((GOOD,), {"by": "command line"})]


def test_without_a_person_to_ask_nothing_is_done(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    asked = begins(monkeypatch, "ask_primary")
    with pytest.raises(CommandError, match=r"Nothing was done\. Add --yes"):
        run("primary", file)
    assert asked == []


def test_every_fault_is_told_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('floating = "10.9.9.9"\n')
    with pytest.raises(CommandError) as caught:
        run("primary", str(path), "--yes")
    assert "first.name: Write a name for this node, such as myrec1." in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [("[", "is no valid TOML"), ('fence = "x"', "Nothing is asked by the name 'fence'"), ("witness = 7", "is a text")],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(CommandError, match=said):
        run("primary", str(path), "--yes")


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        run("primary", str(tmp_path / "none.toml"), "--yes")


def test_what_the_world_has_against_it_is_told(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise SetupRefused((Fault("first.name", finding("name-local", value="debian")), Fault("", finding("roles"))))

    monkeypatch.setattr(engine, "ask_primary", refuse)
    with pytest.raises(CommandError) as caught:
        run("primary", file, "--yes")
    assert str(caught.value).splitlines() == [
        'first.name: Every machine calls itself "debian"; give this node a name of its own, such as myrec1.',
        "One node begins as primary, the other as secondary; choose one of each.",
    ]


def test_what_this_machine_has_against_it_is_told_before_anybody_is_asked(
    monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.setattr(engine, "faults", not_blank)
    with pytest.raises(CommandError, match=r"disk: /dev/sdb1 holds something already \(ext4\)"):
        run("primary", file)


def test_a_set_up_that_was_begun_is_not_begun_twice(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    states(monkeypatch, RUNNING)
    with pytest.raises(CommandError, match="A set-up was begun here already"):
        run("primary", file, "--yes")


def test_the_secondary_needs_a_pairing_first() -> None:
    with pytest.raises(CommandError, match="pair it with the primary first"):
        run("secondary", "--yes")


def test_the_secondary_is_set_up_from_what_crossed(monkeypatch: pytest.MonkeyPatch, folder: Store) -> None:
    folder.keep_answers(GOOD)
    folder.keep_peer(Peer("1", "myrec1", "192.168.2.11"))
    states(monkeypatch, SetupState("", ""), DONE)
    asked = begins(monkeypatch, "ask_secondary")
    text = run("secondary", "--yes")
    assert "myrec2 (192.168.2.12) becomes the secondary of the cluster of myrec1" in text
    assert asked == [((), {"by": "command line"})]


def test_after_a_failure_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    states(monkeypatch, RUNNING, DONE)
    asked = begins(monkeypatch, "again")
    assert run("again").splitlines() == ["Corosync: done", "DRBD: done", "Done."]
    assert asked == [((), {"by": "command line"})]


def test_a_failure_names_its_reason_and_the_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    states(monkeypatch, FAILED)
    begins(monkeypatch, "again")
    with pytest.raises(CommandError, match=r"DRBD gave no answer\. Go on with: manage.py cluster_setup again"):
        run("again")


def test_interrupting_leaves_it_to_go_on() -> None:
    out = io.StringIO()

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    follow(OutputWrapper(out), lambda: RUNNING, interrupt)
    assert "The set-up goes on without this command." in out.getvalue()


def test_a_job_that_nobody_takes_is_told_of_once() -> None:
    out = io.StringIO()
    left = [replace(RUNNING, state="queued")] * 200 + [DONE]
    follow(OutputWrapper(out), lambda: left.pop(0), lambda _seconds: None)
    assert out.getvalue().count("Nobody has taken it up yet.") == 1


def test_a_terminal_has_a_bar() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    left = [RUNNING, DONE]
    follow(OutputWrapper(out), lambda: left.pop(0), lambda _seconds: None)
    assert f"[{'#' * 15}{'-' * 15}]  50 % DRBD" in out.getvalue()


def test_status_tells_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    states(monkeypatch, FAILED)
    assert run("status").splitlines() == [
        "Set-up as primary: failed, 50 %",
        "  Corosync: done",
        "  DRBD: failed",
        "DRBD gave no answer.",
    ]


def test_status_of_a_machine_that_stands_alone() -> None:
    assert run("status") == "No set-up was asked for on this machine.\n"
    assert json.loads(run("status", "--json"))["state"] == ""


def test_a_set_up_is_given_up_after_it_was_said_what_that_means(monkeypatch: pytest.MonkeyPatch, folder: Store) -> None:
    folder.keep_answers(GOOD)
    states(monkeypatch, FAILED, replace(RUNNING, gives_up=True), SetupState(""))
    monkeypatch.setattr(engine, "against_giving_up", lambda: None)
    asked = begins(monkeypatch, "give_up")
    lines = run("give-up", "--yes").splitlines()
    assert lines[0].startswith("! /dev/sdb1 becomes blank again")
    assert lines[-1] == "Done: this machine works alone again."
    assert asked == [((), {"by": "command line"})]


def test_without_a_person_to_ask_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, folder: Store) -> None:
    folder.keep_answers(GOOD)
    states(monkeypatch, FAILED)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr(engine, "against_giving_up", lambda: None)
    asked = begins(monkeypatch, "give_up")
    with pytest.raises(CommandError, match=r"Nothing was done\. Add --yes"):
        run("give-up")
    assert asked == []


def test_what_cannot_be_given_up_is_one_sentence() -> None:
    with pytest.raises(CommandError, match="There is no set-up here that could be given up"):
        run("give-up", "--yes")

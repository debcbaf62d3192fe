"""The restart in the middle of a set-up: the old database is held, moved and compared before anything changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from cluster.act import ActFailed
from cluster.domain import setup_works
from cluster.domain.setup_works import switch
from cluster.runner import CommandUnavailable
from cluster.setup.answers import Plan
from cluster.setup.orders import Setting
from cluster.setup.validate import check
from cluster.types import Result, Why
from tests.cluster.setup.test_steps import SECRETS
from tests.cluster.setup.test_world import ANSWERS

GOOD = """
import json, sys
print(json.dumps({"state": "locked"}), flush=True)
sys.stdin.readline()
print("a warning of somebody's", flush=True)
print(json.dumps({"state": "moving", "done": 1, "whole": 2}), flush=True)
print(json.dumps({"state": "moved", "rows": 7, "digest": "ab"}), flush=True)
sys.stdin.read()
"""
BAD = """
import json, sys
print(json.dumps({"state": "locked"}), flush=True)
sys.stdin.readline()
sys.exit("CommandError: The table calls reads otherwise than it was written: nothing was moved.")
"""


@dataclass
class Run:
    """What a step knows, as far as the restart asks."""

    one: Setting
    no: bool = False
    done: list[str] = field(default_factory=list)

    def tell(self, _part: float = 0.0, _width: int = 0) -> None:
        """Nobody watches."""

    def keep(self, argv: str, code: int, said: str) -> None:
        self.done.append(f"{argv.split(maxsplit=1)[0]} {code} {said}".rstrip())

    def run(self, command: Any) -> Result:
        if self.no:
            raise CommandUnavailable(Why.MISSING, "The root helper does not answer.")
        self.done.append(command.name)
        return Result((command.name,), 0, "", "")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    own = settings.APRESA.model_copy(update={"data": tmp_path / "data"})
    for path in ("library", "default_database"):
        vars(own).pop(path, None)
    monkeypatch.setattr(settings, "APRESA", own)
    own.library.mkdir(parents=True)
    (own.data / "cluster" / "volume").mkdir(parents=True)
    (own.library / "1.opus").write_bytes(b"sound")
    monkeypatch.setattr(setup_works, "PROJECT", tmp_path)
    plan = check(ANSWERS)
    assert isinstance(plan, Plan)
    yield Run(Setting(plan, "primary", SECRETS))
    for process in setup_works._holding:
        process.wait(20)
    setup_works._holding.clear()


def mover(text: str) -> None:
    Path(vars(setup_works)["PROJECT"], "manage.py").write_text(text)


def yes() -> bool:
    return True


def test_the_units_change_only_after_recordings_and_database_were_moved(run: Any) -> None:
    mover(GOOD)
    switch("move", run, 10, yes)
    assert run.done == ["copy 0 1 files copied and compared", "move_database 0 7 rows, compared: ab", "switch"]


def test_a_database_that_reads_otherwise_changes_nothing(run: Any) -> None:
    mover(BAD)
    with pytest.raises(ActFailed) as failed:
        switch("move", run, 10, yes)
    assert failed.value.reason.code == "move-failed"
    assert str(failed.value.reason.parameters["detail"]).endswith("nothing was moved.")
    assert "switch" not in run.done


def test_a_mover_that_cannot_start_changes_nothing(run: Any) -> None:
    mover("import sys; sys.exit('no')")
    with pytest.raises(ActFailed) as failed:
        switch("move", run, 10, yes)
    assert (failed.value.reason.code, run.done) == ("move-failed", [])


def test_a_machine_that_does_not_restart_lets_go_of_its_database(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mover(GOOD)
    monkeypatch.setattr(setup_works, "PATIENCE", 0.0)
    with pytest.raises(ActFailed) as failed:
        switch("move", run, 10, lambda: False)
    assert failed.value.reason.code == "not-stopped"


def test_without_the_helper_the_restart_is_told_as_such(run: Any) -> None:
    mover(GOOD)
    run.no = True
    with pytest.raises(ActFailed) as failed:
        switch("move", run, 10, yes)
    assert failed.value.reason.code == "unavailable"


def test_the_secondary_has_nothing_to_move(run: Any) -> None:
    switch("leave", run, 10, yes)
    assert run.done == ["switch"]


def test_the_mover_is_a_process_of_full_mode(run: Any) -> None:
    mover(
        "import json, os\n"
        "print(json.dumps({'state': 'locked'}), flush=True)\n"
        "raise SystemExit(os.environ['APRESA_MODE'] + ' ' + os.environ['APRESA_DATA'])\n"
    )
    with pytest.raises(ActFailed) as failed:
        switch("move", run, 10, yes)
    assert failed.value.reason.parameters["detail"] == f"full {settings.APRESA.data}"

"""What giving a set-up up does itself: the lone machine's own comes back, and nothing that people changed is lost."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apresa import layout
from apresa.moving import Changed, MoveError
from apresa.node.domain import become, identity
from apresa.node.models import Role
from cluster.act import ActFailed
from cluster.domain import setup_looking, setup_undo
from cluster.domain.setup_looking import KEPT, library_aside
from cluster.setup.seen import Place
from cluster.types import Result

pytestmark = [pytest.mark.django_db(databases=["default", "node"]), pytest.mark.usefixtures("here")]


@dataclass
class Run:
    done: list[str] = field(default_factory=list)

    def tell(self, _part: float = 0.0, _width: int = 0) -> None:
        """Nobody watches."""

    def keep(self, _argv: str, _code: int, said: str) -> None:
        self.done.append(said)

    def run(self, command: Any) -> Result:
        self.done.append(command.name)
        return Result((command.name,), 0, "", "")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose set-up as the secondary has put everything aside."""
    own = settings.APRESA.model_copy(update={"data": tmp_path})
    for path in ("library", "default_database"):
        vars(own).pop(path, None)
    monkeypatch.setattr(settings, "APRESA", own)
    own.library.mkdir(parents=True)
    layout.mark_library(own.library)
    (own.library / "1.opus").write_bytes(b"sound")
    own.library.rename(library_aside())
    own.library.mkdir()
    kept = own.default_database.with_name(KEPT)
    kept.write_bytes(b"rows")
    kept.chmod(0o400)
    become(Role.SECONDARY, "192.168.2.12", 24, "192.168.2.10")
    return tmp_path


def back() -> None:
    run: Any = Run()
    setup_undo.WORKS["back"](run, 0)


def is_whole() -> bool:
    node, own = identity(), settings.APRESA
    same = own.default_database.read_bytes() == b"rows" and own.default_database.stat().st_mode & 0o777 == 0o600
    marker = layout.check_library(own.library)
    return (
        same
        and (own.library / "1.opus").read_bytes() == b"sound"
        and (node.role, node.library)
        == (
            Role.STANDALONE,
            marker,
        )
    )


def test_database_recordings_and_role_come_back() -> None:
    back()
    assert is_whole()
    assert (identity().primary_address, identity().address) == ("", "192.168.2.12")


def _no_folder(own: Any) -> None:
    own.library.rmdir()


def _library_is_back(own: Any) -> None:
    own.library.rmdir()
    library_aside().rename(own.library)


def _database_is_back(own: Any) -> None:
    _library_is_back(own)
    own.default_database.with_name(KEPT).rename(own.default_database)
    own.default_database.chmod(0o600)


@pytest.mark.parametrize("died", [_no_folder, _library_is_back, _database_is_back, lambda _own: back()])
def test_one_that_was_killed_in_the_middle_goes_on(died: Callable[[Any], None]) -> None:
    died(settings.APRESA)
    back()
    assert is_whole()


def test_a_library_that_holds_something_is_not_replaced() -> None:
    (settings.APRESA.library / "new.opus").write_bytes(b"new")
    with pytest.raises(ActFailed) as failed:
        back()
    assert failed.value.reason.code == "not-back"
    assert (library_aside() / "1.opus").read_bytes() == b"sound"
    assert (settings.APRESA.library / "new.opus").read_bytes() == b"new"
    assert identity().role == Role.SECONDARY


def test_a_library_without_its_marker_is_no_library() -> None:
    (library_aside() / layout.MARKER).unlink()
    with pytest.raises(ActFailed):
        back()
    assert identity().role == Role.SECONDARY


@pytest.mark.parametrize(
    ("own", "kept", "place"),
    [(True, False, Place.OWN), (False, True, Place.ASIDE), (True, True, Place.BOTH), (False, False, Place.NOWHERE)],
)
def test_where_the_lone_machines_database_lies_is_seen(own: bool, kept: bool, place: Place) -> None:
    path: Path = settings.APRESA.default_database
    path.with_name(KEPT).unlink()
    if own:
        path.write_bytes(b"")
    if kept:
        path.with_name(KEPT).write_bytes(b"")
    assert setup_looking._database_place() is place


@contextmanager
def _same(kept: Path, _alive: object) -> Iterator[None]:
    assert kept == settings.APRESA.default_database.with_name(KEPT)
    yield


def _raises(error: Exception) -> Callable[[Path, object], AbstractContextManager[None]]:
    def held(_kept: Path, _alive: object) -> AbstractContextManager[None]:
        raise error

    return held


def test_the_server_ends_while_nobody_can_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_undo, "held_unchanged", _same)
    run: Any = Run()
    setup_undo.WORKS["compare"](run, 0)
    assert run.done == ["nothing was changed since the database was moved", "database-server"]


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (_raises(Changed("auth_group")), "changed-since"),
        (_raises(MoveError("The databases could not be compared: no answer.")), "not-compared"),
    ],
)
def test_what_differs_or_cannot_be_compared_is_told(monkeypatch: pytest.MonkeyPatch, held: Any, code: str) -> None:
    monkeypatch.setattr(setup_undo, "held_unchanged", held)
    run: Any = Run()
    with pytest.raises(ActFailed) as failed:
        setup_undo.WORKS["compare"](run, 0)
    assert (failed.value.reason.code, run.done) == (code, [])

"""A locked session moves aside, whatever is killed on the way, and no session that writes in clear takes its place."""

from pathlib import Path

import pytest

from recordings.pipeline.spool.errors import SpoolBusy
from recordings.pipeline.spool.journal import Kind
from recordings.pipeline.spool.keys import KeyFolder
from recordings.pipeline.spool.layout import Session, sessions
from recordings.pipeline.spool.making_way import is_locked, make_way
from recordings.pipeline.spool.sealing import sealing_of
from recordings.pipeline.spool.segments import JournalWriter
from tests.samples.sealing import reboot, recipient, sealed_session

pytestmark = pytest.mark.usefixtures("key_folder")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = sealed_session(tmp_path / "live", "n1")
    write(made)
    return made


def write(session: Session) -> None:
    out = JournalWriter(session.journal, {}, sealing=sealing_of(session))
    out.append(Kind.FRAME, 1, b"said")
    out.close()


def test_in_the_same_boot_a_session_stays(session: Session) -> None:
    assert (is_locked(session), make_way(session, "n1")) == (False, None)
    assert session.journal.is_dir()


def test_after_a_reboot_it_moves_aside_and_the_next_one_is_sealed_too(session: Session, key_folder: KeyFolder) -> None:
    reboot(key_folder)
    moved = make_way(session, "n1")
    assert moved is not None
    assert [found.path for found in sessions(session.path.parent)] == [session.path, moved]
    assert sealing_of(session).recipient() == recipient()
    assert make_way(session, "n1") is None
    write(session)
    assert is_locked(Session(moved))
    assert not is_locked(session)


def test_a_clear_session_stays(tmp_path: Path) -> None:
    session = Session(tmp_path / "live")
    session.create("n1")
    out = JournalWriter(session.journal, {})
    out.append(Kind.FRAME, 1, b"said")
    out.close()
    assert make_way(session, "n1") is None


def test_a_session_at_work_is_not_moved(session: Session, key_folder: KeyFolder) -> None:
    reboot(key_folder)
    with session.lock("holder"), pytest.raises(SpoolBusy):
        make_way(session, "n1")
    assert session.path.exists()


@pytest.mark.parametrize("killed_at", [1, 2])
def test_a_kill_between_the_renames_is_made_good_and_stays_sealed(
    session: Session, key_folder: KeyFolder, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    reboot(key_folder)
    renames, rename = [0], Path.rename

    def dying(path: Path, target: Path) -> Path:
        if path.name in {"live", "live.next"}:
            renames[0] += 1
            if renames[0] == killed_at:
                raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", dying)
    with pytest.raises(KeyboardInterrupt):
        make_way(session, "n1")
    monkeypatch.undo()
    make_way(session, "n1")
    assert sealing_of(session).recipient() == recipient()
    assert is_locked(session) is False
    assert len(sessions(session.path.parent)) == 2


def test_without_a_policy_the_next_session_does_not_take_that_for_clear(
    session: Session, key_folder: KeyFolder
) -> None:
    reboot(key_folder)
    session.policy.unlink()
    make_way(session, "n1")
    with pytest.raises(OSError, match="cannot be read"):
        sealing_of(session).recipient()

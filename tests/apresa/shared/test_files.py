"""Files that are whole or absent."""

import stat
import threading
from pathlib import Path

import pytest

from apresa.shared.files import create_once, sync_volume, write_atomically


def test_written_file_replaces_the_old_one_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "policy.json"
    write_atomically(target, b"old")
    write_atomically(target, b"new", mode=0o640)
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", 0o640)
    assert [path.name for path in tmp_path.iterdir()] == ["policy.json"]


def test_write_that_fails_keeps_the_old_file_and_leaves_nothing_beside(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "inside").touch()
    with pytest.raises(OSError, match="folder"):
        write_atomically(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_file_made_once_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "secret"
    made = [create_once(target, b"one"), create_once(target, b"two")]
    assert (made, target.read_bytes(), len(list(tmp_path.iterdir()))) == ([True, False], b"one", 1)


def test_of_many_at_once_exactly_one_makes_the_file(tmp_path: Path) -> None:
    target, made = tmp_path / "secret", []
    threads = [
        threading.Thread(target=lambda name=name: made.append(create_once(target, name)))
        for name in (b"a", b"b", b"c", b"d")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, False, True]


def test_volume_of_a_folder_is_synced_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    sync_volume(tmp_path)
    with pytest.raises(FileNotFoundError):
        sync_volume(tmp_path / "none")

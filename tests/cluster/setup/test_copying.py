"""Recordings on their way to the volume: all of them, read back, and no longer what was deleted."""

from pathlib import Path

import pytest

from cluster.setup.copying import CopyError, mirror


def quiet(_done: int, _whole: int) -> None:
    """Nobody watches."""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    (folder / "2026" / "03").mkdir(parents=True)
    (folder / ".apresa-library").write_text("marker\n")
    for number in range(3):
        (folder / "2026" / "03" / f"{number}.opus").write_bytes(bytes([number]) * 70_000)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_copied_with_its_marker_once(library: Path, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    told: list[tuple[int, int]] = []
    assert mirror(library, volume, lambda done, whole: told.append((done, whole))) == 4
    assert content(volume) == content(library)
    assert told[-1] == (210_007, 210_007)
    assert mirror(library, volume, quiet) == 0


def test_what_was_deleted_meanwhile_goes_from_the_volume_too(library: Path, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    mirror(library, volume, quiet)
    (library / "2026" / "03" / "1.opus").unlink()
    (volume / ".half.opus.apresa").write_bytes(b"of a copy that was killed")
    mirror(library, volume, quiet)
    assert content(volume) == content(library)


def test_links_are_not_followed(library: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (library / "link").symlink_to(tmp_path / "secret")
    volume = tmp_path / "volume"
    volume.mkdir()
    mirror(library, volume, quiet)
    assert not (volume / "link").exists()


def test_a_disk_that_reads_back_otherwise_is_told(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other:
        def digest(self) -> bytes:
            return b"other"

    volume = tmp_path / "volume"
    volume.mkdir()
    monkeypatch.setattr("hashlib.file_digest", lambda *_: Other())
    with pytest.raises(CopyError, match=r"reads back otherwise than it was written; look at the disk\.$"):
        mirror(library, volume, quiet)
    assert [path for path in volume.rglob("*") if path.is_file()] == []

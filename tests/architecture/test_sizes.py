"""Files stay small enough to read in one go."""

import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LONGEST = 300


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    # A release's archive has no repository: then the folders themselves are read.
    names = listed or [str(path.relative_to(PROJECT)) for room in ROOMS for path in (PROJECT / room).rglob("*.py")]
    return [PROJECT / name for name in names if "/migrations/" not in name and (PROJECT / name).exists()]


ROOMS = ("apresa", "recordings", "cluster", "worker", "tests")


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_longer_than_this() -> None:
    assert [str(path.relative_to(PROJECT)) for path in sources() if lines(path) > LONGEST] == []


def test_middle_file_is_short() -> None:
    lengths = sorted(lines(path) for path in sources() if path.name != "__init__.py")
    assert lengths[len(lengths) // 2] < 100


def test_tests_hold_no_package_files() -> None:
    assert list((PROJECT / "tests").rglob("__init__.py")) == []

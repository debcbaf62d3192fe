"""Imports go down only, and the islands stay islands."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
# scapy is GPL-2.0-only: what shares its process must have a licence that allows it, so a few libraries never may.
NOT_BESIDE_SCAPY = ("django", "celery", "psycopg", "av")
SCAPY_DOOR = "recordings/pipeline/signalling/foreign.py"


def imports(path: Path) -> set[str]:
    """The packages, by first name, that a file imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def importing(package: str, *rooms: str) -> list[str]:
    files = sorted(path for room in rooms for path in (PROJECT / room).rglob("*.py"))
    return [str(path.relative_to(PROJECT)) for path in files if package in imports(path)]


def test_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_scapy_is_imported_through_one_door() -> None:
    assert set(importing("scapy", "apresa", "recordings", "cluster", "worker")) <= {SCAPY_DOOR}


def test_av_is_imported_by_codecs_and_render_only() -> None:
    allowed = ("recordings/pipeline/media/codecs/", "recordings/pipeline/render/")
    assert [
        name for name in importing("av", "apresa", "recordings", "cluster", "worker") if not name.startswith(allowed)
    ] == []


RECORDING_PROCESSES = sorted(path.stem for path in (PROJECT / "worker/sniffer").glob("[!_]*.py"))


def loaded_by(module: str) -> set[str]:
    """The packages outside the standard library that a process loads with this module."""
    program = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split()) - set(sys.stdlib_module_names) - {"apresa", "recordings", "worker"}


def test_holder_needs_the_standard_library_alone() -> None:
    # Without site there is no installed package at all.
    command = [sys.executable, "-S", "-c", "import worker.sniffer.holder"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", RECORDING_PROCESSES)
def test_recording_process_loads_neither_django_nor_its_company(name: str) -> None:
    assert loaded_by(f"worker.sniffer.{name}") & set(NOT_BESIDE_SCAPY) == set()

"""What `script/test` runs, in order. Standard library only."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from script.setup import ROOT
from tests.lab.cluster.place import why_not

PYTHON = str(ROOT / ".venv" / "bin" / "python")
UNIT = "not embedded and not full and not browser and not lab and not cluster_lab and not shared"


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the table. `quick` belongs to the inner loop; `missing` says why it cannot run here, or "".

    Stages of one `lane` run one after the other, the two lanes side by side. "machine" are those that start services,
    namespaces and browsers on this machine, and wait more than they compute.
    """

    name: str
    what: str
    commands: Sequence[Sequence[str]]
    seconds: int = 300
    quick: bool = False
    missing: Callable[[], str] = str
    service: bool = False  # starts the node as the service user, who must be able to read the project
    lane: str = "tests"


def _tool(*words: str) -> list[str]:
    return [PYTHON, "-m", *words]


def _pytest(marker: str, *more: str) -> list[str]:
    return _tool("pytest", "-q", "-m", marker, *more)


def _in_order(marker: str) -> list[str]:
    """Tests that share servers: in the order of their files, so that a run can be repeated as it was."""
    return _pytest(marker, "-p", "no:randomly")


def _manage(*words: str) -> list[str]:
    return [PYTHON, "manage.py", *words]


def _needs_root() -> str:
    return "" if os.geteuid() == 0 else "network namespaces need root"


def _needs_captures() -> str:
    return "" if (ROOT.parent / "shared" / "captures").is_dir() else "the reference captures are not beside the project"


def other_pythons() -> list[tuple[str, Path]]:
    """Further supported Pythons of this machine, beside the one of `.venv`."""
    own = Path(PYTHON).resolve().name
    homes = [Path("/usr/bin"), Path("/usr/local/bin"), *sorted(Path.home().glob(".pyenv/versions/*/bin"))]
    found: dict[str, Path] = {}
    for name in ("python3.11", "python3.12", "python3.13"):
        for home in homes:
            if name != own and (home / name).is_file():
                found[name.removeprefix("python")] = home / name
    return sorted(found.items())


def _on_python(version: str, python: Path) -> Stage:
    environment = ROOT / f".venv-{version}"
    inside = str(environment / "bin" / "python")
    marker = f"({UNIT})"
    commands = (
        ["python3", "-m", "script.setup", "--python", str(python), "--environment", str(environment)],
        [inside, "-m", "pytest", "-q", "-n", "2", "-m", marker, "-p", "no:cacheprovider"],
    )
    return Stage(f"python-{version}", f"the unit tests on Python {version}", commands, seconds=1200)


def _on_this_machine() -> list[Stage]:
    found = (
        Stage("embedded", "the whole node: SQLite, workers, web", (_in_order("embedded"),), 900, service=True),
        Stage("lab", "SIPp calls, processes killed", (_in_order("lab"),), 900, missing=_needs_root, service=True),
        Stage("cluster-lab", "a real cluster of two, a failover", (_in_order("cluster_lab"),), 1500, missing=why_not),
        Stage("demo", "script/demo --check", (["script/demo", "--check"],), 180),
        Stage("browser", "pages in headless Chromium", (_in_order("browser"),), 1200),
    )
    return [replace(stage, lane="machine") for stage in found]


def stages() -> list[Stage]:
    return [
        Stage(
            "lint",
            "ruff, format, templates",
            (
                _tool("ruff", "check", "."),
                _tool("ruff", "format", "--check", "."),
                _tool("djlint", "--lint", "--quiet", "apresa", "recordings", "cluster"),
            ),
            quick=True,
        ),
        Stage("types", "mypy --strict", (_tool("mypy"), _tool("mypy", "-p", "script")), quick=True),
        Stage("imports", "the import contract", ([str(Path(PYTHON).with_name("lint-imports"))],), quick=True),
        Stage(
            "migrations",
            "no model without its migration; checks; a database from nothing",
            (
                _manage("makemigrations", "--check", "--dry-run"),
                _manage("migrate", "--verbosity", "0"),
                _manage("check", "--fail-level", "WARNING"),
            ),
            quick=True,
        ),
        Stage("unit", "everything that needs no server", (_pytest(UNIT, "-n", "2"),), seconds=900, quick=True),
        Stage("full", "PostgreSQL, a hot standby, Redis", (_in_order("full"),), seconds=1500),
        Stage("shared", "the public captures", (_in_order("shared"),), seconds=600, missing=_needs_captures),
        *(_on_python(version, python) for version, python in other_pythons()),
        *_on_this_machine(),
    ]

"""Install what Apresa needs and nothing twice: Debian packages, `.venv`, the locked requirements.

Standard library only: it runs before anything is installed. A second run with nothing changed needs no network.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 13)
TEST_PACKAGES = ("postgresql", "redis-server", "chromium", "sip-tester", "iproute2", "gettext", "mmdebstrap")


class SetupError(RuntimeError):
    """Something is missing that only the person at the keyboard can give; the text says what."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def install(*, tests: bool) -> Path:
    """Make `.venv` as the lock files say and give its Python. Raises SetupError."""
    requirements = ROOT / ("requirements-dev.txt" if tests else "requirements.txt")
    if tests:
        need_packages(TEST_PACKAGES)
    python = ROOT / ".venv" / "bin" / "python"
    if not works(python):
        make_environment(find_python(), ROOT / ".venv")
    install_requirements(python, requirements)
    return python


def works(python: Path) -> bool:
    """Does this environment start, with a Python that we support?"""
    return python.exists() and version_of(python) is not None


def version_of(python: Path) -> tuple[int, int] | None:
    question = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([str(python), "-c", question], capture_output=True, text=True, timeout=20, check=True)
        major, minor = answer.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    found = (int(major), int(minor))
    return found if OLDEST <= found <= NEWEST else None


def find_python() -> Path:
    """The system's Python first: one below somebody's home cannot be run by the service user."""
    names = ["/usr/bin/python3", *(f"/usr/bin/python3.{minor}" for minor in (13, 12, 11))]
    others = [shutil.which(name) for name in ("python3.13", "python3.12", "python3.11", "python3")]
    for candidate in [*names, os.path.realpath(sys.executable), *(name for name in others if name)]:
        if version_of(Path(candidate)):
            return Path(candidate)
    raise SetupError("Apresa needs Python 3.11, 3.12 or 3.13; install one: apt-get install python3 python3-venv")


def make_environment(python: Path, folder: Path) -> None:
    probe = subprocess.run([str(python), "-c", "import ensurepip, venv"], capture_output=True, check=False)
    if probe.returncode and str(python).startswith("/usr/bin/"):
        need_packages((f"{Path(os.path.realpath(python)).name}-venv",))
    say(f"making {folder.name} with {python}")
    run([str(python), "-m", "venv", "--clear", str(folder)], "The virtual environment could not be made")


def install_requirements(python: Path, requirements: Path) -> None:
    """Install the lock file, unless this environment was already made from the same one (or its superset)."""
    stamps = python.parent.parent / ".installed"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamps.exists() and f"{requirements.name} {digest}" in stamps.read_text(encoding="ascii").splitlines():
        return
    count = sum(1 for line in requirements.read_text(encoding="utf-8").splitlines() if "==" in line.partition("#")[0])
    say(f"installing the {count} locked packages of {requirements.name} (some minutes the first time)")
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes"]
    command += ["--only-binary", ":all:", "--no-input", "-r", str(requirements)]
    run(command, "The packages could not be installed")
    lines = [f"{requirements.name} {digest}"]
    if requirements.name == "requirements-dev.txt":  # it contains the other
        lines.append(f"requirements.txt {hashlib.sha256((ROOT / 'requirements.txt').read_bytes()).hexdigest()}")
    stamps.write_text("\n".join(lines) + "\n", encoding="ascii")


def need_packages(names: tuple[str, ...]) -> None:
    """Install Debian packages that are missing, as root or by a sudo that asks nothing. Raises SetupError."""
    missing = [name for name in names if not has_package(name)]
    if not missing:
        return
    line = f"apt-get install --no-install-recommends {' '.join(missing)}"
    rights = administrator()
    if rights is None or not shutil.which("apt-get"):
        raise SetupError(f"These packages are missing, and I may not install them; as root run: {line}")
    say(f"installing Debian packages: {' '.join(missing)}")
    apt = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    run([*apt, "update"], "The package lists could not be read")
    run([*apt, "install", "-y", "--no-install-recommends", *missing], f"Packages could not be installed ({line})")


def has_package(name: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${Status}", name]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return False
    return answer.stdout == "install ok installed"


def administrator() -> list[str] | None:
    """What to put before a command that root must run; None when we cannot become root."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def run(command: list[str], failure: str) -> None:
    """Run a long step, showing its last line on a terminal. Raises SetupError with the end of its output."""
    lines: list[str] = []
    width = shutil.get_terminal_size().columns - 1
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as child:
        for line in child.stdout or ():
            lines = [*lines[-20:], line.rstrip()]
            if sys.stdout.isatty():
                print(f"\r\033[K{lines[-1][:width]}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    if child.returncode:
        raise SetupError(f"{failure}:\n" + "\n".join(lines))


def install_beside(python: Path, environment: Path) -> None:
    """An environment with another Python, to run the tests on it too. Raises SetupError."""
    inside = environment / "bin" / "python"
    if not works(inside):
        make_environment(python, environment)
    install_requirements(inside, ROOT / "requirements-dev.txt")


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/setup", description="Install what is missing, and nothing twice.")
    parser.add_argument("--tests", action="store_true", help="also what the tests need")
    parser.add_argument("--python", type=Path, help="with --environment: the Python to make it with")
    parser.add_argument("--environment", type=Path, help="another virtual environment, for the tests alone")
    chosen = parser.parse_args()
    try:
        if chosen.environment and chosen.python:
            install_beside(chosen.python, chosen.environment)
        else:
            install(tests=chosen.tests)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

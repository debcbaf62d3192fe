"""How the lab runs programs of this machine: argv lists, always with a time limit."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.lab.cluster.place import LabError


def run(*words: str | Path, seconds: float = 60.0, stdin: str | None = None, check: bool = True) -> str:
    """Its standard output. Raises LabError with its last words when it fails or takes too long."""
    argv = [str(word) for word in words]
    try:
        done = subprocess.run(
            argv, input=stdin or "", capture_output=True, text=True, errors="replace", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        if not check:
            return ""
        raise LabError(f"{_short(argv)}: no end within {seconds:g} s") from None
    if check and done.returncode:
        raise LabError(f"{_short(argv)}: exit {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def _short(argv: Sequence[str]) -> str:
    return " ".join(argv)[:300]

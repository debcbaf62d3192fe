"""Where the lab lives, what it is called, and why it cannot run here."""

import os
import shutil
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("LAB_CACHE", "/var/cache/apresa-lab"))
"""Keeps the root tree between runs; all else lies in RUN."""
TREE = CACHE / "tree"
BUILT = TREE / "etc" / "apresa-lab-built"
RUN = Path("/dev/shm/apresa-cluster-lab")
LOCK = Path("/run/lock/apresa-cluster-lab.lock")
HUB = "apresa-cluster-hub"
CGROUP = "apresa-cluster-lab"
NETWORK = "10.77.1"
LINK_NETWORK = "10.77.2"
FLOATING = f"{NETWORK}.10"
HUB_ADDRESS = f"{NETWORK}.1"
NUMBERS = (1, 2)
PACKAGES = "iproute2 mmdebstrap"


class LabError(Exception):
    """The lab cannot go on; the text says why."""


def name(number: int) -> str:
    return f"myrec{number}"


def number_of(node: str) -> int:
    return int(node.removeprefix("myrec"))


def address(number: int) -> str:
    return f"{NETWORK}.1{number}"


def board_address(number: int) -> str:
    """A node's management board."""
    return f"{NETWORK}.2{number}"


def link_address(number: int) -> str:
    """A node's on the replication link."""
    return f"{LINK_NETWORK}.1{number}"


def cgroup_home() -> Path | None:
    """Where this machine has cgroup v2, if it has."""
    mounts = (line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines())
    return next((Path(words[1]) for words in mounts if words[2] == "cgroup2"), None)


def why_not() -> str:
    """Why the lab cannot run here; "" when it can."""
    if os.geteuid() != 0:
        return "the cluster lab needs root"
    tools = ("ip", "unshare", "nsenter", *(() if BUILT.exists() else ("mmdebstrap",)))
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        return f"the cluster lab needs {', '.join(missing)} (Debian: {PACKAGES})"
    if cgroup_home() is None or "overlay" not in Path("/proc/filesystems").read_text(encoding="utf-8"):
        return "the cluster lab needs overlayfs, and cgroup v2 mounted somewhere"
    if CHECKOUT.stat().st_mode & 0o005 != 0o005:
        return "the cluster lab shows its nodes this checkout, whose folder every user must be able to read"
    if not _python_is_theirs():
        return "the lab's nodes are Debian 12 and use .venv as it is, so it must be of Debian 12's own Python 3.11"
    return ""


def _python_is_theirs() -> bool:
    try:
        lines = (CHECKOUT / ".venv" / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    told = dict(line.split(" = ", 1) for line in lines if " = " in line)
    return told.get("home") == "/usr/bin" and told.get("version", "").startswith("3.11.")

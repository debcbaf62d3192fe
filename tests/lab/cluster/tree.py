"""The Debian 12 root tree that both nodes share, built once and kept; a node's own disk is an overlay on it."""

import shutil
from pathlib import Path

from tests.lab.cluster.place import BUILT, CACHE, TREE, LabError
from tests.lab.cluster.shell import run

INCLUDE = (
    "systemd-sysv dbus kmod iproute2 iputils-ping iputils-arping procps psmisc less pacemaker pacemaker-cli-utils "
    "corosync corosync-qdevice corosync-qnetd crmsh resource-agents postgresql-15 postgresql-client-15 redis-server "
    "redis-tools python3 rsync openssl nginx fence-agents ipmitool python3-pyghmi"
)
LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*")


def build() -> None:
    """Build the tree where it is not there yet. Raises LabError."""
    if _is_built():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    remove(TREE)
    # In a mount namespace of its own: an interrupted build must leave nothing of this machine mounted in the tree.
    run(
        *("unshare", "--mount", "--propagation", "private", "mmdebstrap", "--variant=minbase", "--components=main"),
        *("--aptopt=Apt::Install-Recommends false", f"--include={','.join(INCLUDE.split())}"),
        *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
        *("bookworm", TREE),
        seconds=1200,
    )
    BUILT.write_text(INCLUDE, encoding="ascii")


def _is_built() -> bool:
    """A tree of other packages is built anew, and so is one whose building was interrupted."""
    return BUILT.exists() and BUILT.read_text(encoding="ascii") == INCLUDE


def remove(folder: Path) -> None:
    """Remove a folder of the lab, but never through something mounted below it. Raises LabError."""
    if below := mounts_below(folder):
        raise LabError(f"{below[0]} is mounted below {folder}: unmount it first.")
    if folder.is_symlink():
        raise LabError(f"{folder} is a link; it is not removed.")
    if folder.exists():
        shutil.rmtree(folder)


def mounts_below(folder: Path) -> list[str]:
    lines = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    return [place for place in (line.split()[1] for line in lines) if place.startswith(f"{folder}/")]

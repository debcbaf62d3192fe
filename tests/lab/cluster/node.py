"""One node: namespaces over the shared tree, real systemd as process 1, a disk in memory that outlives a power cut."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from tests.lab.cluster import network
from tests.lab.cluster.place import CGROUP, CHECKOUT, RUN, TREE, LabError, cgroup_home, name
from tests.lab.cluster.shell import run

BOOT = 60.0  # seconds; a node is up in about one
INSIDE = {"PATH": "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "PYTHONDONTWRITEBYTECODE": "1"}


class Node:
    def __init__(self, number: int) -> None:
        self.number = number
        self.name = name(number)
        self.home = RUN / self.name
        self.root = self.home / "root"
        self._mark = self.home / "process"
        self._outer: subprocess.Popen[bytes] | None = None

    def process(self) -> int | None:
        """The node's process 1 as this machine numbers it; None while it is off."""
        try:
            number, started = self._mark.read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return None
        return int(number) if _started(int(number)) == started else None

    def make_disk(self) -> None:
        if not os.path.ismount(self.home):
            self.home.mkdir(parents=True, exist_ok=True)
            run("mount", "-t", "tmpfs", "-o", "size=2g,mode=755", "tmpfs", self.home)
        for part in ("up", "work", "root"):
            (self.home / part).mkdir(exist_ok=True)
        if not os.path.ismount(self.root):
            layers = f"lowerdir={TREE},upperdir={self.home}/up,workdir={self.home}/work"
            run("mount", "-t", "overlay", "overlay", "-o", layers, self.root)

    def on(self) -> None:
        """Boot it, and wait until systemd is through. Raises LabError."""
        if self.process():
            return
        group = _group(self.number)
        group.mkdir(parents=True, exist_ok=True)
        with (self.home / "console.log").open("wb") as console:
            self._outer = subprocess.Popen(
                [
                    *("sh", "-c", 'echo $$ >"$0/cgroup.procs"; exec unshare "$@"', str(group)),
                    *("--net", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child"),
                    *("sh", str(Path(__file__).with_name("init.sh")), str(self.root), self.name, str(CHECKOUT)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        process = _child_of(self._outer)
        self._mark.write_text(f"{process} {_started(process)}", encoding="ascii")
        network.plug(self.number, process)
        self.wait("systemctl is-active --quiet multi-user.target", BOOT)

    def off(self) -> None:
        """Pull the plug: first the cable, so that no FIN gets out, then everything dies at once."""
        network.unplug(self.number)
        process = self.process()
        if process:
            os.kill(process, signal.SIGKILL)
            end = time.monotonic() + 20
            while _started(process) and time.monotonic() < end:
                time.sleep(0.02)
        if self._outer:  # where this very process had started it
            self._outer.wait(20)
            self._outer = None
        self._mark.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # it is no hindrance: the next start uses it again
            for folder in sorted(_group(self.number).rglob("*/"), reverse=True):
                folder.rmdir()
            _group(self.number).rmdir()

    def remove_disk(self) -> None:
        for folder in (self.root, self.home):
            if os.path.ismount(folder):
                run("umount", "-l", folder)
        if self.home.exists():
            self.home.rmdir()

    def enter(self, *words: str) -> list[str]:
        """The command line that runs these words on the node. Raises LabError while it is off."""
        process = self.process()
        if process is None:
            raise LabError(f"{self.name} is off.")
        environment = [f"{key}={value}" for key, value in INSIDE.items()]
        return ["nsenter", "-t", str(process), "-m", "-n", "-p", "-u", "-i", "--", "env", "-i", *environment, *words]

    def run(self, *words: str, seconds: float = 60.0, stdin: str | None = None, check: bool = True) -> str:
        return run(*self.enter(*words), seconds=seconds, stdin=stdin, check=check)

    def sh(self, script: str, *, seconds: float = 60.0, check: bool = True) -> str:
        return self.run("sh", "-c", script, seconds=seconds, check=check)

    def wait(self, script: str, seconds: float) -> None:
        """Until the script succeeds on the node. Raises LabError."""
        end = time.monotonic() + seconds
        while subprocess.run(self.enter("sh", "-c", script), capture_output=True, check=False, timeout=30).returncode:
            if time.monotonic() > end:
                raise LabError(f"{self.name}: not reached within {seconds:g} s: {script}\n{self.last_words()}")
            time.sleep(0.2)

    def last_words(self) -> str:
        return self.sh("systemctl --failed --no-legend; journalctl -q --no-pager -p warning -n 30", check=False)

    def write(self, path: str, text: str | bytes, mode: int = 0o644) -> None:
        """A file on the node's disk, on or off; an existing one keeps its owner."""
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        place.chmod(mode)


def _group(number: int) -> Path:
    home = cgroup_home()
    if home is None:
        raise LabError("cgroup v2 is not mounted.")
    return home / f"{CGROUP}-{number}"


def _started(process: int) -> str:
    """When a process began, in ticks of this boot: a number given again is another process. "" when it is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def _child_of(outer: "subprocess.Popen[bytes]") -> int:
    """Process 1 of the new namespaces, once it has a network of its own."""
    own = os.readlink("/proc/self/ns/net")
    end = time.monotonic() + 10
    while time.monotonic() < end and outer.poll() is None:
        with contextlib.suppress(OSError, IndexError):
            child = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text(encoding="ascii").split()[0]
            if os.readlink(f"/proc/{child}/ns/net") != own:
                return int(child)
        time.sleep(0.02)
    raise LabError("The node's namespaces could not be made.")

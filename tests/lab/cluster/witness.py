"""The lab's third machine: nothing of Apresa, only Corosync's witness as Debian installs it."""

import secrets

from tests.lab.cluster.node import Node
from tests.lab.cluster.prepare import MASKED
from tests.lab.cluster.shell import run

NUMBER = 3


class Witness(Node):
    def __init__(self) -> None:
        super().__init__(NUMBER)

    def start(self) -> None:
        """Raises LabError."""
        self.make_disk()
        chroot = ("chroot", str(self.root))
        self.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {self.name}\n")
        self.write("/etc/hostname", f"{self.name}\n")
        self.write("/etc/fstab", "")
        self.write("/etc/machine-id", f"{secrets.token_hex(16)}\n")
        run(*chroot, "systemctl", "-q", "disable", "corosync", "pacemaker", "postgresql", "redis-server")
        run(*chroot, "systemctl", "-q", "mask", *MASKED.split())
        self.on()
        self.wait("corosync-qnetd-tool -s", 30)

    def remove(self) -> None:
        self.off()
        self.remove_disk()

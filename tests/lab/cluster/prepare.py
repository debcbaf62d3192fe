"""What a bare node of the lab has before any set-up, as if Apresa's package had been installed: user, units, agents."""

import secrets
from pathlib import Path

from tests.lab.cluster.configure import DISK, MANAGE
from tests.lab.cluster.configure import STAND_IN as STAND_IN_DEVICE
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import CHECKOUT, NUMBERS, link_address
from tests.lab.cluster.shell import run

DEPLOY = CHECKOUT / "deploy"
STAND_IN = Path(__file__).with_name("standin")
USER, PASSWORD = "admin", "a long enough phrase"
# A node shares the machine's kernel: nothing may touch sysctls, modules, devices or the clock.
MASKED = (
    "systemd-sysctl systemd-modules-load systemd-udevd systemd-udev-trigger systemd-random-seed "
    "systemd-timesyncd systemd-logind systemd-remount-fs systemd-binfmt e2scrub_reap getty@tty1 console-getty "
    "postgresql dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount "
    "proc-sys-fs-binfmt_misc.automount apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer "
    "dpkg-db-backup.timer systemd-tmpfiles-clean.timer logrotate.timer"
)
OFF = (
    "corosync corosync-qnetd nginx pacemaker postgresql redis-server"  # as on a machine that is installed for a cluster
)
JOURNAL = "[Journal]\nStorage=persistent\nForwardToConsole=no\nRateLimitIntervalSec=0\nSyncIntervalSec=1s\n"
SETTINGS = """data = "/var/lib/apresa"
installed_for = "cluster"
log_format = "json"
"""
# Beside the packaged unit: pages for the lab's switch, too, and the mirrored port.
UNIT = """[Service]
ExecStart=
ExecStart=/opt/apresa/.venv/bin/python manage.py run --host 0.0.0.0 --port 8000
"""
# The nodes share the machine's one clock, so they cannot be apart, whatever the machine's own synchronisation.
CLOCK = "#!/bin/sh\necho Timezone=Etc/UTC\necho NTP=yes\necho NTPSynchronized=yes\n"
STAND_IN_UNIT = """[Unit]
Description=Stand-in for DRBD
After=network.target
[Service]
WorkingDirectory=/opt/apresa
ExecStart=/usr/bin/python3 -m tests.lab.cluster.standin.daemon {own} {peer}
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
"""


def prepare(node: Node) -> None:
    """On a node that is off. The second time nothing is done: its disk has it."""
    if (node.root / "etc/apresa").exists():
        return
    plain(node)
    _drbd(node)
    _apresa(node)
    chroot = ("chroot", str(node.root))
    run(*chroot, "useradd", "--system", "--user-group", "--no-create-home", "apresa")
    run(*chroot, "install", "-d", "-o", "apresa", "-g", "apresa", "-m", "750", "/var/lib/apresa")
    for folder in ("/etc/postgresql/15/main", "/var/lib/postgresql/15/main"):  # an overlay renames no folder from below
        run(*chroot, "sh", "-c", f"cp -a {folder} {folder}.own && rm -r {folder} && mv {folder}.own {folder}")
    run(*chroot, "systemctl", "-q", "enable", "drbd-standin", "apresa", "apresa-helper.socket")


def plain(node: Node) -> None:
    """A node that is off, as Debian's installer leaves it, with the packages that Apresa wants and none of it."""
    _machine(node)
    chroot = ("chroot", str(node.root))
    run(*chroot, "systemctl", "-q", "disable", *OFF.split())
    run(*chroot, "systemctl", "-q", "mask", *MASKED.split())


def administrator(node: Node) -> None:
    """On a bare node that is on: the first person, and the port that is mirrored, by the product's own commands."""
    if (node.root / "etc/apresa/lab-person").exists():
        return
    node.wait("test -s /var/lib/apresa/run/run.json", 120)  # the databases are there
    node.run(
        "sh",
        "-c",
        f"{MANAGE} user add {USER} --role administrator --password-stdin",
        seconds=120,
        stdin=f"{PASSWORD}\n",
    )
    node.sh(f"{MANAGE} setting capture.interfaces eth0 && systemctl restart apresa", seconds=120)
    node.write("/etc/apresa/lab-person", "")


def _machine(node: Node) -> None:
    node.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {node.name}\n")  # as Debian's installer leaves it
    node.write("/etc/hostname", f"{node.name}\n")
    node.write("/etc/resolv.conf", "")  # no server of names is on the lab's switch: who asks must not wait for one
    node.write("/etc/fstab", "")
    node.write("/etc/machine-id", f"{secrets.token_hex(16)}\n")
    node.write("/etc/systemd/journald.conf.d/lab.conf", JOURNAL)
    node.write("/usr/bin/timedatectl", CLOCK, 0o755)
    (node.root / "var/log/journal").mkdir(exist_ok=True)


def _drbd(node: Node) -> None:
    node.write("/usr/lib/ocf/resource.d/linbit/drbd", (STAND_IN / "agent").read_bytes(), 0o755)
    for tool_name in ("drbdadm", "drbdsetup"):
        node.write(f"/usr/sbin/{tool_name}", (STAND_IN / "command.py").read_bytes(), 0o755)
    peer = next(number for number in NUMBERS if number != node.number)
    unit = STAND_IN_UNIT.format(own=link_address(node.number), peer=link_address(peer))
    node.write("/etc/systemd/system/drbd-standin.service", unit)


def _apresa(node: Node) -> None:
    node.write("/etc/apresa/apresa.toml", SETTINGS)
    run(DEPLOY / "install", "--root", node.root)
    node.write("/etc/systemd/system/apresa.service.d/lab.conf", UNIT)
    node.write(DISK, b"")
    (node.root / "etc/drbd.d").mkdir(exist_ok=True)
    (node.root / STAND_IN_DEVICE.lstrip("/")).mkdir(parents=True, exist_ok=True)

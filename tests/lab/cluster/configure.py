"""From two bare machines to a cluster, by the product's own set-up: first the primary, then the secondary."""

import threading

from tests.lab.cluster import state
from tests.lab.cluster.node import Node
from tests.lab.cluster.place import FLOATING, LabError, address, link_address, name

LIBRARY = "/var/lib/apresa/library"
STAND_IN, DISK = "/var/lib/drbd-standin/r0", "/var/lib/drbd-standin/disk"
MANAGE = "cd /opt/apresa && runuser -u apresa -- env APRESA_CONFIG=/etc/apresa/apresa.toml .venv/bin/python manage.py"
# Three votes, and a cluster that obeys them: what the set-up's last step is for.
VOTES = (
    "corosync-quorumtool -s | grep -q '^Total votes: *3$' && crm_attribute -G -q -n no-quorum-policy | grep -qx stop"
)
FILE = "/etc/apresa/answers.toml"
AS_PRIMARY, AS_SECONDARY = f"{MANAGE} cluster_setup primary {FILE} --yes", f"{MANAGE} cluster_setup secondary --yes"
LONG = 300.0  # seconds for a step that waits for the cluster: several medians
ANSWERS = """floating = "{floating}"
interface = "eth0"
device = "{device}"
disk = "{disk}"
directory = "{library}"
witness = "{witness}"
"""
NODE = """[{place}]
role = "{role}"
name = "{name}"
address = "{address}"
mask = "24"
link = "{link}"
link_mask = "24"
"""


def answers(primary: Node, secondary: Node, witness: str = "") -> str:
    nodes = (("first", "primary", primary), ("second", "secondary", secondary))
    shared = ANSWERS.format(floating=FLOATING, device=STAND_IN, disk=DISK, library=LIBRARY, witness=witness)
    return shared + "".join(
        NODE.format(
            place=place,
            role=role,
            name=name(node.number),
            address=address(node.number),
            link=link_address(node.number),
        )
        for place, role, node in nodes
    )


def configure(primary: Node, secondary: Node, witness: str = "") -> None:
    """`witness`: the address that the answers name. Does nothing where all was done. Raises LabError."""
    if is_configured(secondary):
        return
    primary.write(FILE, answers(primary, secondary, witness))
    primary.sh(AS_PRIMARY, seconds=LONG)
    join(primary, secondary, witness=bool(witness))


def join(primary: Node, secondary: Node, *, witness: bool = False) -> None:
    """The second half: the secondary, once the primary serves. Raises LabError."""
    pair(primary, secondary)
    secondary.sh(AS_SECONDARY, seconds=LONG)
    state.wait("both nodes are healthy", primary, lambda seen: seen.healthy, LONG)
    for node in (primary, secondary) if witness else ():
        node.wait(VOTES, 60)
    secondary.write("/etc/apresa/lab-done", "")


def is_configured(secondary: Node) -> bool:
    return (secondary.root / "etc/apresa/lab-done").exists()


def pair(primary: Node, secondary: Node) -> None:
    """As on a terminal: the code of one side is typed on the other. Raises LabError."""
    log = "/run/apresa-pairing"
    primary.sh(f"rm -f {log}")
    offer = f"{MANAGE} cluster_pair offer --listen {address(primary.number)} >{log} 2>&1"
    thread = threading.Thread(target=lambda: primary.sh(offer, seconds=LONG, check=False), daemon=True)
    thread.start()
    primary.wait(f"grep -q 'Type it on the secondary' {log}", 60)
    code = primary.sh(f"sed -n 's/^Pairing code: //p' {log}").strip()
    if not code:
        raise LabError(f"{primary.name} showed no pairing code.")
    join = f"{MANAGE} cluster_pair join {address(primary.number)}"
    secondary.run("sh", "-c", join, seconds=60, stdin=f"{code}\n")
    thread.join(30)
    secondary.sh("systemctl restart apresa", seconds=60)


def settings(node: Node) -> None:
    """What only a lab needs: the stand-in for DRBD answers in JSON alone."""
    node.sh(f"{MANAGE} setting cluster.drbd_source json", seconds=120)

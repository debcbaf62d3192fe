"""The lab's two links, each a bridge in one network namespace: the switch with clients, and one between the nodes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cluster.place import HUB, HUB_ADDRESS, NETWORK, NUMBERS, address, link_address
from tests.lab.cluster.shell import run

FORWARDS, OFF = "3", "0"  # states of a bridge's port, as bridge(8) numbers them
CUT = "cut"  # a bridge whose alias says so: a node that is plugged in later finds the link cut, too


@dataclass(frozen=True, slots=True)
class Link:
    """One way between the nodes. `interface`: what it is on a node; `number`: as Corosync counts it."""

    name: str
    number: int
    bridge: str
    interface: str

    def port(self, node: int) -> str:
        return f"hv{self.number}{node}"

    def address(self, node: int) -> str:
        return link_address(node) if self.number else address(node)


SWITCH = Link("switch", 0, "br0", "eth0")
REPLICATION = Link("replication", 1, "br1", "eth1")
LINKS = (SWITCH, REPLICATION)


def make_hub() -> None:
    if Path("/run/netns", HUB).exists():
        return
    run("ip", "netns", "add", HUB)
    run("ip", "-n", HUB, "link", "set", "lo", "up")
    for link in LINKS:
        made = ("type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
        run("ip", "-n", HUB, "link", "add", link.bridge, *made)
        # Else it is that of a port, and changes with each node that is plugged in or loses its power.
        run("ip", "-n", HUB, "link", "set", link.bridge, "address", f"02:00:00:00:0{link.number + 1}:01")
        run("ip", "-n", HUB, "link", "set", link.bridge, "up")
    run("ip", "-n", HUB, "addr", "add", f"{HUB_ADDRESS}/24", "dev", SWITCH.bridge)


def remove_hub() -> None:
    if Path("/run/netns", HUB).exists():
        run("ip", "netns", "del", HUB)


def plug(number: int, process: int) -> None:
    """Give the machine of this process its interfaces: a node both, any other one that of the switch."""
    inside = ("nsenter", "-t", str(process), "-n", "ip")
    unplug(number)
    run(*inside, "link", "set", "lo", "up")
    for link in LINKS if number in NUMBERS else (SWITCH,):
        _plug(link, number, process, inside)
    run(*inside, "route", "add", "default", "via", f"{NETWORK}.1")


def _plug(link: Link, number: int, process: int, inside: Sequence[str]) -> None:
    """Its hardware address stays: a new one would leave stale ARP entries."""
    port, own = link.port(number), link.interface
    run("ip", "link", "add", port, "netns", HUB, "type", "veth", "peer", "name", own, "netns", str(process))
    if number in NUMBERS and _is_cut(link):
        run("ip", "-n", HUB, "link", "set", port, "master", link.bridge)
        _isolate(link, number, whole=False)
    run("ip", "-n", HUB, "link", "set", port, "master", link.bridge, "up")
    run(*inside, "link", "set", own, "address", f"02:00:00:00:0{link.number + 1}:1{number}")
    run(*inside, "link", "set", own, "up")
    run(*inside, "addr", "add", f"{link.address(number)}/24", "dev", own)


def unplug(number: int) -> None:
    for link in LINKS:
        run("ip", "-n", HUB, "link", "del", link.port(number), check=False)


def cut(links: Sequence[Link] = LINKS, *, whole: bool) -> None:
    """The two nodes lose (or find) each other on these links; clients on the switch still reach both."""
    for link in links:
        run("ip", "-n", HUB, "link", "set", link.bridge, "alias", "" if whole else CUT)
        for number in NUMBERS:
            _isolate(link, number, whole=whole)


def pull(number: int, *, whole: bool) -> None:
    """A node's cable at the switch: no client reaches it, and its own port stays up, as behind a switch that fails."""
    port = SWITCH.port(number)
    run("ip", "netns", "exec", HUB, "bridge", "link", "set", "dev", port, "state", FORWARDS if whole else OFF)


def carrier(number: int, *, on: bool) -> None:
    """The switch's port goes off, and the node's own with it: as when the cable is pulled out."""
    run("ip", "-n", HUB, "link", "set", SWITCH.port(number), "up" if on else "down")


def _isolate(link: Link, number: int, *, whole: bool) -> None:
    words = ("bridge", "link", "set", "dev", link.port(number), "isolated", "off" if whole else "on")
    run("ip", "netns", "exec", HUB, *words, check=False)


def _is_cut(link: Link) -> bool:
    (told,) = json.loads(run("ip", "-n", HUB, "-j", "link", "show", link.bridge))
    return bool(told.get("ifalias") == CUT)

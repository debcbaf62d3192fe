"""The switch of the lab: a bridge in a network namespace, where clients and both nodes are plugged in."""

from pathlib import Path

from tests.lab.cluster.place import HUB, HUB_ADDRESS, NETWORK, NUMBERS, address
from tests.lab.cluster.shell import run

FORWARDS, OFF = "3", "0"  # states of a bridge's port, as bridge(8) numbers them


def make_hub() -> None:
    if Path("/run/netns", HUB).exists():
        return
    run("ip", "netns", "add", HUB)
    run("ip", "-n", HUB, "link", "set", "lo", "up")
    run("ip", "-n", HUB, "link", "add", "br0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
    run("ip", "-n", HUB, "addr", "add", f"{HUB_ADDRESS}/24", "dev", "br0")
    run("ip", "-n", HUB, "link", "set", "br0", "up")


def remove_hub() -> None:
    if Path("/run/netns", HUB).exists():
        run("ip", "netns", "del", HUB)


def plug(number: int, process: int) -> None:
    """Give the node of this process its eth0. Its hardware address stays: a new one would leave stale ARP entries."""
    port, inside = f"hv{number}", ("nsenter", "-t", str(process), "-n", "ip")
    unplug(number)
    run("ip", "link", "add", port, "netns", HUB, "type", "veth", "peer", "name", "eth0", "netns", str(process))
    run("ip", "-n", HUB, "link", "set", port, "master", "br0", "up")
    run(*inside, "link", "set", "lo", "up")
    run(*inside, "link", "set", "eth0", "address", f"02:00:00:00:01:1{number}")
    run(*inside, "link", "set", "eth0", "up")
    run(*inside, "addr", "add", f"{address(number)}/24", "dev", "eth0")
    run(*inside, "route", "add", "default", "via", f"{NETWORK}.1")


def unplug(number: int) -> None:
    run("ip", "-n", HUB, "link", "del", f"hv{number}", check=False)


def cut(*, whole: bool) -> None:
    """The two nodes lose (or find) each other; clients on the switch still reach both."""
    for number in NUMBERS:
        state = "off" if whole else "on"
        run("ip", "netns", "exec", HUB, "bridge", "link", "set", "dev", f"hv{number}", "isolated", state, check=False)


def pull(number: int, *, whole: bool) -> None:
    """A node's cable at the switch: nobody reaches it, and its own port stays up, as behind a switch that fails."""
    run("ip", "netns", "exec", HUB, "bridge", "link", "set", "dev", f"hv{number}", "state", FORWARDS if whole else OFF)

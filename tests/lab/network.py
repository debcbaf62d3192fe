"""Two network namespaces joined by a hub that also feeds a capture interface, as a mirrored switch port does."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

LOCK = Path("/run/lock/apresa-lab.lock")
PREFIX = "apresa-lab-"
INTERFACE = "aplab"
IPV6 = Path("/proc/net/if_inet6").exists()


@dataclass(frozen=True, slots=True)
class Lab:
    """Names of the two namespaces with their addresses, and of the capture interface in ours."""

    caller: str
    callee: str
    interface: str
    caller_address: str = "10.77.0.1"
    callee_address: str = "10.77.0.2"
    caller_address6: str = "fd77::1"
    callee_address6: str = "fd77::2"


def inside(namespace: str) -> list[str]:
    """What to put before a command that runs in this namespace; `ip netns exec` would not do in a chroot."""
    return ["nsenter", f"--net=/run/netns/{namespace}"] if namespace else []


def ip(*words: str, namespace: str = "") -> None:
    subprocess.run([*inside(namespace), "ip", *words], check=True, capture_output=True, timeout=20)


@contextmanager
def lab() -> Iterator[Lab]:
    """One lab at a time on a machine; what an earlier one left behind goes first, what this one made at the end."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        flock(lock, LOCK_EX)
        _clear()
        names = [f"{PREFIX}{os.getpid()}-{part}" for part in ("a", "b", "hub")]
        caller, callee, hub = names
        try:
            for name in names:
                ip("netns", "add", name)
            bridge = ("type", "bridge", "ageing_time", "0", "stp_state", "0")
            ip("link", "add", "br0", *bridge, namespace=hub)
            made = Lab(caller, callee, f"{INTERFACE}{os.getpid() % 100000}")
            _wire(hub, "pa", caller, "eth0", made.caller_address, made.caller_address6)
            _wire(hub, "pb", callee, "eth0", made.callee_address, made.callee_address6)
            _wire(hub, "pc", "", made.interface)
            ip("link", "set", "br0", "up", namespace=hub)
            yield made
        finally:
            _clear()


def _wire(hub: str, port: str, namespace: str, interface: str, address: str = "", address6: str = "") -> None:
    ip("link", "add", port, "type", "veth", "peer", "name", interface, namespace=hub)
    ip("link", "set", port, "master", "br0", "up", namespace=hub)
    ip("link", "set", interface, "netns", namespace or str(os.getpid()), namespace=hub)
    if address:
        ip("addr", "add", f"{address}/24", "dev", interface, namespace=namespace)
        if IPV6:
            ip("addr", "add", f"{address6}/64", "dev", interface, "nodad", namespace=namespace)
        ip("link", "set", "lo", "up", namespace=namespace)
    ip("link", "set", interface, "up", namespace=namespace)


def _clear() -> None:
    """Removing a namespace removes its interfaces and their other ends, but some time later, and the next lab may want
    the name of ours at once: that one goes first."""
    for entry in Path("/sys/class/net").glob(f"{INTERFACE}*"):
        subprocess.run(["ip", "link", "del", entry.name], capture_output=True, check=False, timeout=20)
    for entry in Path("/run/netns").glob(f"{PREFIX}*"):
        subprocess.run(["ip", "netns", "del", entry.name], capture_output=True, check=False, timeout=20)

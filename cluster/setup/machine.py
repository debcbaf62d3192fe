"""What this machine offers a set-up: its addresses, and the partitions that nothing uses. Only reads."""

import json
from dataclasses import dataclass
from pathlib import Path

from cluster.readers.reply import ReplyError

SECTOR = 512  # bytes; sysfs counts in these whatever the disk has
NOT_DISKS = ("loop", "ram", "zram", "drbd", "sr", "fd", "nbd")


@dataclass(frozen=True, slots=True)
class Network:
    """One address of this machine. `bits`: those that name the network."""

    interface: str
    address: str
    bits: int


@dataclass(frozen=True, slots=True)
class Partition:
    device: str
    size: int


def read_networks(text: str) -> tuple[Network, ...]:
    """`ip -json address show` → the addresses that other machines reach. Raises ReplyError."""
    try:
        interfaces = json.loads(text)
        if not isinstance(interfaces, list):  # an empty text or object would pass for a machine without any
            raise TypeError
        return tuple(
            Network(str(one["ifname"]), str(address["local"]), int(address["prefixlen"]))
            for one in interfaces
            for address in one["addr_info"]
            if address["scope"] == "global"
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReplyError("The reply of ip is not its list of interfaces.") from None


def free_partitions(root: Path = Path("/")) -> tuple[Partition, ...]:
    """The block devices that hold no mounted file system, no swap, and nothing built upon them; the largest first."""
    used = _mounted(root) | _swap(root)
    found = []
    for place in sorted((root / "sys/class/block").glob("*")):
        names = {f"/dev/{place.name}", _read(place / "dev")}
        if place.name.startswith(NOT_DISKS) or names & used or _is_built_on(place):
            continue
        size = _read(place / "size")
        if size.isdecimal() and int(size) and _read(place / "ro") != "1":
            volume = _read(place / "dm/name")  # of LVM: people know it by this name
            found.append(Partition(f"/dev/mapper/{volume}" if volume else f"/dev/{place.name}", int(size) * SECTOR))
    return tuple(sorted(found, key=lambda one: -one.size))


def _is_built_on(place: Path) -> bool:
    """Whether it has partitions, or belongs to LVM, a RAID or DRBD."""
    return any(place.glob("*/partition")) or any((place / "holders").glob("*"))


def _mounted(root: Path) -> set[str]:
    """Names and numbers of the devices with a mounted file system; the root's may be called "/dev/root"."""
    used: set[str] = set()
    for line in _read(root / "proc/self/mountinfo").splitlines():
        before, _, after = line.partition(" - ")
        words = after.split()
        used |= {before.split()[2], *_names(words[1])} if len(words) > 1 else set()
    return used


def _swap(root: Path) -> set[str]:
    lines = _read(root / "proc/swaps").splitlines()[1:]
    return {name for line in lines if line.startswith("/dev/") for name in _names(line.split()[0])}


def _names(device: str) -> set[str]:
    """A device under each of its names: those of LVM are links."""
    return {device, str(Path(device).resolve())} if device.startswith("/dev/") else set()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""

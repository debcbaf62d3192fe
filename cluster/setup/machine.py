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
        return tuple(
            Network(str(one["ifname"]), str(address["local"]), int(address["prefixlen"]))
            for one in json.loads(text)
            for address in one["addr_info"]
            if address["scope"] == "global"
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReplyError("The reply of ip is not its list of interfaces.") from None


def free_partitions(root: Path = Path("/")) -> tuple[Partition, ...]:
    """The block devices that hold no mounted file system, no swap, and nothing built upon them; the largest first."""
    used = _used(root)
    found = []
    for place in sorted((root / "sys/class/block").glob("*")):
        if place.name.startswith(NOT_DISKS) or f"/dev/{place.name}" in used or _has_parts(place):
            continue
        try:
            size = int((place / "size").read_text(encoding="ascii")) * SECTOR
        except (OSError, ValueError):
            continue
        if size:
            found.append(Partition(f"/dev/{_name(place)}", size))
    return tuple(sorted(found, key=lambda one: -one.size))


def _name(place: Path) -> str:
    """Volumes of LVM have a name that people know them by."""
    try:
        return f"mapper/{(place / 'dm/name').read_text(encoding='utf-8').strip()}"
    except OSError:
        return place.name


def _has_parts(place: Path) -> bool:
    return any(part for part in place.glob("*/partition")) or any((place / "holders").glob("*"))


def _used(root: Path) -> set[str]:
    """The devices that are mounted, or hold swap; names that are links count as what they point to."""
    used = set()
    for table in ("proc/mounts", "proc/swaps"):
        try:
            lines = (root / table).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        used |= {line.split()[0] for line in lines if line.startswith("/dev/")}
    return used | {str(Path(device).resolve()) for device in used}

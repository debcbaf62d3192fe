"""What the engines' configuration files are made from. The values are checked here, so that no file can be misread."""

import ipaddress
import re
from dataclasses import dataclass

HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
INTERFACE = re.compile(r"[A-Za-z0-9._-]{1,15}", re.ASCII)  # IFNAMSIZ is 16 with its end
PATH = re.compile(r"/[A-Za-z0-9._/-]{1,200}", re.ASCII)
WORD = re.compile(r"[a-z0-9_,-]{1,60}", re.ASCII)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface


class SiteError(ValueError):
    """A value that may not stand in a configuration file; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the two nodes: its host name, and its address on each link between them, the first link first."""

    name: str
    addresses: tuple[Address, ...]

    def __post_init__(self) -> None:
        _check(HOST, self.name, "host name")
        if not 1 <= len(self.addresses) <= 8:  # knet's LINKs 0 to 7
            raise SiteError(f"{self.name} has {len(self.addresses)} links; there are one to eight.")
        for address in self.addresses:
            _check_address(address)


@dataclass(frozen=True, slots=True)
class Volume:
    """What is mounted on the active node for the recordings: device, file system, mount options."""

    device: str
    directory: str
    file_system: str = "ext4"
    options: str = "noatime"

    def __post_init__(self) -> None:
        _check(PATH, self.device, "device")
        _check(PATH, self.directory, "directory")
        _check(WORD, self.file_system, "file system")
        _check(WORD, self.options, "mount options")


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster of two nodes without witness and without fencing."""

    members: tuple[Member, Member]
    floating: Interface
    """The address that the active node has, with its network."""
    interface: str
    """The network interface that gets the floating address, on both nodes."""
    volume: Volume
    mode: str = "async"
    """PostgreSQL's replication: async or sync."""
    token: int = 1000
    """Milliseconds until Corosync misses a node; 500 is but twice the longest stall of a busy virtual machine."""

    def __post_init__(self) -> None:
        _check(INTERFACE, self.interface, "interface")
        first, second = self.members
        if first.name == second.name:
            raise SiteError(f"Both nodes are called {first.name}.")
        if len(first.addresses) != len(second.addresses):
            raise SiteError("The nodes have not the same number of links.")
        every = [*first.addresses, *second.addresses, self.floating.ip]
        if len(set(every)) != len(every):
            raise SiteError("An address stands twice among the nodes' and the floating one.")
        if not 250 <= self.token <= 60000:
            raise SiteError(f"A token of {self.token} ms is outside 250 to 60000.")


def _check(pattern: re.Pattern[str], value: str, what: str) -> None:
    if not pattern.fullmatch(value):
        raise SiteError(f"{value[:60]!r} is no {what} that may stand in a configuration file.")


def _check_address(address: Address) -> None:
    """The zone of an IPv6 address (fe80::1%eth0) may be any text, so none may stand in a file."""
    if "%" in str(address):
        raise SiteError(f"{str(address)[:60]!r} is no address that may stand in a configuration file.")

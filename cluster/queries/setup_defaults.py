"""What the set-up screen is filled with before anybody typed: this machine as the primary, and what follows from it."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from apresa.node.domain import identity
from cluster import commands
from cluster.readers.reply import ReplyError
from cluster.runner import CommandUnavailable, Runner, SystemRunner
from cluster.setup.answers import Answers, NodeAnswers
from cluster.setup.machine import Network, Partition, free_partitions, read_networks
from cluster.setup.site import HOST
from cluster.setup.validate import LOCAL_NAMES

DEVICE = "/dev/drbd0"


@dataclass(frozen=True, slots=True)
class Machine:
    """`networks` is empty where this machine does not tell."""

    networks: tuple[Network, ...]
    partitions: tuple[Partition, ...]

    @property
    def interfaces(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(network.interface for network in self.networks))


def machine(runner: Runner | None = None) -> Machine:
    try:
        found = read_networks((runner or SystemRunner()).run(commands.INTERFACES).out)
    except (CommandUnavailable, ReplyError):
        found = ()
    return Machine(found, free_partitions())


def defaults(here: Machine, asked_at: str) -> Answers:
    """`asked_at`: the host that the browser asked for; an address of ours there is the one that others reach."""
    network = _own(here.networks, asked_at)
    node = identity()
    name = node.name if HOST.fullmatch(node.name) else socket.gethostname().split(".")[0].lower()
    name = name if HOST.fullmatch(name) and name not in LOCAL_NAMES else ""
    address = node.address or (network.address if network else "")
    bits = str(node.mask or (network.bits if network else ""))
    mask = _written(address, bits)
    return Answers(
        first=NodeAnswers("primary", name, address, mask),
        second=NodeAnswers("secondary", _next(name), "", mask),
        floating="",
        interface=network.interface if network else "",
        device=DEVICE,
        directory=str(settings.APRESA.library),
        disk=here.partitions[0].device if len(here.partitions) == 1 else "",
    )


def _own(networks: Sequence[Network], asked_at: str) -> Network | None:
    ours = [network for network in networks if network.address == asked_at.strip("[]")]
    known = [network for network in networks if ":" not in network.address]
    return next(iter((*ours, *known, *networks)), None)


def _written(address: str, bits: str) -> str:
    """The mask as the manual writes it, of an IPv4 address; else the number of its bits."""
    try:
        return str(ipaddress.IPv4Interface(f"{address}/{bits}").netmask)
    except ValueError:
        return bits


def _next(name: str) -> str:
    """myrec1 → myrec2; a name that does not count has no next one."""
    found = re.fullmatch(r"(.*?)([0-9]{1,3})", name)
    return f"{found[1]}{int(found[2]) + 1:0{len(found[2])}d}" if found else ""

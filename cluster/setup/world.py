"""A plan and the machine that it is for → what speaks against it. Pure; nothing was touched yet (law 7)."""

from collections.abc import Mapping
from dataclasses import dataclass

from cluster.findings import Finding, finding
from cluster.setup.answers import STAND_IN, Answers, Plan
from cluster.setup.machine import Network
from cluster.setup.validate import Fault


@dataclass(frozen=True, slots=True)
class Disk:
    """`signature`: what lies on it, "" for nothing, None where nobody can tell."""

    there: bool
    size: int = 0
    used: bool = False
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    name: str
    networks: tuple[Network, ...]
    names: Mapping[str, frozenset[str]]
    """Host name → the addresses that it leads to, without those of the machine to itself."""
    disk: Disk
    ports: frozenset[str]
    """Those of the cluster that something else uses here, such as "5432/tcp"."""
    floating_taken: bool | None
    missing: tuple[str, ...]
    """Programs that are not installed."""
    helper: str
    """Why the root helper does not answer, or ""."""
    other_databases: bool
    """Whether Debian's own database server holds data of others."""
    foreign_database: str
    """A directory that stands where the cluster's database would come, or ""."""
    library: str
    calls: bool
    """Whether this machine has recordings of its own."""
    paired: bool = False


def judge(answers: Answers, plan: Plan, role: str, seen: World) -> tuple[Fault, ...]:
    """Every fault at once, those of the first answers first."""
    place = "first" if answers.first.role == role else "second"
    faults = [
        *_own(plan, role, place, seen),
        *_resolved(answers, seen),
        *_network(plan, role, seen),
        *_disk(answers, plan, role, seen.disk),
        *_programs(seen),
    ]
    if answers.directory != seen.library:
        faults.append(Fault("directory", finding("directory", value=answers.directory, library=seen.library)))
    if role == "secondary":
        faults += _secondary(seen)
    return tuple(faults)


def _own(plan: Plan, role: str, place: str, seen: World) -> list[Fault]:
    node, faults = plan.node(role), []
    if node.name != seen.name:
        faults.append(Fault(f"{place}.name", finding("name-other", value=node.name, own=seen.name)))
    faults += _carried(f"{place}.address", f"{place}.mask", str(node.address.ip), node.address.network.prefixlen, seen)
    if node.link is not None:
        faults += _carried(f"{place}.link", f"{place}.link_mask", str(node.link.ip), node.link.network.prefixlen, seen)
    return faults


def _carried(where: str, where_mask: str, address: str, bits: int, seen: World) -> list[Fault]:
    found = next((one for one in seen.networks if one.address == address), None)
    if found is None:
        return [Fault(where, finding("address-not-here", value=address))]
    if found.bits != bits:
        return [Fault(where_mask, finding("mask-other", value=str(bits), own=str(found.bits)))]
    return []


def _resolved(answers: Answers, seen: World) -> list[Fault]:
    """A name that leads nowhere is written into /etc/hosts; one that leads elsewhere would be misread by Corosync."""
    return [
        Fault(f"{place}.name", finding("name-elsewhere", value=node.name, other=", ".join(sorted(found))))
        for place, node in (("first", answers.first), ("second", answers.second))
        if (found := seen.names.get(node.name, frozenset())) and found != {node.address}
    ]


def _network(plan: Plan, role: str, seen: World) -> list[Fault]:
    faults = []
    if plan.interface not in {one.interface for one in seen.networks}:
        faults.append(Fault("interface", finding("interface-not-here", value=plan.interface)))
    if seen.floating_taken and role == "primary":  # later the primary itself has it
        faults.append(Fault("floating", finding("floating-taken", value=str(plan.floating))))
    if seen.floating_taken is None and role == "primary" and not seen.helper:
        faults.append(Fault("floating", finding("floating-unknown", value=str(plan.floating))))
    return faults


def _disk(answers: Answers, plan: Plan, role: str, disk: Disk) -> list[Fault]:
    def fault(code: str, **parameters: str) -> list[Fault]:
        return [Fault("disk", finding(code, value=plan.disk, **parameters))]

    if not disk.there:
        return fault("disk-missing")
    if disk.used:
        return fault("disk-used")
    if disk.signature is None:
        return fault("disk-unknown")
    if disk.signature and plan.volume.device != STAND_IN:
        return fault("disk-not-blank", what=disk.signature)
    if role == "secondary" and answers.size and answers.size != str(disk.size):
        return fault("disk-unequal", size=str(disk.size), other=answers.size)
    return []


def _programs(seen: World) -> list[Fault]:
    found = [finding("port-taken", value=port) for port in sorted(seen.ports)]
    if seen.missing:
        found.append(finding("programs-missing", value=", ".join(seen.missing)))
    if seen.helper:
        found.append(finding("helper", detail=seen.helper))
    if seen.other_databases:
        found.append(finding("database-others"))
    if seen.foreign_database:
        found.append(finding("database-there", value=seen.foreign_database))
    return [Fault("", one) for one in found]


def _secondary(seen: World) -> list[Fault]:
    found: list[Finding] = []
    if not seen.paired:
        found.append(finding("not-paired"))
    if seen.calls:
        found.append(finding("own-calls"))
    return [Fault("", one) for one in found]

"""What the set-up asks this machine: all of it before it begins, and where it stands between two orders."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from apresa.env import second_file
from apresa.node.domain import identity
from apresa.node.models import Role
from cluster import commands
from cluster.commands import Command
from cluster.domain.observing import host
from cluster.domain.resolving import lead_to
from cluster.pacemaker_types import Pacemaker
from cluster.pairing.domain import store
from cluster.pairing.store import StoreError
from cluster.queries.setup_defaults import machine
from cluster.readers.pacemaker import read_pacemaker
from cluster.readers.reply import ReplyError
from cluster.runner import CommandUnavailable, Runner
from cluster.setup import orders
from cluster.setup.answers import STAND_IN, Answers, Plan
from cluster.setup.machine import SECTOR, free_partitions
from cluster.setup.orders import Setting
from cluster.setup.seen import Place, Seen
from cluster.setup.world import Disk, World
from cluster.types import Result

PROGRAMS = {
    "corosync": "/usr/sbin/corosync",
    "pacemaker": "/usr/sbin/pacemakerd",
    "crmsh": "/usr/sbin/crm",
    "drbd-utils": "/sbin/drbdadm",
    "postgresql-15": "/usr/lib/postgresql/15/bin/postgres",
    "redis-server": "/usr/bin/redis-server",
    "iputils-arping": "/usr/bin/arping",
    "resource-agents": "/usr/lib/ocf/resource.d/heartbeat/pgsql",
    "apresa's agents": "/usr/lib/ocf/resource.d/apresa/active",
}
KEPT = "default.before-cluster.sqlite3"
BEFORE = Path("/etc/postgresql/15/before_apresa")
WITNESS_PROGRAMS = {"corosync-qdevice": "/usr/sbin/corosync-qdevice"}
SERVER = Path("/etc/postgresql/15/main/postgresql.conf")
FOLDER = Path("/database/db")
SOCKET = Path("/var/run/postgresql/.s.PGSQL.5432")
NO_COPY = ("No valid meta data", "no resources defined")
# Of DRBD: the kernel does not know the resource.
DOWN = ("No such resource", "not allocated", "unknown minor")


def library_aside() -> Path:
    """Where the library of the lone machine is kept until somebody removes it."""
    library: Path = settings.APRESA.library
    return library.with_name("library.before-cluster")


def volume() -> Path:
    """Where the replicated volume is mounted while it is filled."""
    return Path(settings.APRESA.data) / "cluster" / "volume"


def world(runner: Runner, answers: Answers, plan: Plan, role: str) -> World:
    """Everything that can speak against this set-up. Never raises: what is not told is "unknown"."""
    networks = machine(runner).networks
    helper, others = _asked(runner, orders.DATABASE_OTHERS)
    nodes = (answers.first.name, answers.second.name)
    return World(
        name=host(),
        networks=networks,
        names=lead_to(nodes),
        disk=_disk(runner, plan),
        ports=_ports(plan, role),
        floating_taken=_taken(runner, plan),
        missing=_missing(PROGRAMS | WITNESS_PROGRAMS if answers.witness else PROGRAMS),
        helper=helper,
        other_databases=bool(others and not others.code and others.out.strip()),
        foreign_database=str(FOLDER / "main") if (FOLDER / "main").exists() else "",
        library=str(settings.APRESA.library),
        calls=_holds_calls(settings.APRESA.library),
        paired=_paired(),
    )


def seen(runner: Runner, one: Setting) -> Seen:
    """Where this machine stands now."""
    library: Path = settings.APRESA.library
    node = identity()
    wanted = {planned.name: frozenset({str(planned.address.ip)}) for planned in one.plan.nodes}
    return Seen(
        full=settings.APRESA.mode == "full",
        names=lead_to(wanted) == wanted,
        copy=_copy(runner),
        role=_drbd_role(runner),
        signature=_signature(runner, orders.device_look(one.plan.volume.device)),
        mounted=_mounted(volume()),
        library_mounted=_mounted(library),
        library_aside=library_aside().exists() or _mounted(library),
        server_config=_data_directory(),
        folders=frozenset(path.name for path in FOLDER.iterdir()) if FOLDER.is_dir() else frozenset(),
        server=SOCKET.exists(),
        copying=_copying(runner),
        pacemaker=_pacemaker(runner),
        activated=node.activation is not None or node.role == Role.PRIMARY,
        standalone=node.role == Role.STANDALONE,
        switched=second_file().exists(),
        database=_database_place(),
        library=Place.ASIDE if library_aside().exists() else _library_place(library),
        before=BEFORE.exists(),
    )


def _database_place() -> Place:
    own: Path = settings.APRESA.default_database
    places = {(True, False): Place.OWN, (False, True): Place.ASIDE, (True, True): Place.BOTH}
    return places.get((own.exists(), own.with_name(KEPT).exists()), Place.NOWHERE)


def _library_place(library: Path) -> Place:
    return Place.OWN if library.is_dir() else Place.NOWHERE


def _missing(programs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(package for package, path in programs.items() if not Path(path).exists())


def _mounted(folder: Path) -> bool:
    """By the kernel's own list: two folders of one disk look alike to stat."""
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    return str(folder) in {line.split()[1] for line in lines}


def _asked(runner: Runner, command: Command) -> tuple[str, Result | None]:
    try:
        return "", runner.run(command)
    except CommandUnavailable as error:
        return str(error), None


def _disk(runner: Runner, plan: Plan) -> Disk:
    path = Path(plan.disk)
    if plan.volume.device == STAND_IN:
        return Disk(path.is_file(), path.stat().st_size if path.is_file() else 0, signature="")
    if not path.is_block_device():
        return Disk(there=False)
    free = {str(Path(one.device).resolve()) for one in free_partitions()}
    return Disk(
        there=True,
        size=_size(path),
        used=str(path.resolve()) not in free,
        signature=_signature(runner, orders.disk_look(plan.disk)),
    )


def _size(path: Path) -> int:
    with suppress(OSError, ValueError):
        return int((Path("/sys/class/block") / path.resolve().name / "size").read_text(encoding="ascii")) * SECTOR
    return 0


def _signature(runner: Runner, command: Command) -> str | None:
    _, result = _asked(runner, command)
    return None if result is None or result.code else ", ".join(result.out.split())


def _ports(plan: Plan, role: str) -> frozenset[str]:
    own = str(plan.node(role).address.ip)
    wanted = [("5405/udp", 5405, socket.SOCK_DGRAM)]
    if plan.volume.device != STAND_IN:
        wanted.append(("7788/tcp", 7788, socket.SOCK_STREAM))
    if not SERVER.exists():  # else it is Debian's own server, which gives way
        wanted.append(("5432/tcp", 5432, socket.SOCK_STREAM))
    return frozenset(name for name, port, kind in wanted if not _free(own, port, kind))


def _free(address: str, port: int, kind: socket.SocketKind) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno != 98  # in use; that the address is not here is told elsewhere
    return True


def _taken(runner: Runner, plan: Plan) -> bool | None:
    """Asked by ARP, so that a firewall hides nobody. IPv6's own way (DAD) is the kernel's, when it gets the address."""
    if plan.floating.version == 6:
        return False
    _, result = _asked(runner, orders.address_look(plan.interface, str(plan.floating)))
    return {0: False, 1: True}.get(result.code) if result else None


def _holds_calls(library: Path) -> bool:
    """Anything beside the library's marker."""
    return library.is_dir() and any(path.is_file() and not path.name.startswith(".") for path in library.rglob("*"))


def _paired() -> bool:
    try:
        return store().peer() is not None and store().answers() is not None
    except (StoreError, OSError):
        return False


def _copy(runner: Runner) -> str | None:
    _, result = _asked(runner, orders.drbd_look("copy"))
    if result is None:
        return None
    if result.code == 0:
        return result.out.strip()
    return "" if any(words in result.said for words in NO_COPY) else None


def _drbd_role(runner: Runner) -> str:
    _, result = _asked(runner, orders.drbd_look("role"))
    return result.out.strip() if result and result.code == 0 else ""


def _data_directory() -> str:
    """Of Debian's server "main": what its configuration names."""
    try:
        lines = SERVER.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    named = (line.partition("=")[2].split("#")[0].strip(" '\t") for line in lines if line.startswith("data_directory"))
    return next(named, "?")


def _copying(runner: Runner) -> bool:
    _, result = _asked(runner, orders.COPYING)
    return result is not None and result.out.strip() in {"active", "activating", "deactivating"}


def _pacemaker(runner: Runner) -> Pacemaker | None:
    _, result = _asked(runner, commands.PACEMAKER)
    if result is None:
        return None
    try:
        found = read_pacemaker(result.out)
    except ReplyError:
        return None
    return found if isinstance(found, Pacemaker) else None

"""Every command of a recovery, as data: for root as argv, for others as a verb of the root helper."""

from pathlib import Path

from cluster.commands import PROGRAMS, Command, Order
from cluster.rejoin_types import Proof

STEP = ("python3", "-I", "-S", str(Path(__file__).resolve().parents[2] / "deploy" / "helper"), "recover")
DATABASE, DATABASE_PRIMITIVE, VOLUME = "ms_postgresql", "postgresql", "drbd_r0"
PATIENCE = 60.0
LONG = 180.0
DAY = 86_400.0
CONNECTION = (
    "host={address} user=replicator replication=true sslmode=verify-ca "
    "sslrootcert=/etc/postgresql/15/main/cluster.crt connect_timeout=5 passfile=/var/lib/postgresql/.pgpass"
)
PSQL = ("runuser", "-u", "postgres", "--", PROGRAMS["psql"], "-X", "-w", "-A", "-t", "-d")


def _step(verb: str, *words: str, seconds: float = LONG, **values: str) -> Command:
    return Command(verb, (*STEP, *words), seconds=seconds, order=Order(verb, tuple(values.items())))


STOP = _step("database-stop", "stop")
MARKS = _step("agent-marks", "marks")
FIRST = _step("first-mark", "first")
PRIMARY = _step("database-primary", "primary")
START = _step("database-start", "start")
PROMOTABLE = _step("promotable", "promotable")
DISCARD = _step("recordings-discard", "discard")
SECONDARY = Command(
    "secondary", ("drbdadm", "secondary", "r0"), seconds=PATIENCE, order=Order("drbd", (("action", "secondary"),))
)
CONNECT = Command(
    "connect", ("drbdadm", "connect", "r0"), seconds=PATIENCE, order=Order("drbd", (("action", "connect"),))
)


def rejoin(proof: Proof) -> Command:
    """The agent's mark goes where the files are still those that it was proven of: the database may start again."""
    position, fork = (f"{one >> 32:X}/{one & 0xFFFFFFFF:X}" for one in (proof.position, proof.fork))
    values = {"system": proof.system, "timeline": proof.timeline, "position": position, "fork": fork}
    words = ("rejoin", proof.system, str(proof.timeline), position, fork)
    return Command("rejoin", (*STEP, *words), seconds=PATIENCE, order=Order("rejoin", tuple(values.items())))


def copy(address: str, key: str) -> Command:
    """A whole copy of the other node's database, beside the own one."""
    return _step("database-again", "copy", address, key, seconds=DAY, address=address, key=key)


def swap(key: str, ticket: str) -> Command:
    """The copy in the place of the old database, which is kept."""
    return _step("database-swap", "swap", key, ticket, key=key, ticket=ticket)


def kept(action: str, ticket: str) -> Command:
    """The old database of a recovery beside the new one: `action` is open, close, or read (all is handed over)."""
    return _step(f"kept-{action}", f"kept-{action}", ticket, ticket=ticket)


def ban(node: str, *, promotion: bool) -> Command:
    """Keep the database, or only its promotion, off a node."""
    only = ("--promoted",) if promotion else ()
    argv = ("crm_resource", "--ban", "-r", DATABASE, "-N", node, *only, "-Q")
    return Command("ban", argv, seconds=PATIENCE, order=Order("ban", (("node", node), ("promotion", promotion))))


def clear(node: str) -> Command:
    argv = ("crm_resource", "--clear", "-r", DATABASE, "-N", node, "-Q")
    return Command("clear-ban", argv, seconds=PATIENCE, order=Order("clear-ban", (("node", node),)))


def other(address: str) -> Command:
    """Who the other node's server is, asked as a replica asks; changes nothing."""
    where = CONNECTION.format(address=address)
    argv = (*PSQL, where, "-c", "IDENTIFY_SYSTEM", "-c", "SHOW in_hot_standby")
    return Command("other-database", argv, seconds=10.0, order=Order("other-database", (("address", address),)))


def other_history(address: str, timeline: int) -> Command:
    argv = (*PSQL, CONNECTION.format(address=address), "-c", f"TIMELINE_HISTORY {timeline}")
    values = (("address", address), ("timeline", timeline))
    return Command("other-history", argv, seconds=10.0, order=Order("other-history", values))

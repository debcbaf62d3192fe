"""Every command line that the cluster's room runs, as data; PROGRAMS has the full paths of Debian 12."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

PROGRAMS: Mapping[str, str] = MappingProxyType(
    {
        "cat": "/bin/cat",
        "corosync-cfgtool": "/usr/sbin/corosync-cfgtool",
        "corosync-qdevice-tool": "/usr/sbin/corosync-qdevice-tool",
        "corosync-quorumtool": "/usr/sbin/corosync-quorumtool",
        "crm_attribute": "/usr/sbin/crm_attribute",
        "crm_mon": "/usr/sbin/crm_mon",
        "crm_resource": "/usr/sbin/crm_resource",
        "drbdadm": "/sbin/drbdadm",
        "drbdsetup": "/sbin/drbdsetup",
        "ip": "/bin/ip",
        "pg_controldata": "/usr/lib/postgresql/15/bin/pg_controldata",
        "psql": "/usr/bin/psql",
        "python3": "/usr/bin/python3",
        "runuser": "/usr/sbin/runuser",
        "systemctl": "/bin/systemctl",
        "timedatectl": "/usr/bin/timedatectl",
    }
)
DATABASE = "/database/db/main"
AGENT_FILES = "/var/lib/pgsql/tmp"
RESOURCE = "r0"


class Meaning(StrEnum):
    """What an exit code says; a code without a meaning is a reply that nobody understands."""

    ANSWER = "answer"
    ASK_TEXT = "the text tells"  # the code stands for several faults


@dataclass(frozen=True, slots=True)
class Order:
    """The same as a verb of the root helper with its values (JSON): what is asked where root is needed."""

    verb: str
    values: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    argv: tuple[str, ...]
    codes: Mapping[int, Meaning] = field(default_factory=lambda: {0: Meaning.ANSWER})
    off: str = ""
    """Where the text tells: the words (a regular expression) that mean "not running"."""
    seconds: float = 5.0
    order: Order | None = None
    """Of a command that changes something; reading ones are known to the helper by their name."""


def _psql(name: str, *options: str, query: str) -> Command:
    """A query as the server's own user, at the server's own socket: the floating address would ask the active node."""
    argv = ("runuser", "-u", "postgres", "--", PROGRAMS["psql"], "-X", "-w", *options, "-d", "postgres", "-c", query)
    # psql: 2 the server is not there or refuses, 1 and 3 its own or the script's fault
    off = r"connection to server .* failed: (No such file|Connection refused|FATAL: +the database system is)"
    return Command(name, argv, {0: Meaning.ANSWER, 2: Meaning.ASK_TEXT}, off)


def _drbdsetup(name: str, *arguments: str) -> Command:
    # 10: the kernel does not know the resource, or any other refusal of the kernel; 20: usage
    codes = {0: Meaning.ANSWER, 10: Meaning.ASK_TEXT, 1: Meaning.ASK_TEXT}
    return Command(name, ("drbdsetup", *arguments), codes, off="No such resource|no resources defined")


def _file(name: str, path: str) -> Command:
    # cat: 1 the file is not there or may not be read
    return Command(name, ("cat", path), {0: Meaning.ANSWER, 1: Meaning.ASK_TEXT}, off="No such file or directory")


CONFIGURATION = _file("configuration", "/etc/corosync/corosync.conf")
# crm_mon: 102 not connected, told in XML, too: Pacemaker does not run, or just starts
PACEMAKER = Command(
    "pacemaker", ("crm_mon", "-1", "--output-as=xml"), {0: Meaning.ANSWER, 102: Meaning.ANSWER}, seconds=8.0
)
# corosync-quorumtool: 2 is an answer: no quorum; 1 Corosync does not run, or any other fault
QUORUM = Command(
    "quorum",
    ("corosync-quorumtool", "-s"),
    {0: Meaning.ANSWER, 2: Meaning.ANSWER, 1: Meaning.ASK_TEXT},
    off="Cannot initialize CMAP service",
)
LINKS = Command(
    "links",
    ("corosync-cfgtool", "-s"),
    {0: Meaning.ANSWER, 1: Meaning.ASK_TEXT},
    off="Could not initialize corosync configuration API",
)
# Asked where a witness is configured. corosync-qdevice-tool: 3 its client does not run, or any other fault
WITNESS = Command(
    "witness",
    ("corosync-qdevice-tool", "-s"),
    {0: Meaning.ANSWER, 3: Meaning.ASK_TEXT},
    off="Can't connect to QDevice socket",
)
INTERFACES = Command("interfaces", ("ip", "-json", "address", "show"))
CLOCK = Command("clock", ("timedatectl", "show"))
CONTROL = Command("control", ("runuser", "-u", "postgres", "--", PROGRAMS["pg_controldata"], DATABASE))
MARKS = Command(
    "marks",
    (
        *("runuser", "-u", "postgres", "--", "/usr/bin/find", DATABASE, AGENT_FILES, "-maxdepth", "1", "("),
        *("-name", "standby.signal", "-o", "-name", "backup_label", "-o", "-name", "PGSQL.lock", ")"),
        *("-printf", r"%f\n"),
    ),
)
POSTGRES = _psql(
    "postgres", "-A", "-t", query="select pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"
)
STANDBYS = _psql(
    "standbys",
    "--csv",
    query="select application_name, state, sync_state, sent_lsn, flush_lsn, "
    "case when pg_is_in_recovery() then null else pg_current_wal_lsn() end as current_lsn from pg_stat_replication",
)
RECEIVER = _psql(
    "receiver",
    "--csv",
    query="select status, received_tli, flushed_lsn, last_msg_send_time, last_msg_receipt_time "
    "from pg_stat_wal_receiver",
)
DRBD_PROC = _file("drbd-proc", "/proc/drbd")
DRBD_STATUS = _drbdsetup("drbd-status", "status", RESOURCE, "--verbose", "--statistics")
DRBD_JSON = _drbdsetup("drbd-json", "status", RESOURCE, "--json")
DRBD_EVENTS = _drbdsetup("drbd-events", "events2", "--now", "--statistics", RESOURCE)
# Only /proc/drbd tells the protocol; beside the other sources it is asked for.
DRBD_SHOW = _drbdsetup("drbd-show", "show", RESOURCE, "--show-defaults")
# Asked when two sides are compared. The position is that of the last durable byte; a standby's, of what it has applied.
LINE = _psql(
    "line",
    "-A",
    "-t",
    query="select pg_is_in_recovery(), "
    "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end, "
    "(select system_identifier from pg_control_system()), "
    "case when pg_is_in_recovery() then coalesce((select received_tli from pg_stat_wal_receiver), "
    "(select nullif(min_recovery_end_timeline, 0) from pg_control_recovery()), "
    "(select timeline_id from pg_control_checkpoint())) "
    "else ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int end",
)
HISTORIES = Command(
    "histories",
    (
        *("runuser", "-u", "postgres", "--", "/usr/bin/find", f"{DATABASE}/pg_wal", "-maxdepth", "1"),
        *("-name", "*.history", "-printf", r"== %f\n", "-exec", "/bin/cat", "{}", ";"),
    ),
)
# drbdadm: 1 and 10 no configuration or no device; the metadata tell it also while the device is down
GENERATION = Command("generation", ("drbdadm", "get-gi", RESOURCE))

EVERYWHERE = (PACEMAKER, QUORUM, LINKS, INTERFACES, CLOCK, CONTROL, MARKS, POSTGRES, STANDBYS, RECEIVER)
COMPARED = (LINE, HISTORIES, GENERATION)

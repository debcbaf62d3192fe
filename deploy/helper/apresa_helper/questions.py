"""What may be asked as root: the cluster's own questions, word for word, and all of them only read."""

POSTGRES = ("/usr/sbin/runuser", "-u", "postgres", "--")
PSQL = (*POSTGRES, "/usr/bin/psql", "-X", "-w")
DRBDSETUP = "/sbin/drbdsetup"
STATE = "select pg_is_in_recovery(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()"
STANDBYS = (
    "select application_name, state, sync_state, sent_lsn, flush_lsn, "
    "case when pg_is_in_recovery() then null else pg_current_wal_lsn() end as current_lsn from pg_stat_replication"
)
RECEIVER = (
    "select status, received_tli, flushed_lsn, last_msg_send_time, last_msg_receipt_time from pg_stat_wal_receiver"
)
LINE = (
    "select pg_is_in_recovery(), "
    "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end, "
    "(select system_identifier from pg_control_system()), "
    "case when pg_is_in_recovery() then coalesce((select received_tli from pg_stat_wal_receiver), "
    "(select nullif(min_recovery_end_timeline, 0) from pg_control_recovery()), "
    "(select timeline_id from pg_control_checkpoint())) "
    "else ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int end"
)
# To the other node's server as a replica: its certificate must be of the cluster's authority, the password comes from
# postgres' own file.
CONNECTION = (
    "host={address} user=replicator replication=true sslmode=verify-ca "
    "sslrootcert=/etc/postgresql/15/main/cluster.crt connect_timeout=5 passfile=/var/lib/postgresql/.pgpass"
)
DATA = "/database/db/main"
AGENT_FILES = "/var/lib/pgsql/tmp"
FIND = (*POSTGRES, "/usr/bin/find")
MARKS = ("(", "-name", "standby.signal", "-o", "-name", "backup_label", "-o", "-name", "PGSQL.lock", ")")
HISTORIES = ("-name", "*.history", "-printf", r"== %f\n", "-exec", "/bin/cat", "{}", ";")
Question = tuple[tuple[str, ...], float]  # argv, seconds
QUESTIONS: dict[str, Question] = {
    "pacemaker": (("/usr/sbin/crm_mon", "-1", "--output-as=xml"), 8.0),
    "quorum": (("/usr/sbin/corosync-quorumtool", "-s"), 5.0),
    "witness": (("/usr/sbin/corosync-qdevice-tool", "-s"), 5.0),
    "links": (("/usr/sbin/corosync-cfgtool", "-s"), 5.0),
    "control": ((*POSTGRES, "/usr/lib/postgresql/15/bin/pg_controldata", DATA), 5.0),
    "marks": ((*FIND, DATA, AGENT_FILES, "-maxdepth", "1", *MARKS, "-printf", r"%f\n"), 5.0),
    "line": ((*PSQL, "-A", "-t", "-d", "postgres", "-c", LINE), 5.0),
    "histories": ((*FIND, f"{DATA}/pg_wal", "-maxdepth", "1", *HISTORIES), 5.0),
    "generation": (("/sbin/drbdadm", "get-gi", "r0"), 5.0),
    "postgres": ((*PSQL, "-A", "-t", "-d", "postgres", "-c", STATE), 5.0),
    "standbys": ((*PSQL, "--csv", "-d", "postgres", "-c", STANDBYS), 5.0),
    "receiver": ((*PSQL, "--csv", "-d", "postgres", "-c", RECEIVER), 5.0),
    "drbd-status": ((DRBDSETUP, "status", "r0", "--verbose", "--statistics"), 5.0),
    "drbd-json": ((DRBDSETUP, "status", "r0", "--json"), 5.0),
    "drbd-events": ((DRBDSETUP, "events2", "--now", "--statistics", "r0"), 5.0),
    "drbd-show": ((DRBDSETUP, "show", "r0", "--show-defaults"), 5.0),
}

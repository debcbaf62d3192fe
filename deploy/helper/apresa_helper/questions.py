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
Question = tuple[tuple[str, ...], float]  # argv, seconds
QUESTIONS: dict[str, Question] = {
    "pacemaker": (("/usr/sbin/crm_mon", "-1", "--output-as=xml"), 8.0),
    "quorum": (("/usr/sbin/corosync-quorumtool", "-s"), 5.0),
    "links": (("/usr/sbin/corosync-cfgtool", "-s"), 5.0),
    "control": ((*POSTGRES, "/usr/lib/postgresql/15/bin/pg_controldata", "/database/db/main"), 5.0),
    "postgres": ((*PSQL, "-A", "-t", "-d", "postgres", "-c", STATE), 5.0),
    "standbys": ((*PSQL, "--csv", "-d", "postgres", "-c", STANDBYS), 5.0),
    "receiver": ((*PSQL, "--csv", "-d", "postgres", "-c", RECEIVER), 5.0),
    "drbd-status": ((DRBDSETUP, "status", "r0", "--verbose", "--statistics"), 5.0),
    "drbd-json": ((DRBDSETUP, "status", "r0", "--json"), 5.0),
    "drbd-events": ((DRBDSETUP, "events2", "--now", "--statistics", "r0"), 5.0),
    "drbd-show": ((DRBDSETUP, "show", "r0", "--show-defaults"), 5.0),
}

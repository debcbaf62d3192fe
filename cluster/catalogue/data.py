"""Findings about the databases and the recordings' volume."""

from collections.abc import Mapping

from cluster.catalogue.mark import gettext_noop as _
from cluster.findings import Kind, Level, Takeover

WARNING, CRITICAL = Level.WARNING, Level.CRITICAL
UNTOUCHED, UNCERTAIN, IMPOSSIBLE = Takeover.UNTOUCHED, Takeover.UNCERTAIN, Takeover.IMPOSSIBLE

DATA: Mapping[str, Kind] = {
    "database-missing": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The cluster does not manage a database."),
        _("Pacemaker has no resource of the agent pgsql."),
        _("Finish the cluster's set-up."),
    ),
    "database-stopped": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The database of {node} is off; it must be recovered before {node} can take over."),
        _("Pacemaker's role of the database on {node}: {role}. Its files: {files}. {why}"),
        _("Recover the database of {node} from the active node (recoverdb)."),
    ),
    "database-returning": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The database of {node} is off, and comes back by itself: it lacks nothing but what was written since."),
        _("Pacemaker's role of the database on {node}: {role}. Its files: {files}."),
        _("Wait a minute. If it is off still, look at the history: each attempt is told there."),
    ),
    "database-not-streaming": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The database of {node} does not follow the active one: {node} will not be promoted."),
        _("{evidence}"),
        _("If it does not follow again within a minute, recover the database of {node} (recoverdb)."),
    ),
    "database-role-disagrees": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("The database of {node} is not what the cluster believes."),
        _("Pacemaker: {expected}. The server itself: {found}."),
        _("Refresh the database's resource in Pacemaker, then look again."),
    ),
    "database-behind": Kind(
        WARNING,
        UNTOUCHED,
        _("The database of {node} is {megabytes} MB behind."),
        _("pg_stat_replication: {bytes} bytes not yet durable there."),
        _("Check the link's bandwidth and the disk of {node}."),
    ),
    "databases-strangers": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("The two databases are not copies of each other."),
        _("System identifiers: {own} and {peer}."),
        _("Find out which one has the calls; recover the other from it."),
    ),
    "databases-parted": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("The database of {node} went its own way: it may have what the active one lacks."),
        _("Timeline {newer} on {node}, {older} on the active node."),
        _("Hand over what only {node} has before its database is recovered."),
    ),
    "recordings-not-replicated": Kind(
        WARNING,
        UNCERTAIN,
        _("The recordings are not replicated: after a takeover the older ones are missing."),
        _("Pacemaker has no resource of the agent drbd."),
        _("Finish the cluster's set-up."),
    ),
    "drbd-down": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The recordings' replication is off on {node}."),
        _("{detail}"),
        _("Join {node} to the cluster, or bring the replication up (drbdadm up)."),
    ),
    "drbd-standalone": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("The two copies of the recordings have parted, or {node} was told to stay alone."),
        _("DRBD on {node}: StandAlone, {kibibytes} KiB known to differ."),
        _("Compare both sides; then discard the one that lost, and only that one."),
    ),
    "drbd-not-connected": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The recordings are not being copied to the other node."),
        _("DRBD on {node}: {connection}."),
        _("Check that the other node is up, and the replication link."),
    ),
    "drbd-syncing": Kind(
        WARNING,
        IMPOSSIBLE,
        # xgettext: no-python-format (a per cent, no place)
        _("The recordings are being copied: {percent} % done."),
        _("DRBD on {node}: {replication}, about {minutes} minutes left."),
        _("Wait. Do not switch off either node."),
    ),
    "drbd-not-established": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The recordings' replication is not in its normal state."),
        _("DRBD on {node}: {replication}."),
        _("Wait for a check (verify) to end; otherwise look into the kernel's log."),
    ),
    "drbd-disk": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("The copy of the recordings on {node} is not good."),
        _("DRBD calls that disk {disk}."),
        _("Check the disk of {node}; DRBD copies it anew when it is attached and connected."),
    ),
    "drbd-suspended": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("The recordings' volume on {node} is held up: nothing can be written."),
        _("DRBD has suspended I/O."),
        _("Look into the kernel's log for the reason."),
    ),
    "drbd-differs": Kind(
        WARNING,
        UNCERTAIN,
        _("A check found that the two copies of the recordings differ."),
        _("DRBD on {node}: connected, with {kibibytes} KiB out of sync."),
        _("Disconnect and connect the replication, so that the marked blocks are copied."),
    ),
    "drbd-protocol": Kind(
        WARNING,
        UNCERTAIN,
        _("The recordings are copied late: a write counts before the other node has it."),
        _("DRBD uses protocol {protocol}, not C."),
        _("Set protocol C."),
    ),
    "drbd-role-disagrees": Kind(
        CRITICAL,
        UNCERTAIN,
        _("The cluster's picture of the recordings' volume is not the kernel's."),
        _("Primary by the kernel of {node}: {kernel}. Promoted in Pacemaker: {pacemaker}. Active: {active}."),
        _("Refresh the volume's resource in Pacemaker (crm_resource --refresh), then look again."),
    ),
}

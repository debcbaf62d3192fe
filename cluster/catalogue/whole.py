"""Findings about who is active, and about what nobody can tell."""

from collections.abc import Mapping

from cluster.catalogue.mark import gettext_noop as _
from cluster.findings import Kind, Level, Takeover

WARNING, UNKNOWN, CRITICAL = Level.WARNING, Level.UNKNOWN, Level.CRITICAL
UNCERTAIN, IMPOSSIBLE = Takeover.UNCERTAIN, Takeover.IMPOSSIBLE

WHO: Mapping[str, Kind] = {
    "two-active": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("Both nodes act as primary (split brain): their recordings and databases go separate ways."),
        _("Acting as primary: {nodes}. Evidence: {evidence}."),
        _("Do not join or repair anything by hand. Compare both sides first, then recover the one that loses."),
    ),
    "active-moving": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The active node is changing: one node was active when it was asked, and the other one is now."),
        _("Acting as primary, one after the other: {nodes}; DRBD has one writer. Evidence: {evidence}."),
        _("Look again in a minute. If it does not end, look at Pacemaker's log on both nodes."),
    ),
    "two-active-perhaps": Kind(
        UNKNOWN,
        IMPOSSIBLE,
        _("Each node called itself active, but not at the same time: whether both are cannot be told."),
        _("The reports are {seconds} seconds apart. Acting as primary: {nodes}. Evidence: {evidence}."),
        _("Look again, with fresh reports of both nodes; join and repair nothing before."),
    ),
    "nobody-active": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("No node is active: calls are kept in the recorders' spools, but not stored, and nobody is served."),
        _("Pacemaker has no promoted database."),
        _("Repair the node with the latest data first; see the two-node failure in the manual."),
    ),
    "not-joined": Kind(
        WARNING,
        IMPOSSIBLE,
        _("{node} has not joined the cluster."),
        _("Pacemaker does not run on {node}: {detail}"),
        _("Inspect {node}, repair what the other findings name, then join it."),
    ),
    "recovery-not-ended": Kind(
        WARNING,
        IMPOSSIBLE,
        _("{node} is being recovered, and cannot become active before that has ended."),
        _("The mark /var/lib/pgsql/tmp/apresa.recovering is there; the recovery's last step removes it."),
        _("If no recovery runs, press Repair on {node}: it goes on where it was."),
    ),
    "active-not-visible": Kind(
        UNKNOWN,
        IMPOSSIBLE,
        _("{node} cannot see which node is active."),
        _("By what {node} sees, nobody is active: {evidence}."),
        _("Look at the cluster's page of the other node."),
    ),
    "configuration-missing": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("{node} belongs to a cluster, but its configuration is gone."),
        _("/etc/corosync/corosync.conf is not there, or names no second node."),
        _("Put the file back from the other node or from a backup; start nothing before."),
    ),
    "not-known": Kind(
        UNKNOWN,
        UNCERTAIN,
        _("{node} cannot tell the state of: {part}."),
        _("{why}: {detail}"),
        _("Look at that part on {node}; run this as root, as some of the tools answer nobody else."),
    ),
    "name-not-in-cluster": Kind(
        UNKNOWN,
        UNCERTAIN,
        _("{node} is not one of the two nodes that the cluster's configuration names."),
        _("corosync.conf names {names}."),
        _("The name of a node must not be changed; give it back its name."),
    ),
    "pictures-differ": Kind(
        UNKNOWN,
        UNCERTAIN,
        _("The two nodes do not see the same cluster."),
        _("Pacemaker's pictures differ in: {parts}."),
        _("Look again in a minute; if they still differ, check the links between the nodes."),
    ),
    "observation-old": Kind(
        UNKNOWN,
        UNCERTAIN,
        _("Nobody has looked at the cluster for {minutes} minutes: what is shown here may be over."),
        _("The last observation of {node} is {seconds} seconds old; there should be one every few seconds."),
        _("See whether this node's worker and clock (Celery beat) run."),
    ),
    "peer-report-foreign": Kind(
        UNKNOWN,
        UNCERTAIN,
        _("The other node's report comes from {node}, which is not the other node of this cluster."),
        _("Expected a report of {expected}."),
        _("Ask the right machine."),
    ),
}

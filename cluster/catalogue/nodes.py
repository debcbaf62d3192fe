"""Findings about nodes, quorum, links and clocks."""

from collections.abc import Mapping

from cluster.catalogue.mark import gettext_noop as _
from cluster.findings import Kind, Level, Takeover

NOTE, WARNING, UNKNOWN, CRITICAL = Level.NOTE, Level.WARNING, Level.UNKNOWN, Level.CRITICAL
UNTOUCHED, UNCERTAIN, IMPOSSIBLE = Takeover.UNTOUCHED, Takeover.UNCERTAIN, Takeover.IMPOSSIBLE

NODES: Mapping[str, Kind] = {
    "node-offline": Kind(
        WARNING,
        IMPOSSIBLE,
        _("{node} is away: it is off, or the link to it is cut."),
        _("Pacemaker or Corosync does not have {node} among its members."),
        _("Find out why {node} is away; once it is up, recover it and let it join."),
    ),
    "node-unclean": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("The cluster has lost {node} without knowing whether it is off."),
        _("Pacemaker calls {node} unclean: it waits until the node is fenced."),
        _("Make sure that {node} is off, and repair its power switch (fencing)."),
    ),
    "node-not-serving": Kind(
        WARNING,
        IMPOSSIBLE,
        _("{node} is in the cluster, but may not take over."),
        _("Pacemaker's state of {node}: {state}."),
        _("End that state of {node}."),
    ),
    "maintenance": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The cluster is in maintenance mode: recording goes on, but no node takes over."),
        _('maintenance-mode=true; the resources are "unmanaged".'),
        _("Switch maintenance mode off when the work is done."),
    ),
    "no-controller": Kind(
        UNKNOWN,
        UNCERTAIN,
        _("The cluster has just started, or is electing its coordinator."),
        _("Pacemaker has no DC."),
        _("Wait a minute and look again."),
    ),
    "mixed-version": Kind(
        WARNING,
        UNTOUCHED,
        _("The two nodes run different versions of Pacemaker."),
        _("mixed_version=true"),
        _("Install the same updates on both, the primary first."),
    ),
    "no-quorum": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("{node} is in the minority, and stops what it serves."),
        _("Not quorate: {votes} of {expected} votes."),
        _("Restore the link to the other node and to the witness."),
    ),
    "corosync-stopped": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("{node} does not hear the other node: the cluster's messenger is off."),
        _("Corosync does not run on {node}: {detail}"),
        _("Start Corosync, after finding in its log why it ended."),
    ),
    "witness-lost": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The witness gives no vote: if one node fails now, the other stops, too."),
        _("Corosync's quorum device has 0 votes. {detail}"),
        _("Find out why the witness cannot be reached: it must be on, run corosync-qnetd, and let TCP port 5403 in."),
    ),
    "witness-unreachable": Kind(
        WARNING,
        UNCERTAIN,
        _("The witness gives {node} no vote: if the other node fails now, {node} stops, too."),
        _("Corosync's quorum device has 0 votes on {node}: {detail}"),
        _("Find out why {node} cannot reach the witness (TCP port 5403)."),
    ),
    "witness-one-sided": Kind(
        WARNING,
        UNCERTAIN,
        _("The two nodes do not name the same witness."),
        _("corosync.conf of {detail}"),
        _("Remove the witness, and add it again."),
    ),
    "witness-not-obeyed": Kind(
        WARNING,
        UNTOUCHED,
        _("There is a witness, but the cluster does not obey it: a cut link still makes both nodes primary."),
        _("no-quorum-policy={policy}"),
        _("Add the witness once more: what is missing is done."),
    ),
    "link-down": Kind(
        WARNING,
        UNTOUCHED,
        _("One of the {count} links between the nodes is cut."),
        _("Corosync's link {link} from {node} ({address}) is disconnected."),
        _("Check cable, switch and interface of that link."),
    ),
    "no-link": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _("{node} has no link to the other node."),
        _("None of {count} links of Corosync is connected."),
        _("Check cables, switches and interfaces between the nodes. Do not start anything by hand meanwhile."),
    ),
    "node-link-down": Kind(
        WARNING,
        UNCERTAIN,
        _("{node} cannot ask {other}: the link between the two recorders is down."),
        _("Pacemaker sees {other}, but its port 8408 does not answer: {detail}"),
        _("See whether apresa-link runs on {other}, and whether a firewall lets TCP port 8408 through."),
    ),
    "mixed-release": Kind(
        WARNING,
        UNTOUCHED,
        _("The two nodes run different releases of Apresa."),
        _("{node} has {release}, {other} has {others}."),
        _("Finish the update on {late}: put the same release there, and run deploy/install as root."),
    ),
    "interface-down": Kind(
        WARNING,
        UNCERTAIN,
        _("{node} has lost one of its own network connections."),
        _("No interface with a carrier has the address {address}."),
        _("Check cable and interface on {node}."),
    ),
    "one-link": Kind(
        NOTE,
        UNTOUCHED,
        _("The nodes have only one link between them."),
        _("corosync.conf gives {node} one address."),
        _("Add a second link, over another switch, if you can."),
    ),
    "split-brain-possible": Kind(
        NOTE,
        UNTOUCHED,
        _("Without witness or fencing a cut link makes both nodes primary (split brain)."),
        _("No quorum device, and stonith-enabled=false."),
        _("Add a witness; before work on the network, switch maintenance mode on."),
    ),
    "clock-not-synchronised": Kind(
        WARNING,
        UNTOUCHED,
        _("The clock of {node} is not synchronised."),
        _("NTPSynchronized=no"),
        _("Give {node} a time server that it can reach."),
    ),
    "clocks-differ": Kind(
        WARNING,
        UNTOUCHED,
        _("The clocks of the two nodes differ by {seconds} seconds."),
        _("Measured at {node}, on {way}."),
        _("Let both nodes use the same time servers."),
    ),
}

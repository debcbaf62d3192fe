"""The steps of the set-up, and why one of them did not come to its end."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "check": _("Checking this machine"),
        "names": _("Names of both nodes"),
        "ring": _("Corosync: configuration and key"),
        "volume": _("DRBD: the replicated volume"),
        "server": _("PostgreSQL: the database server"),
        "copy": _("PostgreSQL: copying the database of the primary"),
        "redis": _("Redis"),
        "library": _("Copying the recordings to the volume"),
        "move": _("Moving the database, and restarting as a node of the cluster"),
        "leave": _("Restarting as a node of the cluster"),
        "place": _("Handing the volume over"),
        "start": _("Pacemaker: start and resources"),
        "serves": _("Waiting until the cluster serves"),
        "follows": _("Waiting until this node follows the primary"),
        "witness": _("The witness, where there is one"),
    }
)
FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "faults": _("This machine is not as the answers say. {faults}"),
        "names-lead-elsewhere": _("The names of the nodes do not lead to their addresses, though /etc/hosts has them."),
        "drbd-unknown": _("DRBD does not tell what this machine's copy is; nothing was done to it. Look at its log."),
        "volume-foreign": _("{device} holds something that is not ours ({what}); nothing was done to it."),
        "no-effect": _("The step {what} was done, but its effect is not seen. Look at its output, then let it go on."),
        "copy-late": _("Copying the database took longer than a day. Look at the link between the nodes."),
        "copy-lost": _("The copy of the database is not where it was put; look at /database/db before going on."),
        "pacemaker-late": _("Pacemaker came to no decision within two minutes. Look at its log and Corosync's."),
        "serves-late": _("The cluster does not serve after five minutes. The cluster's page tells what is wrong."),
        "follows-late": _(
            "The database of this node does not follow the primary after five minutes. Look at the cluster's page."
        ),
        "not-stopped": _("The lone machine's service did not end, so the node could not begin. Look at its log."),
        "library-incomplete": _("The recordings could not be copied: {detail}"),
        "move-failed": _("The database could not be moved; nothing was changed. {detail}"),
        "stopped-short": _("It was stopped by somebody. Let it go on when you want."),
        "pairing-incomplete": _("What the pairing keeps cannot be read: {detail}"),
    }
)

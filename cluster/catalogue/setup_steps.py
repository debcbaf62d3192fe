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
        "undo-stop": _("Stopping Pacemaker and Corosync"),
        "undo-compare": _("Comparing the databases: nothing that was changed since may be lost"),
        "undo-data": _("Database and recordings of the lone machine: back in their places"),
        "undo-return": _("Restarting as a machine that works alone"),
        "undo-volume": _("DRBD: taken down"),
        "undo-server": _("PostgreSQL: the cluster's server put aside"),
        "undo-redis": _("Redis: as it was"),
        "undo-ring": _("Corosync and Pacemaker: configuration removed"),
        "undo-names": _("Names of the nodes: removed"),
        "undo-end": _("Forgetting the cluster's secrets"),
    }
)
GIVE_UP: Mapping[str, str] = MappingProxyType(
    {
        "served": _(
            "This machine serves as a node, or did: calls may lie in the cluster's database alone, so the set-up can "
            "no longer be given up. Let it go on, or repair the cluster."
        ),
        "own-data-missing": _(
            "What this machine had before the set-up is not there any more ({what}), so it could not work alone."
        ),
        "own-data-twice": _(
            "There are two databases of the lone machine, default.sqlite3 and default.before-cluster.sqlite3. "
            "Look which one is the newer, and move the other one away first."
        ),
        "library-in-use": _(
            "A volume is mounted where the recordings of the lone machine belong; "
            "unmount /var/lib/apresa/library first."
        ),
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
        **GIVE_UP,
        "not-lone": _(
            "This machine has not its own database and recordings again, so nothing more is removed. "
            "Look at /var/lib/apresa and at its services, then let it go on."
        ),
        "changed-since": _(
            "Something was changed here since the database was moved (table {table}), and would be lost. "
            "Let the set-up go on instead."
        ),
        "not-compared": _("{detail} Nothing was taken back. Let it go on, or give it up again."),
        "not-back": _("What was put aside could not be put back: {detail}. Look at it, then let it go on."),
        "move-failed": _("The database could not be moved; nothing was changed. {detail}"),
        "stopped-short": _("It was stopped by somebody. Let it go on when you want."),
        "pairing-incomplete": _("What the pairing keeps cannot be read: {detail}"),
    }
)

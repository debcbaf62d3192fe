"""The settings of this room."""

from django.utils.translation import gettext_lazy as _

from apresa.config.registry import Entry, one_of, register, whole_number, yes_or_no
from cluster.observe import SOURCES
from cluster.release import HOLD_DOWN as SECONDS
from cluster.release import LEAST_HOLD_DOWN

DRBD_SOURCE = register(
    Entry(
        "cluster.drbd_source",
        "node",
        "auto",
        one_of(*SOURCES),
        _(
            "Where this machine reads the state of the recordings' volume: the kernel's file (proc), or drbdsetup as "
            "text (status), json or events; auto takes the file for DRBD 8.4 and JSON for DRBD 9."
        ),
        choices=SOURCES,
        label=_("Where DRBD's state is read"),
    )
)
HOLD_DOWN = register(
    Entry(
        "cluster.hold_down",
        "cluster",
        int(SECONDS),
        whole_number(int(LEAST_HOLD_DOWN), 86_400),
        _(
            "Seconds for which both nodes still keep the packets of a call that is stored on both disks: a disk may "
            "lose what it has only in its own memory when the power fails."
        ),
        label=_("Packets kept after storing"),
    )
)
RECONNECT = register(
    Entry(
        "cluster.reconnect",
        "node",
        True,
        yes_or_no,
        _(
            "Whether this machine connects the recordings' replication again by itself where the link was lost. "
            "It never does so where both sides have written alone."
        ),
        label=_("Connect the recordings again"),
    )
)
CLEANUPS = register(
    Entry(
        "cluster.cleanups",
        "node",
        3,
        whole_number(0, 20),
        _("How often a day this machine forgets the failure of a resource by itself and looks anew; 0 is never."),
        label=_("Clean-ups a day"),
    )
)
RECORDER = register(
    Entry(
        "cluster.restart_recorder",
        "node",
        True,
        yes_or_no,
        _("Whether this machine starts its recording component again when it has said nothing for half a minute."),
        label=_("Restart a silent recorder"),
    )
)

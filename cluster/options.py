"""The settings of this room."""

from django.utils.translation import gettext_lazy as _

from apresa.config.registry import Entry, one_of, register
from cluster.observe import SOURCES

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

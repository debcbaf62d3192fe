"""What a node did by itself."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue.mark import gettext_noop as _

TRIED: Mapping[str, str] = MappingProxyType(
    {
        "reconnect": _("By itself: the recordings' replication of {what} was told to connect again."),
        "rejoin": _("By itself: the database of {node}, which had handed over in order, follows the active one."),
        "cleanup": _("By itself: the failure of {what} on {node} was forgotten, and {what} looked at anew."),
        "recorder": _("By itself: the recording component of {what} was started again, as it said nothing."),
    }
)
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "reconnect": _("DRBD was StandAlone, and one side had written nothing alone."),
        "rejoin": _("By both sides nothing of it is discarded: its log ends where the active one went on."),
        "cleanup": _("The failure had lasted for a minute."),
        "recorder": _("Its status was older than half a minute."),
    }
)
FAILED = _("By itself: it was tried and failed. {sentence} {detail}")

"""The restart of the recording component in words."""

from collections.abc import Mapping
from types import MappingProxyType

from cluster.catalogue import acts
from cluster.catalogue.mark import gettext_noop as _

STEPS: Mapping[str, str] = MappingProxyType(
    {"recorder": _("Ending it"), "recorder-wait": _("Waiting until it is heard again")}
)
FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "unavailable": acts.FAILURES["unavailable"],
        "command-failed": acts.FAILURES["command-failed"],
        "recorder-silent": _(
            "It was told to start again, but was not heard within {seconds} seconds. See that a network interface is "
            "set, and what it says in the log (journalctl -u apresa-record, or -u apresa on a machine alone)."
        ),
    }
)

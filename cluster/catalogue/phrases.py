"""The phrases of the one big sentence."""

from collections.abc import Mapping

from cluster.catalogue.mark import gettext_noop as _

PHRASES: Mapping[str, str] = {
    "alone": _("{node} stands alone: it records, and no other node takes over."),
    "split": _("Both nodes act as primary (split brain)."),
    "moving": _("The active node is changing; until that is over, no node takes over."),
    "nobody": _("No node is active; the recorders keep calls until one is."),
    "unseen": _("{node} cannot see which node records."),
    "old": _("{node} does not know how the cluster is now; what follows is {minutes} minutes old."),
    "never": _("{node} has not looked at the cluster yet."),
    "records": _("{active} records."),
    "half": _("{active} is active, but not everything runs there."),
    "ready": _("{standby} is ready."),
    "takes-over": _("If {active} fails now, {standby} takes over."),
    # xgettext: no-python-format (a per cent, no place)
    "syncing": _("{standby} is not ready to fail over: {percent} % of the recordings are copied."),
    "syncing-left": _(
        # xgettext: no-python-format (a per cent, no place)
        "{standby} is not ready to fail over: {percent} % of the recordings are copied, {hours} h {minutes} min left."
    ),
    "maintenance": _("The cluster is in maintenance mode."),
    "not-ready": _("{standby} is not ready."),
    "nobody-takes-over": _("If {active} fails now, no node takes over."),
    "uncertain": _("Whether {standby} is ready is not certain."),
    "takeover-uncertain": _("If {active} fails now, it is not certain that {standby} takes over."),
}

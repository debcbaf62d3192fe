"""Findings about the nodes' own programs, disks and ears."""

from collections.abc import Mapping

from cluster.catalogue.mark import gettext_noop as _
from cluster.findings import Kind, Level, Takeover

WARNING, CRITICAL = Level.WARNING, Level.CRITICAL
UNTOUCHED, UNCERTAIN = Takeover.UNTOUCHED, Takeover.UNCERTAIN

SERVICES: Mapping[str, Kind] = {
    "recorder-off": Kind(
        CRITICAL,
        UNCERTAIN,
        _("{node} does not record: only the other node hears the calls now."),
        _("{detail}"),
        _("See on {node} that apresa-record runs and its interface is there; missed calls come from the other node."),
    ),
    "worker-off": Kind(
        WARNING,
        UNCERTAIN,
        _("The worker of {node} does not run: nothing is looked after there."),
        _("{detail}"),
        _("See on {node} why apresa-node does not run, and start it."),
    ),
    "active-worker-off": Kind(
        CRITICAL,
        UNTOUCHED,
        _("{node} is active, but stores no calls: they wait in the recorders' spools."),
        _("{detail}"),
        _("See in the log of apresa-active on {node} what its worker waits for; a switchover moves the work."),
    ),
    "web-off": Kind(
        WARNING,
        UNCERTAIN,
        _("The pages of {node} do not answer."),
        _("{detail}"),
        _("See on {node} why apresa-web does not run, and start it."),
    ),
    "redis-off": Kind(
        WARNING,
        UNTOUCHED,
        _("Redis of {node} does not answer: work is found later, by the clock."),
        _("{detail}"),
        _("See on {node} why redis-server does not run, and start it."),
    ),
    "service-off": Kind(
        WARNING,
        UNCERTAIN,
        _("A part of {node} does not work: {part}."),
        _("{detail}"),
        _("See the system information of {node}."),
    ),
    "disk-low": Kind(
        WARNING,
        UNCERTAIN,
        _("A disk of {node} is nearly full: {percent} % are free."),
        _("{free} MB of {total} MB are free where this lies: {part}."),
        _("Make room on that disk, or add to it, before calls can no longer be kept."),
    ),
    "heard-by-one": Kind(
        WARNING,
        UNCERTAIN,
        # xgettext: no-python-format (a per cent, no place)
        _("{node} misses {percent} % of the calls that the other node hears."),
        _("In the same {minutes} minutes {node} heard {fewer} calls to their end, the other node {more}."),
        _("Look at the mirror port of {node} first: the switch's setting, the cable, the interface listened on."),
    ),
}

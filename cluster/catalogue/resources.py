"""Findings about what Pacemaker runs."""

from collections.abc import Mapping

from cluster.catalogue.mark import gettext_noop as _
from cluster.findings import Kind, Level, Takeover

WARNING, CRITICAL = Level.WARNING, Level.CRITICAL
UNCERTAIN, IMPOSSIBLE = Takeover.UNCERTAIN, Takeover.IMPOSSIBLE

RESOURCES: Mapping[str, Kind] = {
    "failed-action": Kind(
        WARNING,
        UNCERTAIN,
        _("Something failed on {node}: {operation}."),
        _("Result: {result}. {reason}"),
        _("Find the cause, then clean the failure up, so that the cluster tries again."),
    ),
    "resource-failed": Kind(
        WARNING,
        UNCERTAIN,
        _('"{resource}" has failed.'),
        _("Pacemaker marks it failed on: {nodes}."),
        _("Find the cause, then clean the failure up."),
    ),
    "resource-blocked": Kind(
        CRITICAL,
        IMPOSSIBLE,
        _('"{resource}" could not be stopped, so the cluster touches it no more.'),
        _("Pacemaker marks it blocked on: {nodes}."),
        _("Stop it by hand, then clean the failure up."),
    ),
    "resource-unmanaged": Kind(
        WARNING,
        IMPOSSIBLE,
        _('The cluster does not look after "{resource}".'),
        _("managed=false"),
        _("Give it back to the cluster (crm resource manage)."),
    ),
    "resource-stopped": Kind(
        CRITICAL,
        UNCERTAIN,
        _('"{resource}" does not run on the active node {node}.'),
        _("Pacemaker's role: {role}, on: {nodes}."),
        _("If it does not start within a minute, look for its failure below."),
    ),
    "resource-not-yet": Kind(
        WARNING,
        UNCERTAIN,
        _('"{resource}" is just being started or stopped on the active node {node}.'),
        _("Pacemaker has begun it, and it has not ended."),
        _("Wait a minute and look again."),
    ),
    "resource-elsewhere": Kind(
        CRITICAL,
        UNCERTAIN,
        _('"{resource}" runs where it must not.'),
        _("Running on {nodes}; the active node is {node}."),
        _("Wait for the cluster to stop it; if it does not, do not write anything there."),
    ),
    "resource-changing": Kind(
        WARNING,
        UNCERTAIN,
        _('The cluster is just starting, stopping or moving "{resource}".'),
        _("On: {nodes}."),
        _("Wait a minute and look again."),
    ),
    "fencing-not-ready": Kind(
        WARNING,
        IMPOSSIBLE,
        _("The power switch (fencing) is not ready: without it no node takes over."),
        _("stonith-enabled=true, and none of {count} fencing devices is started."),
        _("Repair the fencing device, or switch fencing off knowingly."),
    ),
}

"""Rules about what Pacemaker runs."""

from collections.abc import Iterator

from cluster.findings import Finding, finding
from cluster.pacemaker_types import Resource, ResourceKind, ResourceRole
from cluster.rules.facts import Facts


def failed_actions(facts: Facts) -> Iterator[Finding]:
    for failure in facts.pacemaker.failures if facts.pacemaker else ():
        yield finding(
            "failed-action",
            node=failure.node,
            operation=failure.operation,
            result=failure.result or "not told",
            reason=failure.reason,
        )


def flags(facts: Facts) -> Iterator[Finding]:
    if facts.pacemaker is None:
        return
    for resource in facts.pacemaker.resources:
        where = _where(resource)
        if resource.blocked:
            yield finding("resource-blocked", resource=resource.name, nodes=where)
        elif resource.failed:
            yield finding("resource-failed", resource=resource.name, nodes=where)
        if not resource.managed and not facts.pacemaker.maintenance:
            yield finding("resource-unmanaged", resource=resource.name)
        if resource.role in {ResourceRole.CHANGING, ResourceRole.UNKNOWN}:
            yield finding("resource-changing", resource=resource.name, nodes=where)


def services(facts: Facts) -> Iterator[Finding]:
    """What runs once must run on the active node, and only there. With nobody active that alone is told."""
    if facts.active is None:
        return
    for resource in facts.services():
        if resource.role is ResourceRole.CHANGING and not (resource.failed or resource.blocked):
            # on its way up or down for some seconds: what becomes of it is told when it has ended
            yield finding("resource-not-yet", resource=resource.name, node=facts.active)
        elif facts.active not in resource.nodes or resource.role is not ResourceRole.STARTED:
            yield finding(
                "resource-stopped",
                resource=resource.name,
                node=facts.active,
                role=str(resource.role),
                nodes=_where(resource),
            )
        if set(resource.nodes) - {facts.active}:
            yield finding("resource-elsewhere", resource=resource.name, nodes=_where(resource), node=facts.active)


def fencing(facts: Facts) -> Iterator[Finding]:
    """With fencing on, nothing is taken over before the lost node is fenced, so a fencing device must be ready."""
    if facts.pacemaker is None or not facts.pacemaker.fencing:
        return
    devices = facts.pacemaker.of_kind(ResourceKind.FENCING)
    if not any(device.role is ResourceRole.STARTED for device in devices):
        yield finding("fencing-not-ready", count=len({device.name for device in devices}))


def _where(resource: Resource) -> str:
    return ", ".join(resource.nodes) or "no node"

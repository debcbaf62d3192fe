"""Rules about the recordings' volume: what the kernel says, and whether Pacemaker believes the same."""

from collections.abc import Iterator

from cluster.drbd_types import Drbd, DrbdConnection, DrbdDisk, DrbdReplication, DrbdRole
from cluster.findings import Finding, finding
from cluster.pacemaker_types import ResourceKind
from cluster.rules.facts import Facts
from cluster.types import NotRunning


def replicated(facts: Facts) -> Iterator[Finding]:
    if facts.pacemaker and not facts.pacemaker.of_kind(ResourceKind.DRBD):
        yield finding("recordings-not-replicated")


def volume(facts: Facts) -> Iterator[Finding]:
    for report in facts.reports:
        if isinstance(report.drbd, NotRunning) and _expected(facts):
            yield finding("drbd-down", node=report.name, detail=report.drbd.detail)
        elif isinstance(report.drbd, Drbd):
            yield from _state(report.name, facts.peer_of(report.name), report.drbd)


def _expected(facts: Facts) -> bool:
    return facts.pacemaker is None or bool(facts.pacemaker.of_kind(ResourceKind.DRBD))


def _state(node: str, peer: str, drbd: Drbd) -> Iterator[Finding]:
    if drbd.suspended:
        yield finding("drbd-suspended", node=node)
    if drbd.protocol not in {"C", None}:
        yield finding("drbd-protocol", protocol=drbd.protocol or "")
    if not drbd.connected:
        yield from _not_connected(node, drbd)
    elif drbd.replication.syncing:
        yield _syncing(node, drbd)
    elif drbd.replication is not DrbdReplication.ESTABLISHED:
        yield finding("drbd-not-established", node=node, replication=str(drbd.replication))
    syncing = drbd.connected and drbd.replication.syncing
    for name, disk in ((node, drbd.disk), (peer, drbd.peer_disk)):
        # an unreachable peer's disk is unknown, and one that is being copied is not damaged: both are told above
        told = (name == peer and not drbd.connected) or (syncing and disk is DrbdDisk.INCONSISTENT)
        if disk is not DrbdDisk.UP_TO_DATE and not told:
            yield finding("drbd-disk", node=name, disk=str(disk))
    yield from _not_told(node, drbd)
    if drbd.connected and not syncing and drbd.out_of_sync:
        yield finding("drbd-differs", node=node, kibibytes=drbd.out_of_sync)


def _not_connected(node: str, drbd: Drbd) -> Iterator[Finding]:
    if drbd.connection is DrbdConnection.STANDALONE:
        known = "an unknown number of" if drbd.out_of_sync is None else drbd.out_of_sync
        yield finding("drbd-standalone", node=node, kibibytes=known)
    else:
        yield finding("drbd-not-connected", node=node, connection=str(drbd.connection))


def _syncing(node: str, drbd: Drbd) -> Finding:
    minutes = "?" if drbd.seconds_left is None else -(-drbd.seconds_left // 60)
    percent = "?" if drbd.percent is None else round(drbd.percent, 1)
    return finding("drbd-syncing", node=node, replication=str(drbd.replication), percent=percent, minutes=minutes)


def _not_told(node: str, drbd: Drbd) -> Iterator[Finding]:
    """A source that leaves something out makes it unknown."""
    for part, value in (
        ("whether I/O is suspended", drbd.suspended),
        ("DRBD's protocol", drbd.protocol if drbd.connected else "not connected"),
        ("out of sync", drbd.out_of_sync),
    ):
        if value is None:
            yield finding(
                "not-known", node=node, part=part, why="missing", detail="This source of DRBD's state does not tell it."
            )


def roles(facts: Facts) -> Iterator[Finding]:
    """The kernel's role, Pacemaker's and the database's must name the same node."""
    if facts.pacemaker is None or facts.active is None:
        return
    promoted = facts.pacemaker.promoted(ResourceKind.DRBD)
    if not facts.pacemaker.of_kind(ResourceKind.DRBD):
        return
    for report in facts.reports:
        if not isinstance(report.drbd, Drbd):
            continue
        pairs = [(report.name, report.drbd.role)]
        if report.drbd.connected:
            pairs.append((facts.peer_of(report.name), report.drbd.peer_role))
        kernel = {name for name, role in pairs if role is DrbdRole.PRIMARY}
        unknown = any(role is DrbdRole.UNKNOWN for _, role in pairs)
        expected = {facts.active} & {name for name, _ in pairs}
        if kernel != expected or promoted != {facts.active} or unknown:
            yield finding(
                "drbd-role-disagrees",
                node=report.name,
                kernel=", ".join(sorted(kernel)) or "none",
                pacemaker=", ".join(sorted(promoted)) or "none",
                active=facts.active,
            )

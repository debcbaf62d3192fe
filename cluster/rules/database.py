"""Rules about the databases: Pacemaker's roles, the servers' own, and whether the standby follows."""

from collections.abc import Iterator

from cluster.catalogue.rejoin import REJOIN
from cluster.findings import Finding, fill, finding
from cluster.pacemaker_types import Pacemaker, Resource, ResourceKind, ResourceRole
from cluster.rules.facts import Facts
from cluster.types import ControlData, NodeView, NotRunning, Postgres, Receiver, Standby

MOST_BEHIND = 64 * 1024 * 1024  # bytes


def standby_in_pacemaker(facts: Facts) -> Iterator[Finding]:
    """The agent promotes a node only with HS:* and STREAMING|*; HS:alone or DISCONNECT is passed over."""
    pacemaker, standby = facts.pacemaker, facts.standby
    if pacemaker is None:
        return
    databases = pacemaker.of_kind(ResourceKind.DATABASE)
    if not databases:
        yield finding("database-missing")
    if not databases or standby is None:
        return
    if not facts.online(standby):
        return  # a node that is away has no database here; that it is away is told already
    here = [resource for resource in databases if standby in resource.nodes]
    follows = [one for one in here if one.role is ResourceRole.UNPROMOTED and not one.failed]
    if not follows:
        yield _stopped(facts, standby, _role(here))
    status, data = _attributes(pacemaker, databases[0].name, standby)
    if not (status.startswith("HS:") and status != "HS:alone" and data.startswith("STREAMING|")):
        said = f"{databases[0].name}-status={status or 'absent'}, {databases[0].name}-data-status={data or 'absent'}"
        yield finding("database-not-streaming", node=standby, evidence=said)


def _stopped(facts: Facts, node: str, role: str) -> Finding:
    """It comes back by itself where that is proven; else the reasons are told, where both sides were compared."""
    found = next((report.rejoin for report in facts.reports if report.name == node and report.rejoin), None)
    if found and found.proof:
        return finding("database-returning", node=node, role=role, files=_files(facts, node))
    why = " ".join(fill(REJOIN[one.code], one.parameters) for one in found.against) if found else ""
    return finding("database-stopped", node=node, role=role, files=_files(facts, node), why=why)


def _role(here: list[Resource]) -> str:
    return ", ".join(f"{one.role}{' (failed)' if one.failed else ''}" for one in here) or "Stopped"


def _files(facts: Facts, node: str) -> str:
    controls = [report.control for report in facts.reports if report.name == node]
    control = controls[0] if controls else None
    return f"{control.state}, timeline {control.timeline}" if isinstance(control, ControlData) else "not seen from here"


def _attributes(pacemaker: Pacemaker, name: str, node: str) -> tuple[str, str]:
    found = pacemaker.attributes.get(node, {})
    return found.get(f"{name}-status", ""), found.get(f"{name}-data-status", "")


def servers(facts: Facts) -> Iterator[Finding]:
    """Each server's own word against Pacemaker's."""
    if facts.active is None:
        return
    for report in facts.reports:
        if report.name == facts.active:
            # a node that is away follows nobody: that it is away is told already
            yield from _active_server(report, facts.standby if facts.online(facts.standby or "") else None)
        else:
            yield from _standby_server(report)


def _active_server(report: NodeView, standby: str | None) -> Iterator[Finding]:
    yield from _role_differs(report, in_recovery=False)
    if not isinstance(report.standbys, tuple):
        if isinstance(report.standbys, NotRunning) and standby:
            yield finding("database-not-streaming", node=standby, evidence=report.standbys.detail)
        return
    rows = [row for row in report.standbys if row.name == standby]
    if standby and not any(row.streaming for row in rows):
        states = ", ".join(row.state for row in rows) or "no row"
        yield finding("database-not-streaming", node=standby, evidence=f"pg_stat_replication: {states}")
    for row in rows:
        yield from _behind(row)


def _behind(row: Standby) -> Iterator[Finding]:
    if row.behind is not None and row.behind > MOST_BEHIND:
        yield finding("database-behind", node=row.name, bytes=row.behind, megabytes=row.behind // 1024**2)


def _standby_server(report: NodeView) -> Iterator[Finding]:
    yield from _role_differs(report, in_recovery=True)
    for part in (report.postgres, report.receiver):
        if isinstance(part, NotRunning):
            yield finding("database-not-streaming", node=report.name, evidence=part.detail)
    if isinstance(report.receiver, Receiver) and not report.receiver.streaming:
        said = f"pg_stat_wal_receiver: {report.receiver.status}"
        yield finding("database-not-streaming", node=report.name, evidence=said)


def _role_differs(report: NodeView, *, in_recovery: bool) -> Iterator[Finding]:
    expected = "standby" if in_recovery else "primary"
    if isinstance(report.postgres, Postgres) and report.postgres.in_recovery is not in_recovery:
        found = "standby" if report.postgres.in_recovery else "primary"
        yield finding("database-role-disagrees", node=report.name, expected=expected, found=found)
    elif isinstance(report.postgres, NotRunning) and not in_recovery:
        yield finding("database-role-disagrees", node=report.name, expected=expected, found=report.postgres.detail)


def histories(facts: Facts) -> Iterator[Finding]:
    """Both sides' files, where both reports are there: whether one is a copy of the other."""
    controls = {report.name: report.control for report in facts.reports if isinstance(report.control, ControlData)}
    if len(controls) < 2:
        return
    (own_name, own), (peer_name, peer) = controls.items()
    if own.system != peer.system:
        yield finding("databases-strangers", own=f"{own_name} {own.system}", peer=f"{peer_name} {peer.system}")
    elif active := controls.get(facts.active or ""):
        for name, control in controls.items():
            if control.timeline > active.timeline:
                yield finding("databases-parted", node=name, newer=control.timeline, older=active.timeline)

"""Rules about the witness, the third machine that votes."""

from collections.abc import Iterator

from cluster.findings import Finding, finding
from cluster.pacemaker_types import STOP
from cluster.rules.facts import Facts
from cluster.types import Configuration, NodeView, NotRunning, Quorum, Unknown, Witness


def vote(facts: Facts) -> Iterator[Finding]:
    """Each node has its own connection to the witness, and gets its vote by that alone."""
    without = [report for report in facts.reports if _lacks_vote(report)]
    if without and len(without) == len(facts.reports):
        yield finding("witness-lost", detail=" ".join(f"{one.name}: {_connection(one)}" for one in without))
        return
    for report in without:
        yield finding("witness-unreachable", node=report.name, detail=_connection(report))


def set_up(facts: Facts) -> Iterator[Finding]:
    """Whether both nodes have the same witness, and the cluster obeys it."""
    told = [(one.name, one.configuration) for one in facts.reports if isinstance(one.configuration, Configuration)]
    hosts = {_host(configuration) for _name, configuration in told}
    if len(hosts) > 1:
        named = ", ".join(f"{name}: {_host(configuration) or '-'}" for name, configuration in told)
        yield finding("witness-one-sided", detail=named)
    if any(hosts) and facts.pacemaker and facts.pacemaker.no_quorum_policy != STOP:
        yield finding("witness-not-obeyed", policy=facts.pacemaker.no_quorum_policy or "?")


def _host(configuration: Configuration) -> str:
    return (configuration.witness_host or "?") if configuration.witness else ""


def _lacks_vote(report: NodeView) -> bool:
    """By a Corosync that runs; one that does not is told elsewhere."""
    if not isinstance(report.quorum, Quorum):
        return False
    configured = isinstance(report.configuration, Configuration) and report.configuration.witness
    return (configured or report.quorum.witness_votes is not None) and not report.quorum.witness_votes


def _connection(report: NodeView) -> str:
    match report.witness:
        case Witness(host, state):
            return f"{state} ({host})."
        case NotRunning():
            return "corosync-qdevice does not run."
        case Unknown(_, detail):
            return detail
    return "its connection was not asked for."

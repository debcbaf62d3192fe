"""Rules about the nodes' own programs, disks and ears, each by its own report."""

from collections.abc import Iterator, Mapping

from cluster.findings import Finding, finding
from cluster.rules.facts import Facts
from cluster.types import NodeView, Services

CODES: Mapping[str, str] = {
    "capture": "recorder-off",
    "node-worker": "worker-off",
    "active-worker": "active-worker-off",
    "web": "web-off",
    "broker": "redis-off",
}
TOLD = frozenset({"database"})  # what PostgreSQL's own rules tell better
LEAST_FREE = 0.05
LEAST_CALLS = 20  # of a node in the minutes that are compared: fewer prove nothing
MOST_MISSED = 0.2
MEGABYTE = 1_000_000


def own_services(facts: Facts) -> Iterator[Finding]:
    for node, services in _known(facts):
        for check in services.checks:
            if not check.good and check.name not in TOLD:
                code = CODES.get(check.name, "service-off")
                part = {"part": check.name} if code == "service-off" else {}
                yield finding(code, node=node.name, detail=check.sentence, **part)


def disks(facts: Facts) -> Iterator[Finding]:
    for node, services in _known(facts):
        for disk in services.disks:
            if disk.free < LEAST_FREE * disk.total:
                room = {"free": disk.free // MEGABYTE, "total": disk.total // MEGABYTE}
                percent = round(100 * disk.free / disk.total, 1)
                yield finding("disk-low", node=node.name, part=", ".join(disk.parts), percent=percent, **room)


def heard(facts: Facts) -> Iterator[Finding]:
    """Both nodes get the same calls, so both hear as many end."""
    compared = heard_by_each(facts)
    if compared is None:
        return
    counts, minutes = compared
    deaf = min(counts, key=lambda name: counts[name])
    fewer, more = counts[deaf], max(counts.values())
    if more >= LEAST_CALLS and fewer < (1 - MOST_MISSED) * more:
        missed = round(100 * (more - fewer) / more)
        yield finding("heard-by-one", node=deaf, percent=missed, fewer=fewer, more=more, minutes=minutes)


def heard_by_each(facts: Facts) -> tuple[dict[str, int], int] | None:
    """How many calls each node heard end, and in how many minutes: those in which one could not listen do not count."""
    known = list(_known(facts))
    if len(known) != 2:
        return None
    (one, ones), (other, others) = ((node, dict(services.heard)) for node, services in known)
    minutes = ones.keys() & others.keys()
    counts = {one.name: sum(ones[at] for at in minutes), other.name: sum(others[at] for at in minutes)}
    return counts, len(minutes)


def _known(facts: Facts) -> Iterator[tuple[NodeView, Services]]:
    for report in facts.reports:
        if isinstance(report.services, Services):
            yield report, report.services

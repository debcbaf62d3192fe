"""The view → the judgement: findings, worst first, and the one big sentence. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from cluster.catalogue import kind
from cluster.catalogue.phrases import PHRASES
from cluster.findings import Finding, Level, Takeover, Value, fill, finding
from cluster.rules import database, nodes, recordings, resources, services, whole, witness
from cluster.rules.facts import Facts, gather
from cluster.types import Alone, ClusterView

Rule = Callable[[Facts], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    whole.who_is_active,
    whole.joined,
    whole.names,
    whole.peer_report,
    whole.same_picture,
    nodes.membership,
    nodes.votes,
    witness.vote,
    witness.set_up,
    nodes.cluster_state,
    nodes.links,
    nodes.node_link,
    database.standby_in_pacemaker,
    database.servers,
    database.histories,
    recordings.replicated,
    recordings.volume,
    recordings.roles,
    resources.services,
    resources.fencing,
    resources.flags,
    resources.failed_actions,
    nodes.interfaces,
    nodes.clocks,
    nodes.releases,
    services.own_services,
    services.disks,
    services.heard,
    whole.unknown_parts,
    nodes.risks,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    level: Level
    findings: tuple[Finding, ...]
    phrases: tuple[Finding, ...]
    """The big sentence, phrase by phrase; their codes stand in `catalogue.phrases`."""
    active: str | None
    standby: str | None
    ready: bool
    """Whether the standby takes over if the active node fails now: nothing speaks against it, nothing is unknown."""

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        return " ".join(fill(PHRASES[phrase.code], phrase.parameters, translate) for phrase in self.phrases)


def decide(view: ClusterView | Alone, rules: Sequence[Rule] = RULES) -> Judgement:
    """Judge what is known. Of equal findings one is kept; the order is by level, then by rule."""
    if isinstance(view, Alone):
        return _alone(view)
    facts = gather(view)
    found: list[Finding] = []
    for one in (one for rule in rules for one in rule(facts)):
        if not any(_same(one, earlier) for earlier in found):
            found.append(one)
    found.sort(key=lambda one: -kind(one).level)
    takeover = max((kind(one).takeover for one in found), default=Takeover.UNTOUCHED)
    one_active = len(facts.acting) <= 1
    return Judgement(
        level=max((kind(one).level for one in found), default=Level.NOTE),
        findings=tuple(found),
        phrases=tuple(_sentence(facts, found, takeover)),
        active=facts.active if one_active else None,
        standby=facts.standby if one_active else None,
        ready=takeover is Takeover.UNTOUCHED and facts.standby is not None and one_active,
    )


def _alone(view: Alone) -> Judgement:
    if view.lost_its_cluster:
        lost = finding("configuration-missing", node=view.name)
        return Judgement(kind(lost).level, (lost,), (finding("unseen", node=view.name),), None, None, ready=False)
    return Judgement(Level.NOTE, (), (finding("alone", node=view.name),), view.name, None, ready=False)


def _same(one: Finding, other: Finding) -> bool:
    """Two sources may tell one fault in other words; the first one is kept."""
    told_once = {"no-quorum", "database-not-streaming", "witness-lost"}
    if one.code != other.code:
        return False
    return one == other or (one.code in told_once and one.parameters.get("node") == other.parameters.get("node"))


def _sentence(facts: Facts, found: list[Finding], takeover: Takeover) -> Iterator[Finding]:
    codes = {one.code for one in found}
    if "two-active" in codes:
        yield finding("split")
    elif "active-moving" in codes:
        yield finding("moving")
    elif "two-active-perhaps" in codes:
        yield finding("unseen", node=facts.me)
    elif "nobody-active" in codes:
        yield finding("nobody")
    elif facts.active is None:
        yield finding("unseen", node=facts.me)
    else:
        half = codes & {"resource-stopped", "resource-not-yet", "database-role-disagrees"}
        yield finding("half" if half else "records", active=facts.active)
        yield from _standby(facts.active, facts.standby or "the other node", found, takeover)


def _standby(active: str, standby: str, found: list[Finding], takeover: Takeover) -> Iterator[Finding]:
    both: dict[str, Value] = {"active": active, "standby": standby}
    if takeover is Takeover.UNTOUCHED:
        yield finding("ready", **both)
        yield finding("takes-over", **both)
    elif takeover is Takeover.UNCERTAIN:
        yield finding("uncertain", **both)
        yield finding("takeover-uncertain", **both)
    else:
        yield from _why_not(standby, found)
        yield finding("nobody-takes-over", **both)


def _why_not(standby: str, found: list[Finding]) -> Iterator[Finding]:
    syncing = next((one for one in found if one.code == "drbd-syncing"), None)
    if any(one.code == "maintenance" for one in found):
        yield finding("maintenance")
    elif syncing is None:
        yield finding("not-ready", standby=standby)
    else:
        percent, minutes = syncing.parameters["percent"], syncing.parameters["minutes"]
        if isinstance(minutes, int):
            hours, rest = divmod(minutes, 60)
            yield finding("syncing-left", standby=standby, percent=percent, hours=hours, minutes=rest)
        else:
            yield finding("syncing", standby=standby, percent=percent)

"""A comparison in words: both sides in a table, the proposal with its reasons, the other direction, what it will do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cluster.catalogue import recovery as texts
from cluster.catalogue.recovery import ROWS
from cluster.domain.comparing import Compared
from cluster.drbd_types import Drbd
from cluster.findings import Finding, fill
from cluster.queries.recovery import Choice, commands, will
from cluster.recovery.compare import Direction
from cluster.recovery.generations import Generation
from cluster.recovery.lines import Line
from cluster.recovery.sides import Side
from cluster.types import NotRunning, Unknown

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of both sides; "?" is not known."""

    code: str
    title: str
    own: str
    other: str

    @property
    def sides(self) -> tuple[str, str]:
        return self.own, self.other


@dataclass(frozen=True, slots=True)
class Other:
    """The direction that is not proposed."""

    survivor: str
    loser: str
    refused: tuple[str, ...]
    costs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecoveryPreview:
    """`reasons` speak against it; `must_accept`: only something that nobody could compare does."""

    case: str
    sentence: str
    node: str
    other: str
    rows: tuple[Row, ...]
    way: str
    title: str
    survivor: str
    loser: str
    why: tuple[str, ...]
    costs: tuple[str, ...]
    unseen: tuple[str, ...]
    reasons: tuple[str, ...]
    must_accept: bool
    will: tuple[str, ...]
    commands: tuple[str, ...]
    others: tuple[Other, ...]


def preview(found: Choice, compared: Compared, translate: Translate = str) -> RecoveryPreview:
    comparison = found.comparison
    names = {"node": compared.view.name, "other": compared.other}

    def say(table: Mapping[str, str], lines: tuple[Finding, ...]) -> tuple[str, ...]:
        return tuple(fill(table[one.code], one.parameters, translate) for one in lines)

    def turned(one: Direction) -> Other:
        return Other(one.survivor, one.loser, say(texts.REASONS, one.refused), say(texts.COSTS, one.costs))

    return RecoveryPreview(
        case=str(found.case),
        sentence=fill(texts.CASES[found.case], names, translate),
        node=compared.view.name,
        other=compared.other,
        rows=tuple(rows(comparison.own, comparison.peer, translate)),
        way=str(found.way or ""),
        title=translate(texts.TITLES[found.way]) if found.way else "",
        survivor=found.survivor,
        loser=found.loser,
        why=say(texts.WHY, found.why),
        costs=say(texts.COSTS, found.costs),
        unseen=say(texts.UNSEEN, found.unseen),
        reasons=found.sentences(translate),
        must_accept=found.must_accept,
        will=will(found, translate),
        commands=tuple(dict.fromkeys(commands(found, compared))),
        others=tuple(turned(one) for one in comparison.directions if one.survivor != found.survivor),
    )


def rows(own: Side, peer: Side | Unknown, translate: Translate) -> list[Row]:
    """What is compared, in the tools' own words where they have some."""
    mine = _facts(own, translate)
    theirs = {} if isinstance(peer, Unknown) else _facts(peer, translate)
    return [Row(code, translate(title), mine.get(code, "?"), theirs.get(code, "?")) for code, title in ROWS.items()]


def _facts(side: Side, translate: Translate) -> dict[str, str]:
    facts = {"cluster": {True: "Pacemaker", False: "–", None: "?"}[side.joined]}
    if isinstance(side.line, Line):
        facts["database"] = translate(texts.SERVER[side.line.server])
        facts["timeline"] = str(side.line.timeline)
        facts["position"] = _position(side.line)
    if isinstance(side.drbd, Drbd):
        facts["recordings"] = f"{side.drbd.connection} {side.drbd.role} {side.drbd.disk}"
    elif isinstance(side.drbd, NotRunning):
        facts["recordings"] = "–"
    if isinstance(side.generation, Generation):
        facts["generation"] = f"{side.generation.current:016X}"
    if side.held.count is not None:
        facts["calls"] = str(side.held.count)
    if side.held.last_call:
        facts["last-call"] = f"{side.held.last_call:%Y-%m-%d %H:%M:%S}"
    for what, count in (side.held.only_here or {}).items():
        facts[f"only-{what}"] = str(count)
    return facts


def _position(line: Line) -> str:
    place = f"{line.position >> 32:X}/{line.position & 0xFFFFFFFF:08X}"
    return place if line.exact else f"≥ {place}"

"""What can be done to the cluster now, and what each act would do."""

from collections.abc import Callable
from dataclasses import dataclass

from cluster import fencing
from cluster.catalogue import kind, recovery
from cluster.catalogue.acts import REASONS, TITLES, WILL
from cluster.domain.acting import against
from cluster.findings import Finding, fill
from cluster.pacemaker_types import Pacemaker
from cluster.plans import plan
from cluster.preflight import Act
from cluster.queries.state import State
from cluster.types import ClusterView, Configuration, NotRunning

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Preview:
    """`reasons` is empty when the act may be asked for. `elsewhere`: the address of the node on which it is to be done,
    where that is the other one; nothing is passed on silently."""

    act: Act
    title: str
    will: tuple[str, ...]
    commands: tuple[str, ...]
    reasons: tuple[str, ...]
    elsewhere: str = ""


def preview(act: Act, found: State, translate: Translate = str) -> Preview:
    here = act.node or found.node
    partner = found.judgement.standby if found.judgement.active == found.node else found.judgement.active
    other = partner or (fencing.other(found.view) if found.view else "") or "?"
    names = {"node": here, "other": other, "resource": act.resource, "host": act.host or "?"}
    steps = plan(act, here=here, other=other).steps
    reasons = against(act, found)
    return Preview(
        act,
        translate(TITLES[act.name]),
        tuple(fill(sentence, names, translate) for sentence in WILL[act.name]),
        tuple(" ".join((*((f"{other}:",) if step.there else ()), *step.command.argv)) for step in steps),
        tuple(_reason(one, found, translate) for one in reasons),
        _address(found, next((str(one.parameters["node"]) for one in reasons if one.code == "not-here"), "")),
    )


def _address(found: State, name: str) -> str:
    """A node's own address by the cluster's configuration; "" where nobody knows it."""
    configuration = found.view.own.configuration if isinstance(found.view, ClusterView) else None
    node = configuration.node(name) if isinstance(configuration, Configuration) else None
    return node.addresses[0] if node and node.addresses else ""


def _reason(one: Finding, found: State, translate: Translate) -> str:
    """The sentences of findings and the titles of acts within a reason are in the reader's language, too."""
    known = {title: translate(title) for title in (*TITLES.values(), *recovery.TITLES.values())}
    for about in found.judgement.findings:
        template = kind(about).sentence
        known[fill(template, about.parameters)] = fill(template, about.parameters, translate)
    parameters = {name: known.get(str(value), value) for name, value in one.parameters.items()}
    return fill(REASONS[one.code], parameters, translate)


def offered(found: State) -> tuple[str, ...]:
    """The acts that the page has buttons for; whether they may be done is told when they are opened."""
    if not isinstance(found.view, ClusterView):
        return ()
    pacemaker = found.view.own.pacemaker
    if isinstance(pacemaker, NotRunning):
        return ("join", "start")
    if not isinstance(pacemaker, Pacemaker):
        return ()
    if pacemaker.maintenance:
        return ("maintenance-off",)
    return ("maintenance-on", "switchover") if found.judgement.ready else ("maintenance-on",)

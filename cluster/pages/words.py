"""The state of the cluster in the reader's language, ready for the templates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from apresa.jobs.models import Job
from cluster import failure
from cluster.catalogue import kind
from cluster.catalogue import recovery as recovery_texts
from cluster.catalogue.acts import STEPS, TITLES
from cluster.fencing import is_on
from cluster.findings import Finding, fill
from cluster.picture import NodeCard
from cluster.queries.acts import offered
from cluster.queries.handed import handed
from cluster.queries.history import acts, last_of, lines
from cluster.queries.recovery import wants_repair
from cluster.queries.setup import setup_state
from cluster.queries.setup_review import UNDER_WAY, outstanding
from cluster.queries.state import State, state
from cluster.status import WORDS
from cluster.told import Repairing


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as people read it: the plain sentence, the technical fact, the next step."""

    code: str
    level: str
    sentence: str
    fact: str
    step: str


@dataclass(frozen=True, slots=True)
class ServiceLine:
    title: str
    good: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Card:
    """A node as people read it."""

    node: NodeCard
    services: list[ServiceLine]
    disks: list[tuple[str, int]]

    @property
    def all_good(self) -> bool:
        return bool(self.services) and all(one.good for one in self.services)


@dataclass(frozen=True, slots=True)
class ActLine:
    job: Job
    title: str
    doing: str
    commands: list[dict[str, Any]]
    handed: tuple[str, ...] = ()
    error: str = ""


def shown() -> dict[str, Any]:
    """What pages show of the state; without any database of the cluster."""
    found = state()
    return {
        "state": found,
        "level": WORDS[found.judgement.level],
        "sentence": found.judgement.sentence(gettext),
        "findings": [tell(one) for one in found.judgement.findings],
        "picture": found.picture,
        "fencing": is_on(found.view) if found.view else None,
        "cards": [_card(node) for node in found.picture.nodes] if found.picture else [],
        "left": _left(found.picture.volume.seconds_left if found.picture and found.picture.volume else None),
    }


def everything() -> dict[str, Any]:
    """The cluster's own page: the state, what can be done, what was done, what happened."""
    context = shown()
    found: State = context["state"]
    return {
        **context,
        "known": [one for one in context["findings"] if one.code not in BANNERS],
        "outstanding": _outstanding(found),
        "buttons": [(name, gettext(TITLES[name])) for name in offered(found)],
        "repair": wants_repair(found),
        "other_repair": _other_repair(found),
        "acts": [act_line(job) for job in acts()],
        "history": lines(),
    }


def _outstanding(found: State) -> str:
    """What of the set-up is left; a second machine that is seen in the cluster is not missing, however it got there."""
    left = outstanding(setup_state())
    nodes = found.picture.nodes if found.picture else ()
    return "" if left == "second" and any(one.online and not one.here for one in nodes) else left


def _other_repair(found: State) -> tuple[Repairing, str] | None:
    """A recovery that the other node told of in the last look, and what it does now."""
    told = found.other_repair
    if told is None or not found.fresh:
        return None
    step = recovery_texts.STEPS.get(told.step, "")
    return told, gettext(step) if step else ""


BANNERS = frozenset({"split-brain-possible", "witness-not-obeyed"})  # told above all others, so not once more below
SERVICES = {
    "capture": gettext_noop("Recording"),
    "node-worker": gettext_noop("Worker"),
    "active-worker": gettext_noop("Storing of calls"),
    "web": gettext_noop("Pages"),
    "broker": gettext_noop("Redis"),
    "database": gettext_noop("The cluster's database"),
    "node-database": gettext_noop("This machine's database"),
    "library": gettext_noop("Library"),
}
PARTS = {
    "data": gettext_noop("data"),
    "spool": gettext_noop("spool"),
    "database": gettext_noop("database"),
    "library": gettext_noop("library"),
}


def _card(node: NodeCard) -> Card:
    services = [ServiceLine(_word(SERVICES, one.name), one.good, one.sentence) for one in node.services]
    disks = [(", ".join(_word(PARTS, part) for part in one.parts), one.free_percent) for one in node.disks]
    return Card(node, services, disks)


def _word(words: Mapping[str, str], name: str) -> str:
    """Of a part that another release knows, its own name."""
    return gettext(words[name]) if name in words else name


def tell(finding: Finding) -> Told:
    about = kind(finding)
    sentence, fact, step = (
        fill(text, finding.parameters, gettext) for text in (about.sentence, about.fact, about.step)
    )
    return Told(finding.code, WORDS[about.level], sentence, fact, step)


def _left(seconds: int | None) -> str:
    """The time until the copy is whole; "" where DRBD does not tell."""
    if seconds is None:
        return ""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    if hours:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return gettext("%(minutes)d min") % {"minutes": minutes}


def last_act(names: Collection[str]) -> dict[str, Any]:
    """How far the newest of these acts is, or how it ended."""
    job = last_of(names)
    return {"last": act_line(job) if job else None, "under_way": job is not None and job.state in UNDER_WAY}


def act_line(job: Job) -> ActLine:
    name = str(job.parameters.get("name", ""))
    titles, steps = {**TITLES, **recovery_texts.TITLES}, {**STEPS, **recovery_texts.STEPS}
    title = gettext(titles[name]) if name in titles else job.kind
    doing = gettext(steps[job.progress_text]) if job.progress_text in steps else ""
    result = job.result if isinstance(job.result, dict) else {}
    error = failure.tell(job.kind, job.error, result.get("failure"), gettext) if job.error else ""
    return ActLine(job, title, doing, result.get("steps", []), handed(job, gettext), error)

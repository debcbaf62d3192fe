"""What a set-up will do, before anything is done; and what of it may be asked for now."""

from collections.abc import Callable
from dataclasses import dataclass

from apresa.node.domain import identity
from apresa.node.models import Role
from cluster.catalogue import set_up_words as words
from cluster.catalogue.setup import FAULTS
from cluster.findings import fill
from cluster.queries.pairing import pairing_state
from cluster.queries.setup import SetupState
from cluster.setup.answers import Answers, NodeAnswers
from cluster.setup.validate import Fault

Translate = Callable[[str], str]
UNDER_WAY = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Review:
    """`danger` first: what is lost by it."""

    danger: tuple[str, ...]
    will: tuple[str, ...]


def begun(found: SetupState) -> bool:
    """Whether a set-up was asked for that is not over, or the cluster stands already. One that failed before it changed
    anything may be asked for anew, with other answers."""
    return (bool(found.state) and not found.untouched) or identity().role != Role.STANDALONE


def may_offer(found: SetupState) -> bool:
    """Whether the second machine may be let in: this one is the primary, to the end."""
    return identity().role == Role.PRIMARY and found.state in {"", "done"}


def outstanding(found: SetupState) -> str:
    """What of the set-up is left: "under-way", "stopped", "second" (the other machine is not paired), or ""."""
    if found.state in UNDER_WAY:
        return "under-way"
    if found.state not in {"", "done"}:
        return "stopped"
    return "second" if may_offer(found) and pairing_state().state != "paired" else ""


def sentence(fault: Fault, translate: Translate = str) -> str:
    found = fault.finding
    empty = words.EMPTY.get(found.code, "") if found.parameters.get("value") == "" else ""
    return fill(empty or FAULTS[found.code], found.parameters, translate)


def review_primary(answers: Answers, translate: Translate = str) -> Review:
    primary, secondary = _by_role(answers)
    names = {"name": primary.name, "address": primary.address, "other": secondary.name}
    names |= {"other_address": secondary.address, **_shared(answers)}
    will = [*words.PRIMARY, *_mode(answers), words.WITNESS if answers.witness else words.NO_WITNESS, words.RESTART]
    return _review((words.DANGER,), tuple(will), names, translate)


def review_secondary(answers: Answers, translate: Translate = str) -> Review:
    primary, secondary = _by_role(answers)
    names = {"name": secondary.name, "address": secondary.address, "primary": primary.name, **_shared(answers)}
    danger = (words.DANGER, words.DANGER_SECONDARY)
    witness = (words.WITNESS,) if answers.witness else ()
    return _review(danger, (*words.SECONDARY, *witness, words.SIGN_IN, words.RESTART), names, translate)


def review_giving_up(answers: Answers, role: str, state: SetupState, translate: Translate = str) -> Review:
    """`danger`: what stays or goes for good."""
    primary, secondary = _by_role(answers)
    own = secondary if role == "secondary" else primary
    names = {"name": own.name, "primary": primary.name, **_shared(answers)}
    if state.untouched:
        return _review((), (words.GIVE_UP_UNTOUCHED,), names, translate)
    moved = any(step.code in {"move", "leave"} and step.state != "waiting" for step in state.steps)
    will = [*words.GIVE_UP, *((words.GIVE_UP_MOVED,) if moved and role == "primary" else ())]
    will += [words.GIVE_UP_RESTART] if moved else []
    last = (words.GIVE_UP_LEFT, words.GIVE_UP_PAIRING) if role == "secondary" else (words.GIVE_UP_LEFT,)
    disk = words.GIVE_UP_DISK_STAYS if role == "secondary" else words.GIVE_UP_DISK
    return _review((disk,), (*will, *last), names, translate)


def _review(danger: tuple[str, ...], will: tuple[str, ...], names: dict[str, str], translate: Translate) -> Review:
    return Review(*(tuple(fill(one, names, translate) for one in part) for part in (danger, will)))


def _by_role(answers: Answers) -> tuple[NodeAnswers, NodeAnswers]:
    nodes = (answers.first, answers.second)
    return nodes if answers.first.role == "primary" else (nodes[1], nodes[0])


def _shared(answers: Answers) -> dict[str, str]:
    return {
        "floating": answers.floating,
        "interface": answers.interface,
        "directory": answers.directory,
        "witness": answers.witness,
        "disk": answers.disk or answers.device,
    }


def _mode(answers: Answers) -> tuple[str, ...]:
    mode = answers.mode
    return (words.MODES[mode],) if mode in words.MODES else ()

"""What a set-up will do, in the reader's language, and where it stands."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import gettext

from apresa.node.domain import identity, why_fixed
from apresa.node.models import Role
from cluster.catalogue import set_up_words as words
from cluster.findings import fill
from cluster.pairing.domain import store
from cluster.pairing.store import StoreError
from cluster.queries.pairing import pairing_state
from cluster.queries.setup import SetupState, StepLine
from cluster.setup.answers import Answers, NodeAnswers

UNDER_WAY = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Review:
    """`danger` first: what is lost by it."""

    danger: tuple[str, ...]
    will: tuple[str, ...]


def review_primary(answers: Answers) -> Review:
    primary, secondary = _by_role(answers)
    names = {
        "name": primary.name,
        "address": primary.address,
        "other": secondary.name,
        "other_address": secondary.address,
        **_shared(answers),
    }
    will = [*words.PRIMARY, *_mode(answers), words.WITNESS if answers.witness else words.NO_WITNESS, words.RESTART]
    return Review((_say(words.DANGER, names),), tuple(_say(one, names) for one in will))


def review_secondary(answers: Answers) -> Review:
    primary, secondary = _by_role(answers)
    names = {
        "name": secondary.name,
        "address": secondary.address,
        "primary": primary.name,
        **_shared(answers),
    }
    danger = (words.DANGER, words.DANGER_SECONDARY)
    will = (*words.SECONDARY, words.SIGN_IN, words.RESTART)
    return Review(tuple(_say(one, names) for one in danger), tuple(_say(one, names) for one in will))


def begun(found: SetupState) -> bool:
    """Whether a set-up was asked for, or the cluster stands already."""
    return bool(found.state) or identity().role != Role.STANDALONE


def may_offer(found: SetupState) -> bool:
    """Whether the second machine may be let in: this one is the primary, to the end."""
    return identity().role != Role.STANDALONE and found.state in {"", "done"}


def beside(request: HttpRequest, address: str) -> str:
    """The other machine's web address, which is served like this one's."""
    _name, port = split_domain_port(request.get_host())
    host = f"[{address}]" if ":" in address else address
    return f"{request.scheme}://{host}" + (f":{port}" if port else "")


def stands(request: HttpRequest, found: SetupState) -> dict[str, Any]:
    """The nodes as they were answered for, why they stay so, and what comes next."""
    try:
        answers = store().answers()
    except (StoreError, OSError):
        answers = None
    offer = may_offer(found) and found.role != Role.SECONDARY
    pairing = pairing_state() if offer else None
    return {
        "agreed": answers,
        "why_fixed": why_fixed(),
        "pairing": pairing,
        "beside": beside(request, pairing.peer.address) if pairing and pairing.peer else "",
    }


def progress(found: SetupState) -> dict[str, Any]:
    doing = next((step for step in found.steps if step.state == "running"), None)
    return {"setup": found, "under_way": found.state in UNDER_WAY, "doing": _title(doing) if doing else ""}


def _title(step: StepLine) -> str:
    return gettext(step.title)


def _by_role(answers: Answers) -> tuple[NodeAnswers, NodeAnswers]:
    nodes = (answers.first, answers.second)
    return nodes if answers.first.role == "primary" else (nodes[1], nodes[0])


def _shared(answers: Answers) -> dict[str, str]:
    return {
        "floating": answers.floating,
        "interface": answers.interface,
        "directory": answers.directory,
        "witness": answers.witness,
        "disk": getattr(answers, "disk", answers.device),
    }


def _mode(answers: Answers) -> tuple[str, ...]:
    mode = getattr(answers, "mode", "")
    return (words.MODES[mode],) if mode in words.MODES else ()


def _say(template: str, names: dict[str, str]) -> str:
    return fill(template, names, gettext)

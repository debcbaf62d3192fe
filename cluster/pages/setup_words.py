"""Where the set-up stands, ready for the templates."""

from typing import Any

from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import gettext

from apresa.node.domain import why_fixed
from cluster.failure import tell
from cluster.queries.pairing import pairing_state, told
from cluster.queries.setup import KIND, SetupState
from cluster.queries.setup_review import UNDER_WAY, may_offer
from cluster.queries.setup_told import kept_answers


def beside(request: HttpRequest, address: str) -> str:
    """The other machine's web address, which is served like this one's."""
    _name, port = split_domain_port(request.get_host())
    host = f"[{address}]" if ":" in address else address
    return f"{request.scheme}://{host}" + (f":{port}" if port else "")


def stands(request: HttpRequest, found: SetupState) -> dict[str, Any]:
    """The nodes as they were answered for, why they stay so, and what comes next."""
    pairing = told(pairing_state(), gettext) if may_offer(found) else None
    return {
        "agreed": kept_answers(),
        "why_fixed": why_fixed(),
        "pairing": pairing,
        "beside": beside(request, pairing.peer.address) if pairing and pairing.peer else "",
    }


def progress(found: SetupState) -> dict[str, Any]:
    doing = next((gettext(step.title) for step in found.steps if step.state == "running"), "")
    half_way = any(step.state == "done" for step in found.steps)
    told = (tell(KIND, found.error, kept, gettext) for kept in found.failures)
    error = next((one for one in told if one != found.error), found.error)
    facts = {"setup": found, "under_way": found.state in UNDER_WAY, "error": error}
    return {**facts, "doing": doing, "half_way": half_way}

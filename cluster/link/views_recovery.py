"""What a node that is being repaired asks of the one that stays: its whole report, and to take the connection again."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest

from apresa.audit import domain as audit
from apresa.handover.calls import MOST, holder
from apresa.nodelink.answers import Refusal, answers, body
from cluster.act import ActFailed, Doors, carry_out
from cluster.domain import comparing, tickets
from cluster.domain.holding import held, names, told
from cluster.domain.observing import look
from cluster.drbd_types import Drbd, DrbdRole
from cluster.helper import runner_here
from cluster.recovery import plan
from cluster.types import ClusterView, Postgres


@answers("GET")
def report(_request: HttpRequest) -> dict[str, Any]:
    ticket = tickets.current()
    survivor = ticket.survivor if ticket and ticket.destroyed else ""
    return {"replies": json.loads(comparing.report(runner_here()).to_json()), "ticket": survivor, "calls": told(held())}


@answers("POST")
def known(request: HttpRequest) -> dict[str, Any]:
    """Which of these calls this node's database knows; null where it cannot be asked."""
    here = holder()
    asked = body(request).get("names")
    wanted = (*names(asked), *names(asked[MOST:] if isinstance(asked, list) else None))  # stored and spooled ones
    found = here.known(wanted) if here else None
    return {"known": None if found is None else sorted(found)}


@answers("POST")
def connect(_request: HttpRequest) -> dict[str, Any]:
    """Only where this node is active and its copy is in use: DRBD then never discards anything of it."""
    runner = runner_here()
    seen = look(runner)
    if not isinstance(seen, ClusterView) or not _serves(seen):
        raise Refusal(HTTPStatus.CONFLICT, "not-active", "This node is not active, so its recordings do not connect.")
    if not plan.parted(seen):
        return {"connected": False}
    try:
        carry_out(plan.connect(), Doors(runner, lambda: look(runner), lambda _percent, _name: None))
    except ActFailed:
        raise Refusal(
            HTTPStatus.CONFLICT, "not-connecting", "The recordings here do not take the connection."
        ) from None
    audit.record("other node", "cluster-recovery-connected", seen.own.name)
    return {"connected": True}


def _serves(seen: ClusterView) -> bool:
    server, drbd = seen.own.postgres, seen.own.drbd
    active = isinstance(server, Postgres) and not server.in_recovery
    return active and isinstance(drbd, Drbd) and drbd.role is DrbdRole.PRIMARY

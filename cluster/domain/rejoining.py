"""Whether this node's database, off now, may follow the active one again without a copy: both sides asked, judged."""

import json
from dataclasses import replace

from django.db.utils import Error as DatabaseError

from apresa.nodelink import LinkError, other_node
from cluster import commands
from cluster.domain import tickets
from cluster.findings import finding
from cluster.observe import ask_beside
from cluster.read import REJOIN, read_node
from cluster.readers.rejoin import told
from cluster.readers.reply import ReplyError
from cluster.recovery.rejoin import verdict, wanted
from cluster.recovery.sides import Side, side_of
from cluster.rejoin_types import Verdict
from cluster.replies import LONGEST, Replies, from_json
from cluster.runner import Runner
from cluster.types import Configuration, NodeView, Result, Unknown, Why

REPORT = "/link/v1/recovery/report"
SECONDS = 8.0  # a look waits for it


def judged(runner: Runner, replies: Replies, other: Replies | Unknown | None) -> Replies:
    """A look's own replies, with the verdict where the question arises. `other`: what the other node told in it."""
    view = read_node(replies)
    if not isinstance(view, NodeView) or not wanted(view):
        return replies
    found = told(_verdict(runner, replies, view, other))
    return replace(replies, results={**replies.results, REJOIN: Result((), 0, found, "")})


def _verdict(runner: Runner, replies: Replies, view: NodeView, other: Replies | Unknown | None) -> Verdict:
    node = view.configuration.other(view.name) if isinstance(view.configuration, Configuration) else None
    name = node.name if node else "?"
    peer = _peer(name) if isinstance(other, Replies) else other or Unknown(Why.MISSING, "The nodes are not paired.")
    if isinstance(peer, Unknown):  # a link that is down must not hold the look up
        return verdict(Side(view.name, peer, None, None, view.drbd), peer, name)
    beside = ask_beside(runner, commands.COMPARED)
    own = side_of(replace(replies, results={**replies.results, **beside}), ticket=_ticket())
    if isinstance(own, Unknown):
        return Verdict(None, (finding("unknown", node=view.name, detail=own.detail),))
    return verdict(own, peer, name)


def _ticket() -> str | None:
    """The survivor of a recovery that is open here, whatever it has come to; None: nobody can tell."""
    try:
        ticket = tickets.current()
    except DatabaseError:
        return None
    return ticket.survivor if ticket else ""


def _peer(name: str) -> Side | Unknown:
    try:
        found = other_node().get(REPORT, seconds=SECONDS, most=LONGEST)
        side = side_of(from_json(json.dumps(found.get("replies"))), ticket=str(found.get("ticket", ""))[:63])
    except LinkError as error:
        return Unknown(Why.LATE, error.sentence)
    except ReplyError as error:
        return Unknown(Why.UNREADABLE, str(error))
    if isinstance(side, Side) and side.node != name:
        return Unknown(Why.UNREADABLE, f"The report comes from {side.node}.")
    return side

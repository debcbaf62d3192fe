"""Both sides as they are now: this node asked whole, the other by its server, and by its report where there is one."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apresa.handover.calls import Calls
from apresa.nodelink import LinkError, other_node
from cluster import commands
from cluster.catalogue.mark import gettext_noop as _
from cluster.domain import holding, tickets
from cluster.domain.observing import drbd_source, host
from cluster.domain.rejoining import REPORT
from cluster.observe import ask_beside, observe
from cluster.read import read_node
from cluster.readers.recovery import read_other, read_other_history
from cluster.readers.reply import ReplyError
from cluster.recovery import orders
from cluster.recovery.compare import Comparison, compare
from cluster.recovery.lines import Line
from cluster.recovery.sides import NOT_ASKED, Side, side_of
from cluster.replies import LONGEST, Replies, from_json
from cluster.runner import CommandUnavailable, Runner
from cluster.types import Configuration, NodeView, Unknown, Why

ALONE = _("This machine stands alone: there is no cluster.")
NO_OTHER = _("The cluster's configuration does not tell which node is the other one.")
REPORT_SECONDS = 25.0  # two rounds of questions there, each under its own deadline


@dataclass(frozen=True, slots=True)
class Compared:
    """`address`: where the other node's server answered."""

    view: NodeView
    other: str
    address: str
    comparison: Comparison


class NoPair(RuntimeError):
    """This machine is not one of two nodes, or nobody can tell; the text is one sentence."""


def report(runner: Runner) -> Replies:
    """This node's replies with all that a comparison needs."""
    found = observe(runner, host(), drbd_source=drbd_source())
    return replace(found, results={**found.results, **ask_beside(runner, commands.COMPARED)})


def compare_now(runner: Runner, address: str = "") -> Compared:
    """Ask both sides. `address`: the one to ask, else each that the other node has. Raises NoPair."""
    own_report = report(runner)
    view = read_node(own_report)
    if not isinstance(view, NodeView):
        raise NoPair(ALONE)
    ticket = tickets.current()
    own = side_of(own_report, ticket=ticket.survivor if ticket and ticket.destroyed else "")
    if isinstance(own, Unknown):
        raise NoPair(own.detail)
    other, addresses = other_of(view)
    where, line = _server(runner, [address] if address else addresses)
    told = _by_its_report(other)
    peer: Side | Unknown
    if told is not None:
        own, peer = holding.compared(own, holding.held(), *told)
    else:
        own = replace(own, held=holding.alone())
        peer = line if isinstance(line, Unknown) else _by_its_server(other, line)
    return Compared(view, other, where, compare(own, peer, other))


def other_of(view: NodeView) -> tuple[str, tuple[str, ...]]:
    """The other node's name and addresses, as Corosync has them. Raises NoPair."""
    if isinstance(view.configuration, Configuration):
        node = view.configuration.other(view.name)
        if node:
            return node.name, node.addresses
    raise NoPair(NO_OTHER)


def _by_its_report(other: str) -> tuple[Side, Calls] | None:
    """All that the other node says of itself; None where the link does not bring it."""
    try:
        told = other_node().get(REPORT, seconds=REPORT_SECONDS, most=LONGEST)
        side = side_of(from_json(json.dumps(told.get("replies"))), ticket=str(told.get("ticket", ""))[:63])
    except (LinkError, ReplyError):
        return None
    return (side, holding.read(told.get("calls"))) if isinstance(side, Side) and side.node == other else None


def _by_its_server(other: str, line: Line) -> Side:
    """What the server alone can tell: where it stands, and whether it takes writes."""
    return Side(other, line, joined=None, promoted=None, drbd=NOT_ASKED)


def _server(runner: Runner, addresses: Sequence[str]) -> tuple[str, Line | Unknown]:
    found: Line | Unknown = Unknown(Why.MISSING, "It has no address.")
    for address in addresses:
        found = ask_server(runner, address)
        if isinstance(found, Line):
            return address, found
    return addresses[0] if addresses else "", found


def ask_server(runner: Runner, address: str) -> Line | Unknown:
    """The other node's server, asked as a replica asks."""
    try:
        result = runner.run(orders.other(address))
        if result.code:
            return Unknown(Why.LATE, _said(result.said) or "Its database does not answer.")
        line = read_other(result.out)
        if line.timeline == 1:
            return replace(line, forks=())
        told = runner.run(orders.other_history(address, line.timeline))
        return replace(line, forks=None if told.code else read_other_history(told.out))
    except CommandUnavailable as error:
        return Unknown(error.why, str(error))
    except ReplyError as error:
        return Unknown(Why.UNREADABLE, str(error))


def _said(text: str) -> str:
    return next((line.strip()[:200] for line in text.splitlines() if line.strip()), "")

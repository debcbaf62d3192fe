"""Adding and removing a witness: the plans. Pure.

Never a state in which a healthy pair has no quorum: the votes are counted before anything obeys them, and while they
change both nodes go on whatever they add up to. With three votes (both nodes, the witness) two are a majority.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cluster import orders
from cluster.act import Plan, Step, View
from cluster.findings import finding
from cluster.pacemaker_types import STOP
from cluster.witness import THREE, counted, has_vote, named, own, peer, policy, quorate, votes, without

IGNORE = "ignore"
SECONDS = 40.0  # for the first vote: the witness's server and both clients have waits of some seconds each


def add(host: str) -> Plan:
    """Reached from both nodes, named on both, read, connected; only when all votes are seen does a minority stop."""
    no_vote = finding("witness-no-vote", host=host, seconds=round(SECONDS))
    reach, start = orders.witness_reach(host), orders.witness_service(on=True)
    steps = (
        Step("witness-reach", reach, _always, 0.0),
        Step("witness-reach", reach, _always, 0.0, there=True),
        Step("witness-file", orders.witness_add(host), lambda view: named(own(view)) == host, 10.0),
        Step("witness-file", orders.witness_add(host), lambda view: named(peer(view)) == host, 10.0, there=True),
        Step("witness-reload", orders.WITNESS_RELOAD, lambda view: counted(view, expected=THREE), 20.0),
        Step("witness-service", start, lambda view: has_vote(own(view)), SECONDS, fault=no_vote),
        Step("witness-service", start, votes, SECONDS, there=True, fault=no_vote),
        Step("quorum-policy", orders.quorum_policy(STOP), lambda view: policy(view) == STOP, 20.0),
    )
    return Plan(steps, lambda view: bool(named(own(view))), undo=_taken_away())


def remove(_host: str) -> Plan:
    steps = _taken_away()
    return Plan(steps, lambda view: policy(view) == IGNORE)


def _taken_away() -> tuple[Step, ...]:
    """First nobody obeys the votes any more; then there are two again, each of which may go on alone."""
    stop = orders.witness_service(on=False)
    return (
        Step("quorum-policy", orders.quorum_policy(IGNORE), lambda view: policy(view) == IGNORE, 20.0),
        Step("witness-service", stop, _always, 0.0),
        Step("witness-service", stop, _always, 0.0, there=True),
        Step("witness-file", orders.WITNESS_REMOVE, lambda view: without(own(view)), 10.0),
        Step("witness-file", orders.WITNESS_REMOVE, lambda view: without(peer(view)), 10.0, there=True),
        Step("witness-reload", orders.WITNESS_RELOAD, lambda view: counted(view, expected=2), 20.0),
    )


def give_up(_host: str) -> Plan:
    """Where witness and other node are both lost: this node goes on alone."""
    steps = (
        Step("witness-service", orders.witness_service(on=False), _always, 0.0),
        Step("witness-file", orders.WITNESS_REMOVE, lambda view: without(own(view)), 10.0),
        Step("witness-reload", orders.WITNESS_RELOAD, lambda view: quorate(own(view)), 30.0),
        Step("quorum-policy", orders.quorum_policy(IGNORE), lambda view: policy(view) == IGNORE, 20.0),
    )
    return Plan(steps, lambda view: without(own(view)))


PLANS: Mapping[str, Callable[[str], Plan]] = MappingProxyType(
    {"witness-add": add, "witness-remove": remove, "witness-alone": give_up}
)


def _always(_view: View) -> bool:
    return True

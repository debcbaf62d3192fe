"""An act → its plan. Pure."""

from cluster import fencing_plan, orders, witness_plan
from cluster.act import Plan, Step, View, joined, maintenance_is, pacemaker_of
from cluster.commands import Command
from cluster.decide import decide
from cluster.fencing import Switch
from cluster.pacemaker_types import ResourceKind, ResourceRole
from cluster.preflight import Act
from cluster.recovery.orders import rejoin
from cluster.recovery.plan import first
from cluster.recovery.rejoin import proven
from cluster.rejoin_types import Proof
from cluster.types import ClusterView


def plan(act: Act, *, here: str, other: str) -> Plan:
    """The steps of an act, started on the node `here`."""
    if act.name in {"maintenance-on", "maintenance-off"}:
        on = act.name == "maintenance-on"
        step = Step("maintenance", orders.maintenance(on=on), lambda view: maintenance_is(view) is on, 20.0)
        return Plan((step,), step.reached)
    if act.name == "cleanup":
        # What comes of it is told by the findings: that it was looked at anew is all that can be promised.
        step = Step("refresh", orders.refresh(act.resource, act.node), lambda _view: True, 0.0)
        return Plan((step,), lambda _view: False)
    if act.name in witness_plan.PLANS:
        return witness_plan.PLANS[act.name](act.host)
    if act.name in fencing_plan.PLANS:
        return fencing_plan.PLANS[act.name](Switch(other, act.agent, act.host, act.user, act.plug))
    return _switchover(here, other) if act.name == "switchover" else _beginning(act)


def _beginning(act: Act) -> Plan:
    if act.name == "start":  # a primary that lost its power left its agent's mark, with which no database starts
        return first()
    return Plan((_rejoin(), Step("join", orders.JOIN, joined, 180.0)), joined)


def _switchover(here: str, other: str) -> Plan:
    """In standby a node hands over everything in order; then it is let in again, as the one that stands by."""
    # Let in before all of it runs there, this node would disturb the move: Pacemaker plans anew, and it takes longer.
    hand_over = Step("standby", orders.standby(here, on=True), lambda view: _moved(view, other), 120.0)
    serve = Step("serve", orders.standby(here, on=False), lambda view: _serving(view, here), 20.0)
    return Plan((hand_over, _rejoin(), serve), lambda view: _in_standby(view, here), undo=(serve,))


def _rejoin() -> Step:
    """Only where it is proven at that moment; else the database stays off, and a finding says why."""
    shown = rejoin(Proof("SYSTEM", 0, 0, 0))
    return Step("rejoin", shown, lambda _view: True, 0.0, given=_proven)


def _proven(view: View) -> Command | None:
    proof = proven(view) if isinstance(view, ClusterView) else None
    return rejoin(proof) if proof else None


def _moved(view: View, other: str) -> bool:
    pacemaker = pacemaker_of(view)
    if pacemaker is None or decide(view).active != other:
        return False
    services = pacemaker.of_kind(ResourceKind.SERVICE)
    return all(one.role is ResourceRole.STARTED and one.nodes == (other,) for one in services)


def _in_standby(view: View, name: str) -> bool:
    pacemaker = pacemaker_of(view)
    node = pacemaker.node(name) if pacemaker else None
    return node is not None and node.standby


def _serving(view: View, name: str) -> bool:
    pacemaker = pacemaker_of(view)
    node = pacemaker.node(name) if pacemaker else None
    return node is not None and not node.standby

"""A power switch set up, asked, used and taken away: the plans. Pure.

A switch must answer before Pacemaker hears of it, and fencing is on only while both nodes have one that answers.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cluster.act import Plan, Step, View
from cluster.commands import Command, Meaning, Order
from cluster.fencing import Switch, both_ready, is_on, ready, switch_of
from cluster.findings import finding
from cluster.witness import votes

DELAY = 2  # seconds by which the node with the active database shoots first, where nobody votes
# The agents' answers to "status": the power is on, or off.
POWERED: Mapping[int, Meaning] = MappingProxyType({0: Meaning.ANSWER, 2: Meaning.ANSWER})
STARTS = 90.0  # seconds: Pacemaker asks a switch for up to a minute before it counts as started


def keep_password(node: str, password: str) -> Command:
    return _order("fence-secret", ("node", node), ("password", password), shown=(node,))


def check(switch: Switch) -> Command:
    command = _order("fence-check", *switch.values, shown=(switch.agent, switch.address), seconds=90.0)
    return Command(command.name, command.argv, POWERED, seconds=command.seconds, order=command.order)


def query(node: str) -> Command:
    return _order("fence-query", ("node", node), shown=(node,), seconds=90.0)


def name(switch: Switch) -> Command:
    return _order("fence-add", *switch.values, shown=(f"fence_{switch.node}",), seconds=300.0)


def take_away(node: str) -> Command:
    return _order("fence-remove", ("node", node), shown=(f"fence_{node}",), seconds=300.0)


def forget(node: str) -> Command:
    return _order("fence-forget", ("node", node), shown=(node,), seconds=60.0)


def enable(delay: int) -> Command:
    return _order("fencing", ("on", True), ("delay", delay), shown=("on", f"delay={delay}s"), seconds=130.0)


DISABLE = Command(
    "fencing",
    ("apresa-helper", "fencing", "off"),
    seconds=130.0,
    order=Order("fencing", (("on", False), ("delay", 0))),
)


def _order(verb: str, *values: tuple[str, object], shown: tuple[str, ...], seconds: float = 60.0) -> Command:
    return Command(verb, ("apresa-helper", verb, *shown), seconds=seconds, order=Order(verb, values))


def add(switch: Switch) -> Plan:
    """What fails takes its own device and password away again; fencing was off, and stays so."""
    silent = finding("fence-no-answer", agent=switch.agent, address=switch.address)
    unready = finding("fence-not-started", node=switch.node, seconds=round(STARTS))
    steps = (
        Step("fence-check", check(switch), _always, 0.0, refusal=silent),
        Step("fence-add", name(switch), lambda view: ready(view, switch.node), STARTS, fault=unready),
        *_on(only_if_both=True),
    )
    return Plan(steps, lambda view: switch_of(view, switch.node) is not None, undo=_gone(switch.node))


def remove(switch: Switch) -> Plan:
    """Off first: with fencing on and a switch that is gone, nothing would be taken over."""
    return Plan((_off(), *_gone(switch.node)), lambda view: switch_of(view, switch.node) is None)


def test(switch: Switch) -> Plan:
    silent = finding("fence-silent", node=switch.node)
    return Plan((Step("fence-query", query(switch.node), _always, 0.0, refusal=silent),), lambda _view: False)


def on(_switch: Switch) -> Plan:
    return Plan(_on(only_if_both=False), lambda view: is_on(view) is True)


def off(_switch: Switch) -> Plan:
    return Plan((_off(),), lambda view: is_on(view) is False)


def _on(*, only_if_both: bool) -> tuple[Step, ...]:
    """With a witness only the half that has its vote may shoot, and nobody has to wait."""

    def settled(view: View) -> bool:
        return is_on(view) is True or (only_if_both and not both_ready(view))

    return (
        Step("fencing-on", enable(0), lambda view: settled(view) or not votes(view), 20.0),
        Step("fencing-on", enable(DELAY), settled, 20.0),
    )


def _off() -> Step:
    return Step("fencing-off", DISABLE, lambda view: is_on(view) is False, 20.0)


def _gone(node: str) -> tuple[Step, ...]:
    return (
        Step("fence-remove", take_away(node), lambda view: switch_of(view, node) is None, 60.0),
        Step("fence-forget", forget(node), _always, 0.0),
    )


PLANS: Mapping[str, Callable[[Switch], Plan]] = MappingProxyType(
    {"fencing-add": add, "fencing-test": test, "fencing-on": on, "fencing-off": off, "fencing-remove": remove}
)


def _always(_view: View) -> bool:
    return True

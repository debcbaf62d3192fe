"""Two nodes and a witness by their votes: what Corosync has in its files, has read, and counts. Orders change it."""

from dataclasses import dataclass, field, replace

from cluster.commands import Command, Order
from cluster.runner import CommandUnavailable
from cluster.types import ClusterView, NodeView, Quorum, Result, Why, Witness
from tests.samples.cluster import views

HOST = "203.0.113.9"


class Dangerous(AssertionError):
    """A healthy pair would have lost its quorum."""


@dataclass
class Side:
    """`named`: in its file; `read`: by its Corosync. Both "" where two nodes are all."""

    named: str = ""
    read: str = ""
    client: bool = False


@dataclass
class FakePair:
    """`answers`: whether something answers at the witness's port; `reachable`: whether it votes.

    `fails`: the number of the order that gets no reply (from 0)."""

    reachable: bool = True
    answers: bool = True
    fails: int = -1
    policy: str = "ignore"
    sides: dict[str, Side] = field(default_factory=lambda: {"north": Side(), "south": Side()})
    done: list[str] = field(default_factory=list)

    def look(self) -> ClusterView:
        return ClusterView(self._seen(views.NORTH), self._seen(views.SOUTH))

    def _seen(self, node: NodeView) -> NodeView:
        side = self.sides[node.name]
        vote = self._vote(side)
        return replace(
            node,
            configuration=replace(views.CONFIGURATION, witness=bool(side.named), witness_host=side.named),
            pacemaker=replace(views.PACEMAKER, no_quorum_policy=self.policy),
            quorum=Quorum(True, 3 if side.read else 2, 2 + vote, ("north", "south"), vote if side.read else None),
            witness=Witness(side.named, "Connected" if vote else "Connecting") if side.named and side.client else None,
        )

    def _vote(self, side: Side) -> int:
        return int(side.client and self.reachable and bool(side.read))

    def three(self) -> bool:
        return all(self._vote(side) for side in self.sides.values())

    def door(self, name: str) -> "Door":
        return Door(self, name)


@dataclass
class Door:
    pair: FakePair
    name: str

    def run(self, command: Command) -> Result:
        pair = self.pair
        pair.done.append(f"{self.name} {' '.join(command.argv)}")
        if pair.fails == len(pair.done) - 1:
            raise CommandUnavailable(Why.LATE, "It gave no answer.")
        assert command.order is not None
        if command.order.verb == "witness-reach":
            return Result(command.argv, int(not pair.answers), "", "" if pair.answers else "It is not there.")
        self._change(command.order)
        return Result(command.argv, 0, "", "")

    def _change(self, order: Order) -> None:
        pair = self.pair
        values, side = dict(order.values), pair.sides[self.name]
        match order.verb:
            case "witness-add":
                side.named = str(values["host"])
            case "witness-remove":
                side.named = ""
            case "witness-service":
                side.client = bool(values["on"])
            case "witness-reload":
                for one in pair.sides.values():
                    one.read = one.named
            case "quorum-policy":
                pair.policy = str(values["policy"])
            case verb:
                raise AssertionError(f"{verb} was not expected")
        if pair.policy == "stop" and not pair.three():
            raise Dangerous("a minority stops, and not all three vote")
        if len({bool(one.read) for one in pair.sides.values()}) > 1:
            raise Dangerous("the two count different votes")

"""The few orders that a node gives the other one: its own part of a witness. Done there by its own root helper."""

from collections.abc import Mapping
from typing import Any

from apresa.nodelink import LinkError, other_node
from cluster import orders
from cluster.commands import Command
from cluster.runner import CommandUnavailable
from cluster.types import Result, Why

PATH = "/link/v1/witness"
GRACE = 70.0  # the other helper may wait for another change first
LONGEST = 4000  # characters of what a command said


class OtherNode:
    """A door to commands: those that `known` reads again on the other side."""

    def run(self, command: Command) -> Result:
        """Raises CommandUnavailable, with the other node's sentence."""
        if command.order is None:
            raise CommandUnavailable(Why.MISSING, "The other node does not do this.")
        asked = {"verb": command.order.verb, "values": dict(command.order.values)}
        try:
            found = other_node().post(PATH, asked, seconds=command.seconds + GRACE)
        except LinkError as error:
            raise CommandUnavailable(Why.LATE if error.code == "late" else Why.MISSING, error.sentence) from None
        match found:
            case {"code": int(code), "said": str(said)}:
                return Result(command.argv, code, said[:LONGEST], "")
        raise CommandUnavailable(Why.UNREADABLE, "The other node's answer cannot be read; is it of the same release?")


def known(asked: Mapping[str, Any]) -> Command | None:
    """The order that was sent, made anew; None for any other."""
    match asked:
        case {"verb": "witness-add", "values": {"host": str(host)}}:
            return orders.witness_add(host)
        case {"verb": "witness-reach", "values": {"host": str(host)}}:
            return orders.witness_reach(host)
        case {"verb": "witness-remove", "values": {}}:
            return orders.WITNESS_REMOVE
        case {"verb": "witness-service", "values": {"on": bool(on)}}:
            return orders.witness_service(on=on)
    return None

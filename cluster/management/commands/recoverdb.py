"""`recoverdb ADDRESS`: this failed node's database, and what belongs to it, anew from the node that still works."""

import socket
from typing import Any

from django.core.management.base import CommandParser

from cluster.domain.comparing import NoPair, other_of
from cluster.management.recovering import RecoveryCommand, refuse
from cluster.observe import observe
from cluster.read import read_node
from cluster.recovery.plan import Way
from cluster.runner import Runner
from cluster.types import Configuration, NodeView


class Command(RecoveryCommand):
    help = "Bring this failed node back: database anew from the node at ADDRESS, recordings after it, joined again."
    examples = ("192.168.2.11 --preview", "192.168.2.11", "myrec1 --yes")
    way = Way.NODE

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="IP address or name of the node that still works")
        super().add_arguments(parser)

    def address(self, options: dict[str, Any], runner: Runner) -> str:
        """Raises NoPair, and CommandError where it is not the other node's."""
        view = read_node(observe(runner, socket.gethostname().split(".")[0]))
        if not isinstance(view, NodeView):
            raise NoPair("This machine stands alone: there is no cluster.")
        other, addresses = other_of(view)
        given = str(options["address"])
        own = view.configuration.node(view.name) if isinstance(view.configuration, Configuration) else None
        known = {given, *_resolved(given)}
        if own and known & {own.name, *own.addresses}:
            raise refuse("own-address", address=given)
        if given == other:
            return addresses[0]
        found = next((one for one in addresses if one in known), None)
        if found is None:
            raise refuse("not-the-other", address=given, other=other)
        return found


def _resolved(name: str) -> set[str]:
    try:
        return {str(row[4][0]) for row in socket.getaddrinfo(name, None)}
    except (OSError, UnicodeError):
        return set()

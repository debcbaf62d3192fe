"""`cluster_cleanup`: forget the failures of a resource, and look at it anew."""

from typing import Any

from django.core.management.base import CommandParser

from cluster.management.acting import ActCommand
from cluster.preflight import Act


class Command(ActCommand):
    help = "Forget the failures of a resource on a node, and look at it anew."
    examples = ("postgresql myrec2 --preview", "postgresql myrec2", "drbd_r0 myrec1 --yes")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("resource")
        parser.add_argument("node")

    def act(self, options: dict[str, Any]) -> Act:
        return Act("cleanup", options["resource"], options["node"])

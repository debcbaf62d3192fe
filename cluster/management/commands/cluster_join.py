"""`cluster_join`: this node joins the cluster, or starts it as the first one."""

from typing import Any

from django.core.management.base import CommandParser

from cluster.management.acting import ActCommand
from cluster.preflight import Act


class Command(ActCommand):
    help = "Join this node to the cluster. Refused while the node is in a state that could harm the other one."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--first", action="store_true", help="both nodes are off: start the cluster here, with the newest data"
        )

    def act(self, options: dict[str, Any]) -> Act:
        return Act("start" if options["first"] else "join")

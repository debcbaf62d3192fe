"""`cluster_maintenance`: maintenance mode on or off."""

from typing import Any

from django.core.management.base import CommandParser

from cluster.management.acting import ActCommand
from cluster.preflight import Act


class Command(ActCommand):
    help = "Switch the cluster's maintenance mode on or off: while it is on, no node takes over."
    examples = ("on", "off --yes", "on --preview")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("mode", choices=("on", "off"))

    def act(self, options: dict[str, Any]) -> Act:
        return Act(f"maintenance-{options['mode']}")

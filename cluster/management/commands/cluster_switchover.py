"""`cluster_switchover`: the active node hands over to the other one."""

from typing import Any

from cluster.management.acting import ActCommand
from cluster.preflight import Act


class Command(ActCommand):
    help = "Hand over from this node, the active one, to the other. Refused unless nothing can be lost."
    examples = ("--preview", "", "--yes")

    def act(self, options: dict[str, Any]) -> Act:  # noqa: ARG002 -- it has no options of its own
        return Act("switchover")

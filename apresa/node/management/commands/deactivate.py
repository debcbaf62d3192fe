"""`deactivate`: this machine stands by. Run by apresa-active.service when it has stopped, for whatever reason."""

from typing import Any

from django.core.management.base import BaseCommand

from apresa.audit import domain as audit
from apresa.node.activation import deactivate
from apresa.node.domain import identity


class Command(BaseCommand):
    help = "Make this machine stand by. Pacemaker does this through apresa-active.service."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not deactivate():
            self.stdout.write("This machine is in no cluster, so it stays active.")
            return
        node = identity()
        audit.record("cluster", "node-deactivated", node.activation or "")
        self.stdout.write(f"{node.name} stands by.")

"""`activate`: this machine becomes the active node. Run by apresa-active.service, which Pacemaker starts."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apresa.audit import domain as audit
from apresa.node.activation import CannotActivate, activate


class Command(BaseCommand):
    help = "Make this machine the cluster's active node. Pacemaker does this through apresa-active.service."
    requires_system_checks = ()  # a takeover does not wait for advice

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--patience", type=float, default=40.0, help="seconds to wait for a writable database (default 40)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            made = activate(settings.APRESA.library, patience=options["patience"])
        except CannotActivate as error:
            raise CommandError(str(error)) from None
        audit.record("cluster", "node-activated", made.uuid, number=made.number, parent=str(made.parent or ""))
        self.stdout.write(f"{made.name} is the active node (activation {made.number}, {made.uuid}).")

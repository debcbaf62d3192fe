"""`node`: show which machine this is, or give it its name, address, mask and role before the cluster stands."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apresa.audit import domain as audit
from apresa.node import domain
from apresa.node.models import Role

WANTED = ("name", "address", "mask", "initial_role")


class Command(BaseCommand):
    help = "Show which machine this is, or change its name, address, mask or initial role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="such as myrec1")
        parser.add_argument("--address", help="its IP address")
        parser.add_argument("--mask", help="255.255.255.0, or 24")
        parser.add_argument("--initial-role", choices=[Role.PRIMARY, Role.SECONDARY, Role.STANDALONE])

    def handle(self, *_args: Any, **options: Any) -> None:
        wanted = {name: options[name] for name in WANTED if options[name] is not None}
        if wanted:
            try:
                domain.place(**wanted)
            except domain.BadPlace as error:
                raise CommandError(str(error)) from None
            audit.record("command line", "node-changed", changes=wanted)
        node = domain.identity()
        address = f"{node.address}/{node.mask}" if node.address else "no address set"
        self.stdout.write(f"{node.name} ({node.role}, initially {node.initial_role}): {address}; {node.uuid}")

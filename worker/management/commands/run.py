"""`manage.py run`: everything of one node, embedded."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from worker.run.embedded import serve
from worker.run.instance import InstanceError
from worker.run.privileges import PrivilegeError


class Command(BaseCommand):
    help = "Run Apresa on this machine: recording component, worker and web, until Ctrl-C or SIGTERM."
    requires_system_checks = []  # the programs check for themselves, as the service user

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interface",
            action="append",
            default=[],
            metavar="NAME",
            help="capture on this network interface (several times for several); default: the setting",
        )
        parser.add_argument("--host", default="127.0.0.1", help="address of the web server (default %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port of the web server (default %(default)s)")
        parser.add_argument(
            "--user", default="apresa", help="who runs worker and web when started as root (default %(default)s)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        data: Path = settings.APRESA.data
        try:
            serve(data, options["interface"], (options["host"], options["port"]), options["user"])
        except (InstanceError, PrivilegeError) as error:
            raise CommandError(str(error)) from None

"""`manage.py sniff`: the recording component alone."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apresa.env import PROJECT
from worker.run import programs
from worker.run.embedded import prepare, ready_user, why_no_capture
from worker.run.privileges import PrivilegeError


class Command(BaseCommand):
    help = "Capture calls into the spool, without worker and web: what systemd starts on a node."
    requires_system_checks = []  # as of run: no database is opened by a process that may be root

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interface",
            action="append",
            default=[],
            metavar="NAME",
            help="capture on this network interface (several times for several); default: the setting",
        )
        parser.add_argument("--user", default="apresa", help="who owns the spool when started as root")

    def handle(self, *_args: Any, **options: Any) -> None:
        data = settings.APRESA.data
        try:
            user = ready_user(data, options["user"])
            prepared = prepare(data, user)
        except PrivilegeError as error:
            raise CommandError(str(error)) from None
        interfaces = tuple(options["interface"]) or prepared.interfaces
        if why := why_no_capture(interfaces, prepared.hep):
            raise CommandError(why, returncode=3 if interfaces else 2)
        program = programs.recording(data / "spool" / "live", prepared.node, interfaces, user, *prepared.listening)
        os.chdir(PROJECT)
        os.execv(program.argv[0], program.argv)  # noqa: S606 -- an argv list of our own; signals reach the holder itself
        sys.exit(1)

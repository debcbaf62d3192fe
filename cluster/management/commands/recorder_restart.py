"""`recorder_restart`: the recording component of this machine ends and starts again."""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from apresa.jobs.models import Job, State
from cluster.domain import recorder
from cluster.helper import runner_here
from cluster.management.acting import BY, EVERY, confirm
from cluster.management.helped import HelpedCommand
from cluster.runner import Runner


class Command(HelpedCommand):
    help = "End the recording component of this machine and start it again, with the settings of now."
    examples = ("", "--yes")
    runner: Runner | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        self.stdout.write(_("What is said until it hears again, a second or so, can be missing from calls."))
        if not options["yes"]:
            confirm()
        job = recorder.ask(by=BY)
        recorder.restart_next(self.runner or runner_here())
        while (job := Job.objects.using("node").get(pk=job.pk)).state in {State.QUEUED, State.RUNNING}:
            time.sleep(EVERY)  # a worker was faster and does it
        if job.state != State.DONE:
            raise CommandError(job.error or _("It was stopped."))
        self.stdout.write(_("Done."))

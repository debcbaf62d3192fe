"""What the commands that change the cluster have in common: say what will happen, ask, do, follow."""

import sys
import time
from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from apresa.jobs.models import Job, State
from cluster.domain import acting, observing
from cluster.helper import runner_here
from cluster.management.helped import HelpedCommand
from cluster.preflight import Act
from cluster.queries.acts import Preview, preview
from cluster.queries.state import state
from cluster.runner import Runner

BY = "command line"
EVERY = 0.5  # seconds between two questions after a job that the worker took


class ActCommand(HelpedCommand, ABC):
    """A command for one act. It works without the worker, too: then it does the job itself."""

    runner: Runner | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--preview", action="store_true", help="only say what it would do")

    @abstractmethod
    def act(self, options: dict[str, Any]) -> Act:
        """The act that the words on the command line ask for."""

    def password(self, _options: dict[str, Any]) -> str:
        """Of an act that needs one. Raises CommandError."""
        return ""

    def handle(self, *_args: Any, **options: Any) -> None:
        runner = self.runner or runner_here()
        observing.look(runner)
        wanted = self.act(options)
        found = preview(wanted, state(), _)
        self._tell(found)
        if found.reasons:
            raise CommandError("\n".join((_("This cannot be done now."), *found.reasons)))
        if options["preview"]:
            return
        if not options["yes"]:
            confirm()
        try:
            job = acting.ask(wanted, by=BY, password=self.password(options), runner=runner)
        except acting.Refused as error:  # something began in the meantime
            raise CommandError(str(error)) from None
        self._follow(job, runner)

    def _tell(self, found: Preview) -> None:
        self.stdout.write(f"{found.title}:")
        for line in found.will:
            self.stdout.write(f"  {line}")
        for command in found.commands:
            self.stdout.write(f"  $ {command}")

    def _follow(self, job: Job, runner: Runner) -> None:
        acting.act_next(runner)
        while (job := Job.objects.using("node").get(pk=job.pk)).state in {State.QUEUED, State.RUNNING}:
            time.sleep(EVERY)  # a worker was faster and does it
        if job.state != State.DONE:
            raise CommandError(job.error or _("It was stopped."))
        self.stdout.write(_("Done."))


def confirm() -> None:
    """Raises CommandError unless a person says yes."""
    if not sys.stdin.isatty():
        raise CommandError(_("Nothing was done. Add --yes to do it without being asked."))
    if input(_("Do this? [y/N] ")).strip().lower() not in {"y", "yes", "j", "ja"}:
        raise CommandError(_("Nothing was done."))

"""What the commands of a recovery have in common: compare, say all of it, ask, do, follow."""

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from apresa.jobs.models import Job, State
from cluster.catalogue import recovery as texts
from cluster.domain import observing, recovering
from cluster.domain.comparing import Compared, NoPair, compare_now
from cluster.findings import fill
from cluster.helper import runner_here
from cluster.management.acting import BY, EVERY, confirm
from cluster.management.helped import HelpedCommand
from cluster.queries.recovery import Choice, choice, commands, will
from cluster.recovery.plan import Way
from cluster.runner import Runner


class RecoveryCommand(HelpedCommand):
    """It works without the worker, too: then it does the job itself."""

    runner: Runner | None = None
    way: Way | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--preview", action="store_true", help="only compare, and say what it would do")
        parser.add_argument(
            "--without-comparison",
            action="store_true",
            help="do it although the other node could not be asked; you know that it has nothing newer",
        )

    def address(self, options: dict[str, Any], runner: Runner) -> str:  # noqa: ARG002 -- for those that take one
        """The address of the other node that was given, "" for none."""
        return ""

    def handle(self, *_args: Any, **options: Any) -> None:
        runner = self.runner or runner_here()
        observing.look(runner)
        try:
            named = self.address(options, runner)
            compared = compare_now(runner, named)
        except NoPair as error:
            raise CommandError(str(error)) from None
        found = choice(compared, way=self.way, named=named)
        found = found.accepted() if options["without_comparison"] else found
        self._tell(found, compared)
        if found.reasons:
            raise CommandError("\n".join((_("This cannot be done now."), *found.sentences(_))))
        if options["preview"]:
            return
        if not options["yes"]:
            confirm()
        try:
            job = recovering.ask(found, by=BY, accept=options["without_comparison"])
        except recovering.Refused as error:  # something began in the meantime
            raise CommandError(str(error)) from None
        self._follow(job, runner)

    def _tell(self, found: Choice, compared: Compared) -> None:
        names = {"node": compared.view.name, "other": compared.other}
        self.stdout.write(fill(texts.CASES[found.case], names, _))
        for table, lines in ((texts.WHY, found.why), (texts.COSTS, found.costs), (texts.UNSEEN, found.unseen)):
            for line in lines:
                self.stdout.write(f"  {fill(table[line.code], line.parameters, _)}")
        if found.way is None or found.reasons:
            return
        self.stdout.write(f"{_(texts.TITLES[found.way])}:")
        for sentence in will(found, _):
            self.stdout.write(f"  {sentence}")
        for command in commands(found, compared):
            self.stdout.write(f"  $ {command}")

    def _follow(self, job: Job, runner: Runner) -> None:
        recovering.recover_next(runner)
        said = ""
        while (job := Job.objects.using("node").get(pk=job.pk)).state in {State.QUEUED, State.RUNNING}:
            doing = texts.STEPS.get(job.progress_text, "")
            if doing != said:
                said = doing
                self.stdout.write(f"  {job.progress} % {_(doing)}" if doing else "")
                self.stdout.flush()
            time.sleep(EVERY)  # a worker was faster and does it
        if job.state != State.DONE:
            raise CommandError(job.error or _("It was stopped."))
        note = job.result.get("note", "") if isinstance(job.result, dict) else ""
        self.stdout.write(_(texts.NOTES[note]) if note in texts.NOTES else _("Done."))


def refuse(code: str, **names: str) -> CommandError:
    return CommandError(fill(texts.REASONS[code], names, _))

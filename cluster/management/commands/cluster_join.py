"""`cluster_join`: this node joins the cluster, or starts it as the first one; also the check of Pacemaker's starts."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from cluster.catalogue.acts import REASONS
from cluster.domain import guarding
from cluster.findings import fill
from cluster.helper import runner_here
from cluster.management.acting import ActCommand
from cluster.management.helped import HelpedCommand
from cluster.preflight import Act

REFUSED = 4  # an answer; any other code is none


class Command(ActCommand):
    help = "Join this node to the cluster. Refused while the node is in a state that could harm the other one."
    exit_codes: Mapping[int, str] = MappingProxyType(
        {**HelpedCommand.exit_codes, REFUSED: "with --check: it may not be started; no other code says so"}
    )
    examples = ("--preview", "", "--first --yes", "--check", '--override "the other node is gone for good"')

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--first", action="store_true", help="both nodes are off: start the cluster here, with the newest data"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="only say whether Pacemaker may be started here now (exit code 0) or not (4): what its unit asks",
        )
        parser.add_argument(
            "--override",
            metavar="REASON",
            help="as root: let the next start of Pacemaker pass whatever speaks against it; it is logged and audited",
        )

    def act(self, options: dict[str, Any]) -> Act:
        return Act("start" if options["first"] else "join")

    def handle(self, *arguments: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
        elif options["override"] is not None:
            self._override(options["override"])
        else:
            super().handle(*arguments, **options)

    def _check(self) -> None:
        against = guarding.check(self.runner or runner_here())
        if against:
            said = "\n".join(fill(REASONS[one.code], one.parameters, _) for one in against)
            raise CommandError(said, returncode=REFUSED)
        self.stdout.write(_("Pacemaker may be started here."))

    def _override(self, reason: str) -> None:
        if os.geteuid() != 0:
            raise CommandError(_("Only root can override the check."))
        try:
            guarding.override(reason, by=guarding.name_of_root())
        except guarding.BadOverride as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_("The next start of Pacemaker within 15 minutes passes, whatever speaks against it."))

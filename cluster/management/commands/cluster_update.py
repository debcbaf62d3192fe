"""`cluster_update`: may this machine be updated now? What `deploy/install` asks before it touches anything."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from cluster.catalogue.updating import AGAINST
from cluster.domain import updating
from cluster.domain.guarding import LONGEST
from cluster.findings import fill
from cluster.management.acting import BY
from cluster.management.helped import HelpedCommand

REFUSED = 4


class Command(HelpedCommand):
    help = "Say whether this machine may be brought to the release that lies here: the primary first, then the other."
    exit_codes: Mapping[int, str] = MappingProxyType(
        {**HelpedCommand.exit_codes, REFUSED: "it may not; no other code says so"}
    )
    examples = ("--check", '--check --override "the primary is gone for good"')

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", required=True, help="ask, and change nothing")
        parser.add_argument("--override", metavar="REASON", default="", help="pass all the same; it is audited")

    def handle(self, *_args: Any, **options: Any) -> None:
        reason = " ".join(options["override"].split())
        if len(reason) > LONGEST or not reason.isprintable():
            raise CommandError(_("Give the reason in at most %(most)d letters.") % {"most": LONGEST})
        found = updating.against()
        if found is None:
            self.stdout.write(_("This machine may be updated now."))
            return
        said = fill(AGAINST[found.code], found.parameters, _)
        if not reason:
            raise CommandError(said, returncode=REFUSED)
        updating.overridden(reason, found, by=BY)
        self.stdout.write(_("%(against)s Overridden: %(reason)s") % {"against": said, "reason": reason})

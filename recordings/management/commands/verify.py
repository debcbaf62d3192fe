"""`verify`: compare recordings with the chain of evidence, in this process."""

import argparse
import sys
import uuid
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from apresa.audit import domain as audit
from apresa.node.domain import is_active
from recordings.domain.auditing import faults
from recordings.domain.verifying import Report, verify, verify_many
from recordings.evidence.chain import ProofError


class Command(BaseCommand):
    help = "Compare recordings, and the chains of evidence, with what was stored and signed."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.epilog = "exit status: 0 all that was checked is as it was stored, 1 something was changed"
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--call", type=uuid.UUID, metavar="ID", help="one call")
        what.add_argument("--day", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the calls of a day (UTC)")
        what.add_argument("--all", action="store_true", help="all calls, the chains, and the audit trail")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not is_active():
            raise CommandError("This machine is not the cluster's active node: verify there.")
        what = f"call {options['call']}" if options["call"] else str(options["day"] or "everything")
        audit.record("command line", "recordings-verified", what)
        try:
            report, broken = self._checked(options)
        except (OSError, DatabaseError, ProofError) as error:
            raise CommandError(f"It cannot be checked now: {error}") from None
        for call, found in report.changed.items():
            self.stdout.write(f"CHANGED {call}: {found}")
        for sentence in broken:
            self.stdout.write(f"CHANGED {sentence}")
        self.stdout.write(
            f"{report.verified} calls verified, {len(report.changed)} changed, {report.unchecked} not checked."
        )
        if report.changed or broken:
            sys.exit(1)

    def _checked(self, options: dict[str, Any]) -> tuple[Report, list[str]]:
        if options["call"]:
            found = verify(options["call"])
            changed = {str(options["call"]): " ".join(found)} if found else {}
            return Report(int(found == ()), int(found is None), changed), []
        report = verify_many(options["day"], lambda _done, _total: None)
        return report, faults() if options["all"] else []

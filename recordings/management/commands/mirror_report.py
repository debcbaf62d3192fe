"""`mirror_report`: whether the mirror port delivers what it should, for people and for monitoring."""

import argparse
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from recordings.catalogue.mirror import as_data, tell
from recordings.mirror.judge import judge, worst
from recordings.mirror.types import Finding, Level
from recordings.queries.mirror import HOURS, MOST_HOURS, gather

EXIT_CODES = {Level.GOOD: 0, Level.NOTICE: 1, Level.BAD: 2, Level.UNKNOWN: 3}
MARKS = {Level.GOOD: "good   ", Level.NOTICE: "look   ", Level.BAD: "WRONG  ", Level.UNKNOWN: "unknown"}


class Command(BaseCommand):
    help = (
        "Say whether the mirror port delivers what it should, with the likely cause at the switch and what to change."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.epilog = "exit status: 0 good, 1 look at something, 2 something is wrong, 3 some of it is not known"
        parser.add_argument("--hours", type=int, default=HOURS, help="of which time the calls are (%(default)s)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        hours = options["hours"]
        if not 1 <= hours <= MOST_HOURS:
            raise CommandError(f"Give --hours as a whole number from 1 to {MOST_HOURS}.")
        try:
            findings = judge(gather(hours))
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used now: {str(error).strip().splitlines()[0]}") from None
        if options["json"]:
            self.stdout.write(json.dumps(as_data(hours, findings), indent=2))
        else:
            for finding in sorted(findings, key=lambda one: -one.level):
                self._say(finding)
        if code := EXIT_CODES[worst(findings)]:
            sys.exit(code)

    def _say(self, finding: Finding) -> None:
        said = tell(finding)
        self.stdout.write(f"{MARKS[finding.level]}  {said.topic}: {said.sentence}")
        if said.cause:
            self.stdout.write(f"         Likely cause: {said.cause}")
        if said.cure:
            self.stdout.write(f"         What to change: {said.cure}")

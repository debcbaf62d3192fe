"""`mirror_report`: whether the mirror port delivers what it should, for people and for monitoring."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from recordings.catalogue.mirror import as_data, tell
from recordings.domain.importing import ImportRefused, take_in
from recordings.domain.rendering import renderer
from recordings.domain.scratch import scratch_place
from recordings.domain.settling import settle_session
from recordings.mirror.judge import judge, worst
from recordings.mirror.types import Evidence, Finding, Level
from recordings.queries.mirror import HOURS, MOST_HOURS, gather, gather_import

EXIT_CODES = {Level.GOOD: 0, Level.NOTICE: 1, Level.BAD: 2, Level.UNKNOWN: 3}
MARKS = {Level.GOOD: "good   ", Level.NOTICE: "look   ", Level.BAD: "WRONG  ", Level.UNKNOWN: "unknown"}


class Command(BaseCommand):
    help = (
        "Say whether the mirror port delivers what it should, with the likely cause at the switch and what to change."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.epilog = "exit status: 0 good, 1 look at something, 2 something is wrong, 3 some of it is not known"
        parser.add_argument("--hours", type=int, default=HOURS, help="of which time the calls are (%(default)s)")
        parser.add_argument(
            "--capture",
            metavar="FILE",
            help="judge a capture of the mirror port (pcap, pcapng); nothing is stored",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        hours = options["hours"]
        if not 1 <= hours <= MOST_HOURS:
            raise CommandError(f"Give --hours as a whole number from 1 to {MOST_HOURS}.")
        found = self._from_capture(options["capture"]) if options["capture"] else _from_database(hours)
        hours, findings = found.hours, judge(found)
        if options["json"]:
            self.stdout.write(json.dumps(as_data(hours, findings), indent=2))
        else:
            for finding in sorted(findings, key=lambda one: -one.level):
                self._say(finding)
        if code := EXIT_CODES[worst(findings)]:
            sys.exit(code)

    def _from_capture(self, file: str) -> Evidence:
        """The file goes the way of an import, in a spool, library and database that leave nothing behind."""
        try:
            with scratch_place("flac") as place, renderer() as render:
                imported = take_in(place, file, max_size=None, progress=_silent)
                settle_session(place, render, imported.session, _silent)
                found = gather_import(Path(file).name, imported.session.path)
        except ImportRefused as refused:
            raise CommandError(str(refused)) from None
        except (OSError, DatabaseError) as error:
            raise CommandError(f"{file} could not be taken in: {error}") from None
        if imported.fault and not found.capture.packets:
            raise CommandError(imported.fault)
        if imported.fault:
            self.stderr.write(imported.fault)
        return found

    def _say(self, finding: Finding) -> None:
        said = tell(finding)
        self.stdout.write(f"{MARKS[finding.level]}  {said.topic}: {said.sentence}")
        if said.cause:
            self.stdout.write(f"         Likely cause: {said.cause}")
        if said.cure:
            self.stdout.write(f"         What to change: {said.cure}")


def _from_database(hours: int) -> Evidence:
    try:
        return gather(hours)
    except DatabaseError as error:
        raise CommandError(f"The database cannot be used now: {str(error).strip().splitlines()[0]}") from None


def _silent(_count: int) -> None:
    """Nobody watches how far it is."""

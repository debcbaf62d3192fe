"""`settle`: store the ended calls of the spool now, in this process."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from apresa.node.activation import Superseded
from apresa.node.domain import is_active
from recordings.domain.attempts import forget_attempts
from recordings.domain.claim import any_due, settling, waiting
from recordings.domain.here import here
from recordings.domain.place import Place
from recordings.domain.rendering import renderer
from recordings.domain.settle import settle

BUSY = 5


class Command(BaseCommand):
    help = "Store the ended calls that wait in the spool. A running worker does this by itself."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.epilog = "exit status: 0 all that was due is stored, 1 a call failed, 5 the worker is settling right now"
        parser.add_argument(
            "--again",
            action="store_true",
            help="try failed calls now, also those that were set aside after three deaths",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not is_active():
            raise CommandError("This machine is not the cluster's active node: calls are stored there.")
        try:
            place = here()
            if options["again"]:
                self._forget(place)
            stored, failed = self._settle(place)
        except (OSError, DatabaseError, Superseded) as error:
            raise CommandError(f"The calls stay in the spool: {error}") from None
        self.stdout.write(f"{stored} calls settled, {failed} failed, {len(waiting(place.spool))} left in the spool.")
        if failed:
            sys.exit(1)

    def _forget(self, place: Place) -> None:
        with settling(place.spool) as mine:
            if not mine:
                raise CommandError("The worker is settling right now; try again in a moment.", returncode=BUSY)
            for _, path in waiting(place.spool):
                forget_attempts(path)

    def _settle(self, place: Place) -> tuple[int, int]:
        stored = failed = 0
        with renderer() as render:
            while any_due(place.spool):
                outcome = settle(place, render)
                if outcome.busy:
                    raise CommandError("The worker is settling right now; try again in a moment.", returncode=BUSY)
                stored += outcome.settled
                failed += len(outcome.failed)
                if not outcome.settled and not outcome.failed and not outcome.damaged:
                    break  # what is due belongs to another node
        return stored, failed

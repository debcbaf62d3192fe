"""`move_database`: fill the cluster's database from a lone machine's; a step of the set-up, started by it.

It holds the old database's lock from the first moment, so that nobody writes what would stay behind: says "locked",
waits for a line, moves, says what came of it, and keeps the lock until its set-up ends, or the old service does."""

import json
import os
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apresa.env import second_file
from apresa.moving import MoveError, move

PAUSE = 0.2
TELL_EVERY = 1.0


class Command(BaseCommand):
    help = "Fill this node's PostgreSQL database from an SQLite file (a step of cluster_setup)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        parent = os.getppid()
        lock = sqlite3.connect(options["file"], timeout=30, isolation_level=None)
        try:
            lock.execute("begin immediate")
        except sqlite3.Error as error:
            raise CommandError(f"The database {options['file']} cannot be held: {error}.") from None
        self._say(state="locked")
        if not sys.stdin.readline():
            return
        try:
            call_command("migrate", database="default", verbosity=0, interactive=False)
            moved = move(options["file"], self._tell)
        except MoveError as error:
            raise CommandError(str(error)) from None
        self._say(state="moved", rows=moved.rows, digest=moved.digest)
        while os.getppid() == parent or second_file().exists():
            time.sleep(PAUSE)

    _told = 0.0

    def _tell(self, done: int, whole: int) -> None:
        if time.monotonic() > self._told + TELL_EVERY:
            self._told = time.monotonic()
            self._say(state="moving", done=done, whole=whole)

    def _say(self, **words: Any) -> None:
        self.stdout.write(json.dumps(words))
        self.stdout.flush()

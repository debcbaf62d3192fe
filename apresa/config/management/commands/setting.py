"""`setting`: show the settings that people change while Apresa runs, and change one."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apresa import replicated
from apresa.config import domain as config
from apresa.config import registry
from apresa.config.registry import BadSetting


class Command(BaseCommand):
    help = "Show all settings, show one, or change one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="a setting, such as recording.format")
        parser.add_argument("value", nargs="?", help="its new value; several are separated by commas")
        parser.add_argument("--reset", action="store_true", help="give the setting its default again")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            if options["name"] is None:
                self._show_all()
            elif options["reset"]:
                good = config.reset(options["name"], by="command line")
                self.stdout.write(f"{options['name']} has its default again: {_text(good)}.")
            elif options["value"] is None:
                self.stdout.write(_text(config.get(options["name"])))
            else:
                good = config.set(options["name"], options["value"], by="command line")
                self.stdout.write(f"{options['name']} is now {_text(good)}.")
        except (BadSetting, config.NotHere) as error:
            raise CommandError(str(error)) from None
        if options["name"] and (options["reset"] or options["value"] is not None) and not replicated.is_saved():
            self.stderr.write("It is saved here, not yet on the other node. It follows by itself.")

    def _show_all(self) -> None:
        for entry in registry.entries():
            self.stdout.write(f"{entry.name} = {_text(config.get(entry.name))}  ({entry.scope})")
            self.stdout.write(f"    {entry.help}")


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return value if isinstance(value, str) else json.dumps(value)

"""`migrate`: both databases, the directories, the library's marker. On a secondary: this machine's own only."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate

from apresa import database, layout
from apresa.database import DatabaseState
from apresa.node.domain import claim_library


class Command(DjangoMigrate):
    help = "Bring both databases to this release, and make the directories of the data."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: dict[str, Any]) -> Any:
        return super().get_check_kwargs({**options, "database": options["database"] or "node"})

    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"]:
            super().handle(*args, **options)
            return
        try:
            layout.prepare(settings.APRESA)
        except OSError as error:
            raise CommandError(f"The data directory cannot be used: {error}.") from None
        super().handle(*args, **{**options, "database": "node"})
        state = database.state()
        if state is not DatabaseState.WRITABLE:
            self.stdout.write(
                f"The cluster's database is {state.value}: only this machine's own database was migrated."
            )
            return
        super().handle(*args, **{**options, "database": "default"})
        try:
            claim_library(settings.APRESA.library)
        except OSError as error:
            raise CommandError(str(error)) from None

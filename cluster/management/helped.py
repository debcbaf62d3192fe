"""Every command's --help ends with examples and with what its exit codes mean; docs/cluster.md has the same table."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter

DONE, REFUSED, WRONG = "done, or told", "refused or failed: a sentence says why", "wrong arguments"


class KeepsLines(DjangoHelpFormatter):
    """An indented line stays one, so that it can be copied."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        return "\n".join(one if one.startswith("  ") else fill(one, width, indent) for one in text.splitlines())


class HelpedCommand(BaseCommand):
    """`examples`: what stands behind `manage.py NAME`; `more`: what else must be known."""

    requires_system_checks: tuple[str, ...] = ()  # it must work when nothing else does
    examples: tuple[str, ...] = ()
    exit_codes: Mapping[int, str] = {0: DONE, 1: REFUSED, 2: WRONG}
    more = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        lines = ["Examples:", *(f"  manage.py {subcommand} {words}".rstrip() for words in self.examples)]
        lines += ["Exit codes:", *(f"  {code}  {meaning}" for code, meaning in self.exit_codes.items())]
        epilog = "\n".join([*([self.more] if self.more else []), *lines])
        return super().create_parser(prog_name, subcommand, epilog=epilog, formatter_class=KeepsLines, **kwargs)

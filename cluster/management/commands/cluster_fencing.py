"""`cluster_fencing`: the power switch by which this node cuts the other one off."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from cluster.domain import observing
from cluster.fencing import AGENTS
from cluster.helper import runner_here
from cluster.management.acting import ActCommand
from cluster.preflight import Act
from cluster.queries.fencing import fencing_state
from cluster.queries.state import state

LONGEST = 1024  # bytes of a password's file
ACTS = {name: f"fencing-{name}" for name in ("add", "test", "on", "off", "remove")}


class Command(ActCommand):
    help = "Show, add, ask or remove the power switch by which this node cuts off the other one, or switch fencing."
    examples = (
        "show",
        "add fence_ipmilan --address 192.0.2.30 --user fence",
        "add fence_virsh --address 192.0.2.9 --user fence --plug myrec2 --password-file FILE --yes",
        "test --yes",
        "off --preview",
        "remove",
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("what", choices=("show", *ACTS))
        parser.add_argument("agent", nargs="?", default="", help=f"to add: {', '.join(AGENTS)}")
        parser.add_argument("--address", default="", help="of the switch, the management board or the host")
        parser.add_argument("--user", default="", help="there")
        parser.add_argument("--password-file", default="-", help="a file with the password alone; - is standard input")
        parser.add_argument("--plug", default="", help="the other machine's name at its host, where the agent needs it")

    def act(self, options: dict[str, Any]) -> Act:
        values = {"host": options["address"], **{name: options[name] for name in ("agent", "user", "plug")}}
        if options["what"] == "add":
            return Act(ACTS["add"], **values)
        if any(values.values()):
            raise CommandError(_("Name a switch to add it, and only then."))
        return Act(ACTS[options["what"]])

    def password(self, options: dict[str, Any]) -> str:
        return _password(options["password_file"]) if options["what"] == "add" else ""

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "show":
            self._show()
            return
        super().handle(*args, **options)
        if options["what"] == "add":
            self._show()

    def _show(self) -> None:
        observing.look(self.runner or runner_here())
        found = fencing_state(state())
        if found.on is None:
            raise CommandError(_("This node sees no cluster."))
        for line in found.nodes:
            said = _("its power can be cut") if line.state == "ready" else _("its power cannot be cut")
            self.stdout.write(f"{line.node}: {said}")
        self.stdout.write(_("Fencing is on.") if found.on else _("Fencing is off."))


def _password(place: str) -> str:
    """Raises CommandError."""
    try:
        if place == "-" and sys.stdin.isatty():
            return getpass(_("Password of the switch: "))
        if place == "-":
            return sys.stdin.readline(LONGEST).rstrip("\n")
        with Path(place).open(encoding="utf-8") as file:
            return file.read(LONGEST).rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(_("The password cannot be read: {error}").format(error=error)) from None

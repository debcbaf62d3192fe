"""`cluster_fencing`: the power switch by which this node cuts the other one off."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from cluster import fencing
from cluster.act import ActFailed
from cluster.catalogue.acts import FAILURES
from cluster.domain import acting, observing
from cluster.domain import fencing as domain
from cluster.fencing import AGENTS, Switch
from cluster.findings import fill
from cluster.helper import runner_here
from cluster.management.acting import BY, confirm
from cluster.management.helped import HelpedCommand
from cluster.pacemaker_types import Pacemaker
from cluster.runner import Runner
from cluster.types import ClusterView

LONGEST = 1024  # bytes of a password's file


class Command(HelpedCommand):
    help = "Show, add or remove the power switch by which this node cuts off the other one (fencing)."
    examples = (
        "show",
        "add fence_ipmilan --address 192.0.2.30 --user fence",
        "add fence_virsh --address 192.0.2.9 --user fence --plug myrec2 --password-file FILE --yes",
        "remove",
    )
    requires_system_checks: tuple[str, ...] = ()
    runner: Runner | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("show", "add", "remove"))
        parser.add_argument("agent", nargs="?", default="", help=f"to add: {', '.join(AGENTS)}")
        parser.add_argument("--address", default="", help="of the switch, the management board or the host")
        parser.add_argument("--user", default="", help="there")
        parser.add_argument("--password-file", default="-", help="a file with the password alone; - is standard input")
        parser.add_argument("--plug", default="", help="the other machine's name at its host, where the agent needs it")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        runner = self.runner or runner_here()
        try:
            {"show": self._show, "add": self._add, "remove": self._remove}[options["what"]](runner, options)
        except acting.Refused as error:
            raise CommandError("\n".join((_("This cannot be done now."), str(error)))) from None
        except ActFailed as error:
            raise CommandError(fill(FAILURES[error.reason.code], error.reason.parameters, _)) from None

    def _show(self, runner: Runner, _options: dict[str, Any]) -> None:
        view = observing.look(runner)
        if not isinstance(view, ClusterView) or not isinstance(view.own.pacemaker, Pacemaker):
            raise CommandError(_("This node sees no cluster."))
        for name in sorted(filter(None, (view.own.name, fencing.other(view)))):
            said = _("its power can be cut") if fencing.ready(view, name) else _("its power cannot be cut")
            self.stdout.write(f"{name}: {said}")
        self.stdout.write(_("Fencing is on.") if view.own.pacemaker.fencing else _("Fencing is off."))

    def _add(self, runner: Runner, options: dict[str, Any]) -> None:
        node = fencing.other(observing.look(runner))
        switch = Switch(node, options["agent"], options["address"], options["user"], options["plug"])
        lines = (
            _("This node will be able to cut the power of {node}, and asks its switch first: nothing is switched."),
            _("When both nodes can, fencing is on: a node that is lost is cut off before it is taken over."),
            _("With fencing on and a switch that does not answer, nothing is taken over at all."),
        )
        for line in lines:
            self.stdout.write(line.format(node=node or "?"))
        password = _password(options["password_file"])
        if not options["yes"]:
            confirm()
        on = domain.add(switch, password, runner, by=BY)
        self.stdout.write(_("Fencing is on.") if on else _("Done. Do the same on {node}.").format(node=node))

    def _remove(self, runner: Runner, options: dict[str, Any]) -> None:
        self.stdout.write(_("Fencing is switched off, and this node forgets how to cut the power of the other one."))
        if not options["yes"]:
            confirm()
        domain.remove(runner, by=BY)
        self.stdout.write(_("Done."))


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

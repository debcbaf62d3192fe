"""`cluster_witness`: add or remove the machine that votes beside the two nodes, or show it."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from cluster.domain import observing
from cluster.helper import runner_here
from cluster.management.acting import ActCommand
from cluster.preflight import Act
from cluster.queries.state import state
from cluster.queries.witness import WitnessLine, witness_state

ACTS = {"add": "witness-add", "remove": "witness-remove", "alone": "witness-alone"}


class Command(ActCommand):
    help = "Show, add or remove the witness, a third machine whose vote keeps a cut link from making two primaries."
    examples = ("show", "add witness.example.org", "remove --preview", "alone --yes")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "what",
            choices=("show", *ACTS),
            help="alone: this node goes on by itself where both the witness and the other node are lost",
        )
        parser.add_argument("host", nargs="?", default="", help="to add: the third machine's name or address")

    def act(self, options: dict[str, Any]) -> Act:
        return Act(ACTS[options["what"]], host=options["host"])

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["host"]) != (options["what"] == "add"):
            raise CommandError(_("Name the third machine to add it, and only then."))
        if options["what"] == "show":
            self._show()
        else:
            super().handle(*args, **options)

    def _show(self) -> None:
        observing.look(self.runner or runner_here())
        found = witness_state(state())
        if not found.host:
            self.stdout.write(_("There is no witness."))
            return
        for line in found.nodes:
            self.stdout.write(f"{line.node}: {line.host or '-'}, {_vote(line)} {line.connection}".rstrip())
        if not found.obeyed:
            self.stdout.write(_("The cluster does not obey it: add it once more."))


def _vote(line: WitnessLine) -> str:
    if line.votes is None:
        return _("nobody can tell whether it votes.")
    return _("it votes.") if line.votes else _("it does not vote.")

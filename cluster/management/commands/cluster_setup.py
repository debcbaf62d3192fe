"""`cluster_setup`: make this machine a node of a cluster, follow that, go on after a failure, or give it up."""

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from cluster.domain import setup
from cluster.domain.setup import SetupRefused
from cluster.management.acting import BY, confirm
from cluster.management.following import follow, line
from cluster.management.helped import HelpedCommand
from cluster.pairing.domain import store
from cluster.pairing.store import StoreError
from cluster.queries.setup import SetupState, setup_state
from cluster.queries.setup_review import Review, begun, review_giving_up, review_primary, review_secondary, sentence
from cluster.queries.setup_told import kept_answers, setup_as_data
from cluster.setup import given
from cluster.setup.answers import Answers
from cluster.setup.answers import Role as NodeRole
from cluster.setup.kept import AnswersError
from cluster.setup.validate import Fault


class Command(HelpedCommand):
    help = "Set up this machine as a node of a cluster: `primary ANSWERS`, then `secondary` on the other, paired one."
    examples = ("primary answers.toml", "secondary --yes", "status --json", "again", "give-up")

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        first = acts.add_parser("primary", help="the first machine; it answers for both")
        first.add_argument("answers", help="a TOML file, as docs/nodes.md shows; - is standard input")
        second = acts.add_parser("secondary", help="the second machine; its answers came with the pairing")
        for one in (first, second):
            one.add_argument("--yes", action="store_true", help="do not ask")
        acts.add_parser("again", help="go on after a failure")
        back = acts.add_parser("give-up", help="take a set-up back that failed: this machine works alone again")
        back.add_argument("--yes", action="store_true", help="do not ask")
        status = acts.add_parser("status", help="how far it has come")
        status.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act'].replace('-', '_')}")(options)
        except SetupRefused as error:
            raise CommandError(_told(error.faults)) from None
        except (AnswersError, StoreError) as error:
            raise CommandError(str(error)) from None

    def _primary(self, options: dict[str, Any]) -> None:
        answers = given.read(options["answers"])
        self._ask("primary", answers, options)
        setup.ask_primary(answers, by=BY)
        follow(self.stdout, setup_state)

    def _secondary(self, options: dict[str, Any]) -> None:
        self._ask("secondary", _agreed(), options)
        setup.ask_secondary(by=BY)
        follow(self.stdout, setup_state)

    def _again(self, _options: dict[str, Any]) -> None:
        setup.again(by=BY)
        follow(self.stdout, setup_state)

    def _give_up(self, options: dict[str, Any]) -> None:
        if reason := setup.against_giving_up():
            raise CommandError(sentence(Fault("", reason), _))
        found, answers = setup_state(), kept_answers()
        if answers:
            self._say(review_giving_up(answers, found.role, found, _), options)
        setup.give_up(by=BY)
        follow(self.stdout, setup_state)

    def _status(self, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(setup_as_data(), cls=DjangoJSONEncoder, indent=2))
            return
        found = setup_state()
        self.stdout.write(_headline(found))
        for step in found.steps:
            self.stdout.write(f"  {line(step)}")
        if found.error:
            self.stdout.write(found.error)

    def _ask(self, role: NodeRole, answers: Answers, options: dict[str, Any]) -> None:
        if begun(setup_state()):
            raise CommandError(_("A set-up was begun here already: see cluster_setup status, or go on with again."))
        if faults := setup.faults(role, answers):
            raise CommandError(_told(faults))
        review = review_primary(answers, _) if role == "primary" else review_secondary(answers, _)
        self._say(review, options)

    def _say(self, review: Review, options: dict[str, Any]) -> None:
        for one in review.danger:
            self.stdout.write(f"! {one}")
        for one in review.will:
            self.stdout.write(f"  {one}")
        if not options["yes"]:
            self.stdout.flush()
            sys.stdout.flush()
            confirm()


def _agreed() -> Answers:
    answers = store().answers() if store().peer() else None
    if answers is None:
        raise CommandError(_("This machine has no answers of a primary yet; pair it with the primary first."))
    return answers


def _headline(found: SetupState) -> str:
    if not found.state:
        return _("No set-up was asked for on this machine.")
    if found.gives_up:
        return _("The set-up is given up: %(state)s, %(percent)d %%") % {
            "state": found.state,
            "percent": found.percent,
        }
    role = _("secondary") if found.role == "secondary" else _("primary")
    return _("Set-up as %(role)s: %(state)s, %(percent)d %%") % {
        "role": role,
        "state": found.state,
        "percent": found.percent,
    }


def _told(faults: tuple[Fault, ...]) -> str:
    return "\n".join(f"{fault.where}: {sentence(fault, _)}" if fault.where else sentence(fault, _) for fault in faults)

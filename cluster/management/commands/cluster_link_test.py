"""`cluster_link_test`: what the link between the nodes must carry, and how fast it is."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.utils import Error as DatabaseError
from django.utils.translation import gettext as _

from apresa.jobs.models import State
from cluster.domain import testing_link
from cluster.linktest import DEFAULT_RATE
from cluster.management.acting import BY
from cluster.management.helped import HelpedCommand
from cluster.queries.bandwidth import bandwidth


class Command(HelpedCommand):
    help = "Say what the link between the nodes must carry; with --yes also test for ten seconds how fast it is."
    examples = ("", "--yes --rate 100")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="test it")
        parser.add_argument(
            "--rate", type=int, default=DEFAULT_RATE, help="Mbit/s on the average (default %(default)s)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        self.stdout.write(_estimate())
        if not options["yes"]:
            self.stdout.write(_("Add --yes to test how fast it is."))
            return
        try:
            job = testing_link.ask_test(by=BY, rate=options["rate"])
        except testing_link.Refused as error:
            raise CommandError(_(str(error))) from None
        testing_link.do_next_test()
        job.refresh_from_db()
        if job.state != State.DONE:
            raise CommandError(job.error or _("The worker does the test; its result stands on the page Cluster."))
        self.stdout.write(_("%(mbits)s Mbit/s; a question takes %(round_trip_ms)s ms.") % job.result)


def _estimate() -> str:
    try:
        need = bandwidth()
    except DatabaseError:
        return _("The calls cannot be read now, so nothing can be estimated.")
    words = {"mbits": need.mbits, "calls": need.at_once, "many": need.gigabit_calls}
    return (
        _(
            "At the busiest moment of the last four weeks (calls at once: %(calls)s) the link needed %(mbits)s Mbit/s. "
            "A gigabit link carries %(many)s calls at once."
        )
        % words
    )

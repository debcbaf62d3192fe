"""`cluster_plan`: check the answers for a cluster's set-up, and show what its files would say. Nothing is touched."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from cluster.catalogue.setup import FAULTS
from cluster.findings import fill
from cluster.management.helped import HelpedCommand
from cluster.setup import given, render
from cluster.setup.answers import Plan
from cluster.setup.kept import AnswersError
from cluster.setup.validate import check

FILES = {"corosync.conf": render.corosync, "cluster.crm": render.crm, "pg_hba.conf": render.pg_hba}


class Command(HelpedCommand):
    help = "Check the answers for setting up a cluster of two nodes, and show the files that it would be made from."
    examples = ("answers.toml", "answers.toml --show corosync.conf", "- <answers.toml")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the answers in TOML, as docs/nodes.md shows; - is standard input")
        parser.add_argument("--show", choices=sorted(FILES), help="print this file instead of the summary")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            found = check(given.read(options["file"]))
        except AnswersError as error:
            raise CommandError(str(error)) from None
        if not isinstance(found, Plan):
            said = [f"{fault.where}: {fill(FAULTS[fault.finding.code], fault.finding.parameters)}" for fault in found]
            raise CommandError("\n".join(said))
        site = found.site()
        if options["show"]:
            self.stdout.write(FILES[options["show"]](site), ending="")
            return
        for node in found.nodes:
            links = " and ".join(str(one) for one in (node.address, node.link) if one is not None)
            self.stdout.write(f"{node.name}: begins as {node.role}, {links}")
        self.stdout.write(f"The floating address is {site.floating} on {site.interface}.")
